package sink_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// untrusted runs a server with TLS whose certificate nobody knows.
func untrusted(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// proxy runs a proxy that answers each CONNECT with this status.
func proxy(t *testing.T, status int) func(*sink.Webhook) {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy got a %s", r.Method)
		}
		w.WriteHeader(status)
	})
	return func(hook *sink.Webhook) {
		hook.ProxyWith(func(*http.Request) (*url.URL, error) { return url.Parse(server.URL) })
	}
}

func dials(err error) func(*sink.Webhook) {
	return func(hook *sink.Webhook) {
		hook.DialWith(func(context.Context, string, string) (net.Conn, error) { return nil, err })
	}
}

// A post that never left was no event's fault, whatever was in its way.
func TestWebhookWithoutAConnectionIsUnreachable(t *testing.T) {
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for name, test := range map[string]struct {
		url   string
		spoil func(*sink.Webhook)
		want  string
	}{
		"nobody listens":          {"http://" + nobody, nil, "connection refused"},
		"no such host":            {"http://x.invalid", dials(&net.DNSError{Err: "no such host", Name: "x.invalid"}), "no such host"},
		"no route":                {"http://x.invalid", dials(syscall.EHOSTUNREACH), "no route to host"},
		"a dial that takes long":  {"http://x.invalid", dials(os.ErrDeadlineExceeded), "i/o timeout"},
		"no more open files":      {"http://x.invalid", dials(syscall.EMFILE), "too many open files"},
		"an unknown certificate":  {untrusted(t).URL, nil, "certificate"},
		"no TLS":                  {strings.Replace(plain.URL, "http", "https", 1), nil, "HTTP response to HTTPS client"},
		"a proxy that refuses":    {"https://x.invalid", proxy(t, 403), "Forbidden"},
		"a proxy that wants more": {"https://x.invalid", proxy(t, 407), "Proxy Authentication Required"},
		"a proxy that is no URL": {"https://x.invalid", func(hook *sink.Webhook) {
			hook.ProxyWith(func(*http.Request) (*url.URL, error) { return nil, errors.New("no host") })
		}, "no host"},
	} {
		hook := newWebhook(t, sink.WebhookOptions{URL: test.url})
		if test.spoil != nil {
			test.spoil(hook)
		}
		err := hook.Handle(t.Context(), event(uploadJSON))
		if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s, unreachable", name, err, test.want)
		}
	}
}

// A handler's timeout may be over before that of the dial: nothing was handed over all the same.
func TestWebhookThatIsStillConnectingAtTheEndIsUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
		hook.DialWith(func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := hook.Handle(ctx, event(uploadJSON))
		if !worker.IsUnreachable(err) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the time, unreachable", err)
		}
		if err := hook.Handle(ctx, event(uploadJSON)); worker.IsUnreachable(err) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v: there was no time to see whether it is reachable", err)
		}
	})
}

// The receiver may have read what it does not answer.
func TestWebhookWithoutAnAnswerIsNotUnreachable(t *testing.T) {
	for name, answers := range map[string]string{"nothing": "", "nonsense": "hello\r\n\r\n", "half an answer": "HTTP/1.1 200 O"} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, answers)
			conn.Close()
		})
		err := newWebhook(t, sink.WebhookOptions{URL: server.URL}).Handle(t.Context(), event(uploadJSON))
		if !ordinary(err) || !strings.Contains(err.Error(), "no answer") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The receiver ends while a connection lies idle: what can't be written to that one does not reach a new one either.
func TestWebhookWhoseIdleConnectionIsDeadIsUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var arrived sync.WaitGroup
		var dead atomic.Bool
		hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
		server := inMemory(hook, func(http.ResponseWriter, *http.Request) { arrived.Done() })
		defer server.Close()
		dial := hook.Dial()
		hook.DialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dead.Load() {
				return nil, syscall.ECONNREFUSED
			}
			conn, err := dial(ctx, network, addr)
			return stillborn{conn, &dead}, err
		})
		warm(t, hook, 1, &arrived)
		dead.Store(true)
		if err := hook.Handle(t.Context(), event(uploadJSON)); !worker.IsUnreachable(err) {
			t.Errorf("got %v, want unreachable", err)
		}
	})
}
