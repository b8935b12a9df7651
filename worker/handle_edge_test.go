package worker_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A handler that ends its goroutine has not succeeded, and its neighbour goes on in its place.
func TestAHandlerThatExitsFailsAlone(t *testing.T) {
	exit := func(context.Context, events.Event) error { runtime.Goexit(); return nil }
	for _, first := range []bool{true, false} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(3)
			var running, most atomic.Int64
			other := func(ctx context.Context, _ events.Event) error {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				time.Sleep(2 * time.Second)
				return ctx.Err()
			}
			handlers := []worker.Handler{{Name: "gone", Handle: exit}, {Name: "other", Handle: other}}
			if !first {
				handlers[0], handlers[1] = handlers[1], handlers[0]
			}
			r.run(handlers, worker.Options{Concurrency: 1})
			r.sleepUntil(10 * time.Second)
			wantEqual(t, "events at once", most.Load(), 1)
			r.wantStats(0, 3, 0)
			for _, outcomes := range r.outcomes {
				for _, o := range outcomes {
					wantEqual(t, o.Handler+" is ok", o.Kind == worker.OK, o.Handler == "other")
				}
			}
			r.stop()
		})
	}
}

func TestStatusMayBeAskedForInAHook(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		e := vodtest.New(vodtest.Config{})
		for range 3 {
			e.Upload(0, "a.mp4")
		}
		var w *worker.Worker
		asked := 0
		w, err := worker.New(emulated.Queue{Emulator: e}, handler(func(context.Context, events.Event) error {
			time.Sleep(16 * time.Second)
			return nil
		}), &worker.Options{Concurrency: 1, Hooks: worker.Hooks{Left: func(worker.LeftInfo) {
			asked++
			_ = w.Status()
		}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "left", asked, 2)
	})
}

// An event needs the time of the handler that may take longest.
func TestTheLongestTimeoutDecidesHowLateAnEventMayStart(t *testing.T) {
	for _, timeouts := range [][2]time.Duration{{16 * time.Second, 2 * time.Second}, {2 * time.Second, 16 * time.Second}, {2 * time.Second, 0}} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(2)
			slow := func(context.Context, events.Event) error { time.Sleep(15*time.Second + 1); return nil }
			r.run([]worker.Handler{
				{Name: "a", Timeout: timeouts[0], Handle: slow}, {Name: "b", Timeout: timeouts[1], Handle: slow},
			}, worker.Options{Concurrency: 1})
			r.sleepUntil(16 * time.Second)
			wantEqual(t, "left", len(r.lefts()), 1)
			r.stop()
		})
	}
}

func TestAWindowInWhichNothingThatWasHeldCouldStartIsRefused(t *testing.T) {
	for _, opts := range []worker.Options{{Window: 1500 * time.Millisecond}, {Window: 2 * time.Second}, {Margin: 28500 * time.Millisecond}} {
		if _, err := worker.New(&full{}, handler(succeed), &opts); err == nil {
			t.Errorf("%+v is accepted", opts)
		}
	}
	if _, err := worker.New(&full{}, handler(succeed), &worker.Options{Limiter: &worker.Limiter{}}); err == nil {
		t.Error("a Limiter that was not made with NewLimiter is accepted")
	}
}
