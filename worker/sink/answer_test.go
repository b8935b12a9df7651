package sink_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// Only 2xx is success. Of the others few say whose fault it is: a 401 comes while a key is replaced, a 404 while a route is
// not there yet, a 500 for an event that kills the receiver and for all events of an outage.
func TestWebhookTellsAnswersAboutTheEventFromThoseOfThePlace(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.WriteHeader(status)
		if status >= 400 {
			io.WriteString(w, "not\r\n\tnow\x1b[2J\xff")
		}
	})
	for verdict, statuses := range map[string][]int{
		"success":     {200, 201, 202, 203, 204, 206, 226, 299},
		"permanent":   {400, 413, 415, 422},
		"unreachable": {300, 301, 302, 303, 304, 307, 308, 399, 407, 429},
		"ordinary": {
			401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 421, 423, 425, 426, 428, 431, 451, 499,
			500, 501, 502, 503, 504, 505, 507, 511, 599, 600, 999,
		},
	} {
		for _, status := range statuses {
			code := strconv.Itoa(status)
			err := newWebhook(t, sink.WebhookOptions{URL: server.URL + "/" + code}).Handle(t.Context(), event(uploadJSON))
			got := map[bool]string{
				err == nil: "success", worker.IsPermanent(err): "permanent",
				worker.IsUnreachable(err): "unreachable", ordinary(err): "ordinary",
			}[true]
			if got != verdict {
				t.Errorf("%d is %s, want %s: %v", status, got, verdict, err)
			}
			if err != nil && !strings.Contains(err.Error(), server.URL+"/…: answered "+code+" "+http.StatusText(status)) {
				t.Errorf("%d is not told: %v", status, err)
			}
			if status >= 400 && !strings.HasSuffix(err.Error(), ": not now [2J\uFFFD") {
				t.Errorf("%d: the answer is not told, or not cleaned: %q", status, err)
			}
		}
	}
}

func TestWebhookDoesNotFollowRedirects(t *testing.T) {
	final, posts := receive(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, final.URL+"/new?token=hidden", status)
		})
		err := newWebhook(t, sink.WebhookOptions{URL: server.URL + "/old"}).Handle(t.Context(), event(uploadJSON))
		want := "post to " + server.URL + "/…: answered " + strconv.Itoa(status) + " " + http.StatusText(status) +
			", to " + final.URL + "/…: redirects are not followed, configure the final URL"
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	if len(posts) != 0 {
		t.Errorf("%d posts arrived behind a redirect", len(posts))
	}
}

func TestWebhookObeysRetryAfter(t *testing.T) {
	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			status int
			header string
			want   time.Duration // 0: none
		}{
			{429, "7", 7 * time.Second},
			{503, "120", 2 * time.Minute},
			{500, "1", time.Second},
			{408, "1", time.Second},
			{302, "1", time.Second},
			{503, date(90 * time.Second), 90 * time.Second},
			{429, date(time.Second), time.Second},
			{503, date(-time.Minute), 0},
			{503, date(400 * 24 * time.Hour), 24 * time.Hour},
			{503, "86401", 24 * time.Hour},
			{503, "99999999999999999999999", 24 * time.Hour},
			{503, "18446744073709551615", 24 * time.Hour},
			{503, "0", 0},
			{503, "", 0},
			{503, "-5", 0},
			{503, "1.5", 0},
			{503, "soon", 0},
			{503, "7 s", 0},
			{503, "Sat, 99 Foo 2000 00:00:00 GMT", 0},
		} {
			hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
			server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", test.header)
				w.WriteHeader(test.status)
			})
			err := hook.Handle(t.Context(), event(uploadJSON))
			switch {
			case test.want == 0 && !ordinary(err), test.want > 0 && !asks(err, test.want):
				t.Errorf("%d with %q: got %#v, want a pause of %v", test.status, test.header, err, test.want)
			case worker.IsUnreachable(err) != (test.status == 429 || test.status == 302):
				t.Errorf("%d with %q: unreachable: %v", test.status, test.header, worker.IsUnreachable(err))
			}
			server.Close()
		}
	})
}

func TestWebhookDoesNotTryPermanentFailuresAfterAPause(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(400)
	})
	err := newWebhook(t, sink.WebhookOptions{URL: server.URL}).Handle(t.Context(), event(uploadJSON))
	if _, asked := worker.AskedPause(err); asked || !worker.IsPermanent(err) {
		t.Errorf("got %#v, want a permanent error", err)
	}
}

func TestWebhookEndsWithItsContext(t *testing.T) {
	leaseEnded := errors.New("the lease has ended")
	for _, test := range []struct {
		name    string
		context func(context.Context) (context.Context, context.CancelFunc)
		want    error
		text    string
	}{
		{
			"deadline",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 25*time.Second)
			},
			context.DeadlineExceeded, "post to http://bubble/…: no answer: context deadline exceeded",
		},
		{
			"deadline with a cause",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(ctx, 25*time.Second, leaseEnded)
			},
			context.DeadlineExceeded, "post to http://bubble/…: no answer: the lease has ended: context deadline exceeded",
		},
		{
			"cancel",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(25*time.Second, cancel)
				return ctx, cancel
			},
			context.Canceled, "post to http://bubble/…: no answer: context canceled",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble/x"})
				server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
				defer server.Close()
				start := time.Now()
				ctx, cancel := test.context(t.Context())
				defer cancel()
				err := hook.Handle(ctx, event(uploadJSON))
				if !errors.Is(err, test.want) || err.Error() != test.text || !ordinary(err) {
					t.Errorf("got %v, want %s", err, test.text)
				}
				if took := time.Since(start); took != 25*time.Second {
					t.Errorf("took %v, want 25s", took)
				}
			})
		})
	}
}

// The end of a limit of its own is not the end of the caller's time.
func TestWebhookGivesUpOnAHostThatStaysSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hook := newWebhook(t, sink.WebhookOptions{URL: "https://bubble/x"})
		hook.DialWith(func(context.Context, string, string) (net.Conn, error) {
			client, _ := net.Pipe()
			return client, nil
		})
		start := time.Now()
		err := hook.Handle(t.Context(), event(uploadJSON))
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v, want 5s", took)
		}
		want := "post to https://bubble/…: no answer: net/http: TLS handshake timeout"
		if err == nil || err.Error() != want || errors.Is(err, context.DeadlineExceeded) || !worker.IsUnreachable(err) {
			t.Errorf("got %v, want %s, unreachable", err, want)
		}
	})
}
