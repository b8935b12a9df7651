package sink_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	refusedEvents = 2000
	refusedPlaces = 64                     // events at once, as by default
	refusedAnswer = 200 * time.Millisecond // the receiver's time for one
)

// deliver has so many events handled, each in one delivery of three tries, by a receiver that refuses every n-th connection
// and ends each after its answer. It returns how long that took.
func deliver(t *testing.T, refuse int64) (took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		var dials, begun, posts, handled atomic.Int64
		hook := newWebhook(t, sink.WebhookOptions{URL: "http://bubble"})
		server := inMemory(hook, func(w http.ResponseWriter, r *http.Request) {
			posts.Add(1)
			w.Header().Set("Connection", "close")
			time.Sleep(refusedAnswer)
		})
		defer server.Close()
		dial := hook.Dial()
		hook.DialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
			if refuse > 0 && dials.Add(1)%refuse == 0 {
				return nil, syscall.ECONNREFUSED
			}
			return dial(ctx, network, addr)
		})
		router, err := worker.NewRouter([]worker.Handler{{Name: "backend", Handle: hook.Handle}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var all sync.WaitGroup
		for range refusedPlaces {
			all.Go(func() {
				for begun.Add(1) <= refusedEvents {
					switch o := router.Run(t.Context(), event(uploadJSON), []string{"backend"})[0]; o.Kind {
					case worker.OK:
						handled.Add(1)
					case worker.Unreached:
					default:
						t.Errorf("%v: %v", o.Kind, o.Err)
					}
				}
			})
		}
		all.Wait()
		took = time.Since(began)
		if posts.Load() != handled.Load() {
			t.Errorf("%d posts for the %d events that were handled", posts.Load(), handled.Load())
		}
		if lost := refusedEvents - handled.Load(); lost > refusedEvents/100 {
			t.Errorf("%d events were not handled in their first delivery", lost)
		}
	})
	return took
}

// Each post needs a connection of its own, which is the worst case. One that is refused costs its event a pause of 100 ms, on
// average; so the share depends on what a post takes.
func TestWebhookThatIsRefusedOneConnectionInTenCostsLittle(t *testing.T) {
	all, nine := deliver(t, 0), deliver(t, 10)
	if nine > all*115/100 {
		t.Errorf("%v, but %v where one connection in ten is refused: more than 15 %% longer", all, nine)
	}
}
