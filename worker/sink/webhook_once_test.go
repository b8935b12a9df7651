package sink_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/vodworker/vodworker/worker/sink"
)

// warm makes n connections that lie idle then: so many posts are there at once, and all are answered.
func warm(t *testing.T, hook *sink.Webhook, n int, arrived *sync.WaitGroup) {
	t.Helper()
	arrived.Add(n)
	var posts sync.WaitGroup
	for range n {
		posts.Go(func() {
			if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil {
				t.Error(err)
			}
		})
	}
	posts.Wait()
}

// An event that kills whoever handles it kills one process of the receiver, not one for each connection.
func TestWebhookPostsOnceATryHoweverManyConnectionsAreIdle(t *testing.T) {
	const idle = 40
	for name, end := range map[string]func(conn net.Conn){
		"closed": func(conn net.Conn) { conn.Close() },
		"reset":  func(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0); conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			var arrived sync.WaitGroup
			var killing atomic.Bool
			var posts atomic.Int64
			server, conns := countConns(t, func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				if !killing.Load() {
					arrived.Done()
					arrived.Wait()
					return
				}
				posts.Add(1)
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				end(conn)
			})
			hook := newWebhook(t, sink.WebhookOptions{URL: server.URL})
			warm(t, hook, idle, &arrived)
			killing.Store(true)
			for try := range int64(3) {
				if err := hook.Handle(t.Context(), event(uploadJSON)); !ordinary(err) {
					t.Errorf("got %v, want an error that says nothing of whose fault it is", err)
				}
				if got := posts.Load(); got != try+1 {
					t.Fatalf("%d posts after %d tries", got, try+1)
				}
			}
			if got := conns.Load(); got != idle {
				t.Errorf("%d connections, want the %d that were idle", got, idle)
			}
		})
	}
}

// A stillborn connection fails at the first byte that is written to it once it is dead.
type stillborn struct {
	net.Conn
	dead *atomic.Bool
}

func (c stillborn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// What was never written was never read: net/http posts it on the next connection by itself.
func TestWebhookPostsOnAnotherConnectionWhatCouldNotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const idle = 3
		var arrived sync.WaitGroup
		var posts atomic.Int64
		hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
		server := inMemory(hook, func(http.ResponseWriter, *http.Request) {
			posts.Add(1)
			arrived.Done()
			arrived.Wait()
		})
		defer server.Close()
		dial, dead := hook.Dial(), new(atomic.Bool)
		hook.DialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if !dead.Load() && err == nil {
				conn = stillborn{conn, dead}
			}
			return conn, err
		})
		warm(t, hook, idle, &arrived)
		dead.Store(true)
		arrived.Add(1)
		if err := hook.Handle(t.Context(), event(uploadJSON)); err != nil || posts.Load() != idle+1 {
			t.Errorf("%d posts, %v, want one more than %d", posts.Load(), err, idle)
		}
	})
}
