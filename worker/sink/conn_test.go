package sink_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/sink"
)

// countConns runs a server that counts the connections made to it.
func countConns(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	server, conns := httptest.NewUnstartedServer(handler), new(atomic.Int64)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, conns
}

func TestWebhookReusesConnections(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   []byte
	}{
		"no body": {200, nil}, "body": {200, bytes.Repeat([]byte("x"), 60<<10)}, "failure": {503, []byte("down")},
		"permanent failure": {400, []byte("no")}, "redirect": {302, []byte("there")},
	} {
		t.Run(name, func(t *testing.T) {
			server, conns := countConns(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(answer.status)
				w.Write(answer.body)
			})
			hook := newWebhook(t, sink.WebhookOptions{URL: server.URL})
			for range 100 {
				hook.Handle(t.Context(), event(uploadJSON))
			}
			if got := conns.Load(); got != 1 {
				t.Errorf("%d connections for 100 posts one after another, want 1", got)
			}
		})
	}
}

func TestWebhookKeepsIdleConnections(t *testing.T) {
	const atOnce = 64
	for name, test := range map[string]struct{ maxIdle, want int64 }{
		"for the default concurrency": {0, atOnce},
		"no more than configured":     {8, atOnce + atOnce - 8},
	} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup // waits until so many posts are there at once
			server, conns := countConns(t, func(w http.ResponseWriter, r *http.Request) {
				all.Done()
				all.Wait()
				io.WriteString(w, "thanks")
			})
			hook := newWebhook(t, sink.WebhookOptions{URL: server.URL, MaxIdle: int(test.maxIdle)})
			for range 2 {
				all.Add(atOnce)
				var posts sync.WaitGroup
				for range atOnce {
					posts.Go(func() {
						if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
							t.Error(err)
						}
					})
				}
				posts.Wait()
			}
			if got := conns.Load(); got != test.want {
				t.Errorf("%d connections for two times %d posts at once, want %d", got, atOnce, test.want)
			}
		})
	}
}

func TestWebhookReadsAnswersWithinBounds(t *testing.T) {
	for _, status := range []int{200, 500} {
		synctest.Test(t, func(t *testing.T) {
			hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
			sent := make(chan int, 1)
			server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(status)
				total := 0
				for chunk := []byte(strings.Repeat("é", 512)); ; {
					n, err := w.Write(chunk)
					if total += n; err != nil {
						sent <- total
						return
					}
				}
			})
			defer server.Close()
			start := time.Now()
			err := hook.Handle(t.Context(), event(uploadJSON))
			if took := time.Since(start); took != 0 {
				t.Errorf("took %v", took)
			}
			if total := <-sent; total > 100<<10 {
				t.Errorf("took %d bytes of an endless answer", total)
			}
			want := "post to http://bubble: answered 500 Internal Server Error: " + strings.Repeat("é", 100) + "…"
			if status == 200 && err != nil || status == 500 && (err == nil || err.Error() != want) {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

func TestWebhookDoesNotWaitForTheEndOfASlowAnswer(t *testing.T) {
	for _, status := range []int{101, 200, 500} {
		synctest.Test(t, func(t *testing.T) {
			hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
			server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
				if status == 101 {
					w.Header().Set("Connection", "Upgrade")
					w.Header().Set("Upgrade", "other")
				}
				w.WriteHeader(status)
				io.WriteString(w, "part")
				http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
			defer server.Close()
			start := time.Now()
			err := hook.Handle(t.Context(), event(uploadJSON))
			if took := time.Since(start); status != 101 && took != time.Second || took > time.Second {
				t.Errorf("%d took %v, want 1s", status, took)
			}
			if status == 200 && err != nil {
				t.Errorf("the event had arrived, but got %v", err)
			}
			if want := "post to http://bubble: answered 500 Internal Server Error: part"; status == 500 && (err == nil || err.Error() != want) {
				t.Errorf("got %v, want %s", err, want)
			}
			if status == 101 && !ordinary(err) {
				t.Errorf("got %v for 101, want an ordinary error", err)
			}
		})
	}
}
