package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

const (
	big   = 64 << 10 // bytes of a body
	usual = 8 << 10  // of the largest one that is reckoned with before it has come
)

// large returns a batch of n events of a size.
func large(prefix string, n, size int) worker.Batch {
	b := numbered(prefix, n)
	filler := fmt.Appendf(nil, `,"Filler":%q}`, bytes.Repeat([]byte("x"), size))
	for i, e := range b.Events {
		b.Events[i].Raw = slices.Concat(e.Raw[:len(e.Raw)-1], filler)
	}
	return b
}

func TestBodiesInFlightAreBounded(t *testing.T) {
	tests := map[string]struct {
		size, bound int
		most        int64 // events at once, with those of one answer
		least       int64
	}{
		"many small":        {100, 1024 * big, 1800, 1600},
		"some large":        {big, 64 * big, 64 + 16, 48},
		"an answer fits":    {big, 32 * big, 32 + 16, 16},
		"no answer fits":    {big, 8 * big, 16, 16},
		"not even an event": {big, 1000, 16, 16},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var held, most atomic.Int64
				src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
					time.Sleep(20 * time.Millisecond)
					most.Store(max(most.Load(), held.Add(16)))
					return large(fmt.Sprint(n), 16, test.size), nil
				}, confirm: func(_ context.Context, handles []string) error {
					held.Add(-int64(len(handles)))
					return nil
				}}
				w, err := worker.New(src, handler(func(context.Context, events.Event) error {
					time.Sleep(2 * time.Second)
					return nil
				}), &worker.Options{Concurrency: 1700, MaxBytes: test.bound})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				// Answers of 16 that were asked for before the first large one came are beside the point: there is one.
				if m := most.Load(); m > test.most || m < test.least {
					t.Errorf("%d events at once, want %d to %d", m, test.least, test.most)
				}
				wantEqual(t, "confirmed", w.Status().Confirmed, w.Status().Pulled)
			})
		})
	}
}

// Whatever becomes of events, in the end none of their bodies counts any more.
func TestNoBytesAreLostWhateverBecomesOfEvents(t *testing.T) {
	for _, fault := range []string{"", "InternalError", "InvalidParameterValue"} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(300)
			if fault != "" {
				r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 5, Last: 200, Code: fault})
			}
			var n atomic.Int64
			handlers := handler(func(ctx context.Context, _ events.Event) error {
				switch n.Add(1) % 12 {
				case 0:
					return errTest
				case 1, 2:
					return worker.Permanent(errTest)
				case 3:
					panic("it broke")
				case 4:
					time.Sleep(40 * time.Second) // stuck
				case 5:
					<-ctx.Done()
					return ctx.Err()
				case 6:
					time.Sleep(20 * time.Second)
				}
				return nil
			})
			var writes atomic.Int64
			r.run(handlers, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 2, Write: func(context.Context, worker.DeadLetter) error {
				switch writes.Add(1) % 5 {
				case 0:
					return errTest
				case 1:
					time.Sleep(35 * time.Second)
				}
				return nil
			}}})
			r.sleepUntil(time.Second)
			if r.worker.Status().Bytes == 0 {
				t.Error("nothing is counted")
			}
			r.sleepUntil(3 * time.Hour)
			if s := r.worker.Status(); s.Bytes != 0 || s.Confirming+s.Writing+s.Handling != 0 {
				t.Errorf("after %q: %+v", fault, s)
			}
			r.wantStats(0, 0, 300)
			r.stop()
		})
	}
}

// What only handlers hold that do not return is not to be had back: with all of it so held nothing is pulled.
func TestAWorkerWhoseBytesAreStuckIsBlocked(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n <= 2 {
				b := large(fmt.Sprint(n), 4, big)
				b.Leased = time.Now()
				return b, nil
			}
			return nothing()
		}}
		release := make(chan struct{})
		w, err := worker.New(src, handler(func(context.Context, events.Event) error { <-release; return nil }),
			&worker.Options{MaxBytes: 6 * big})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		time.AfterFunc(29*time.Second, func() { wantEqual(t, "polls while nothing is stuck", src.pulls.Load(), 1) })
		time.AfterFunc(31*time.Second, func() { wantEqual(t, "blocked by less than all", w.Status().Blocked, false) })
		time.AfterFunc(90*time.Second, func() {
			wantEqual(t, "blocked, polls", fmt.Sprint(w.Status().Blocked, src.pulls.Load()), "true 2")
			close(release)
		})
		time.AfterFunc(91*time.Second, func() {
			wantEqual(t, "blocked, bytes", fmt.Sprint(w.Status().Blocked, w.Status().Bytes), "false 0")
		})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if src.pulls.Load() < 10 {
			t.Error("it does not pull again")
		}
	})
}

// Events that wait for a handler which is down would keep those from being pulled that do not need it.
func TestEventsOfADownHandlerMakeRoomForBytes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			time.Sleep(100 * time.Millisecond)
			b := large(fmt.Sprint(n), 16, usual)
			if n > 1 {
				b.Events = b.Events[:8]
			}
			for i := range b.Events {
				if n > 1 && i%2 == 0 {
					b.Events[i].Type = events.FileDeleted
				}
			}
			return b, nil
		}}
		var others atomic.Int64
		handlers := []worker.Handler{
			{Name: "down", Types: []string{"NewFileUpload"}, Retry: worker.Retry{Tries: 1},
				Handle: func(context.Context, events.Event) error { return errTest }},
			{Name: "up", Types: []string{"FileDeleted"}, Handle: func(context.Context, events.Event) error { others.Add(1); return nil }},
		}
		runFor(t, 20*time.Second, src, handlers, worker.Options{MaxBytes: 32 * usual})
		if n := others.Load(); n < 500 {
			t.Errorf("%d events were handled of a handler that is up", n)
		}
	})
}
