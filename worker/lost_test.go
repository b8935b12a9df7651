package worker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Each lease that was lost is told once, by what held it up; one that is confirmed in time, and one whose handler failed, are not.
func TestAHookTellsOfEachLeaseThatWasLost(t *testing.T) {
	for name, test := range map[string]struct {
		events int
		handle func(ctx context.Context) error
		faults []vodtest.Fault
		want   map[worker.Stage]int
	}{
		"all is well":       {3, func(context.Context) error { return nil }, nil, map[worker.Stage]int{}},
		"it fails":          {1, func(context.Context) error { return errTest }, nil, map[worker.Stage]int{}},
		"it takes too long": {1, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, nil, map[worker.Stage]int{}},
		"there is no place": {2, func(context.Context) error { time.Sleep(16 * time.Second); return nil }, nil,
			map[worker.Stage]int{worker.StageWaiting: 1}},
		"it does not return": {1, func(context.Context) error { time.Sleep(35 * time.Second); return nil }, nil,
			map[worker.Stage]int{worker.StageHandling: 1}},
		"no confirm succeeds": {2, func(context.Context) error { return nil },
			[]vodtest.Fault{{Action: "ConfirmEvents", Code: "InternalError"}}, map[worker.Stage]int{worker.StageConfirming: 2}},
		"a handle is refused": {1, func(context.Context) error { return nil },
			[]vodtest.Fault{{Action: "ConfirmEvents", Code: "InvalidParameter"}}, map[worker.Stage]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				r.Script(test.faults...)
				r.upload(test.events)
				got := map[worker.Stage]int{}
				r.run(handler(func(ctx context.Context, _ events.Event) error { return test.handle(ctx) }), worker.Options{
					Concurrency: 1, StopGrace: time.Minute,
					Hooks: worker.Hooks{LeaseLost: func(info worker.LeaseInfo) {
						r.mu.Lock()
						defer r.mu.Unlock()
						got[info.Stage]++
					}},
				})
				r.sleepUntil(40 * time.Second)
				r.mu.Lock()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				r.mu.Unlock()
				r.stop()
			})
		})
	}
}

// A letter that is written after the lease waits for a confirm that is not made any more: that is no second loss.
func TestALeaseThatALetterOutlivesIsLostOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var lost []worker.Stage
		r.run([]worker.Handler{{Name: "deleted", Handle: succeed, Types: []string{"FileDeleted"}}}, worker.Options{
			Unmatched:   worker.UnmatchedDeadLetter,
			DeadLetters: &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error { time.Sleep(35 * time.Second); return nil }},
			Hooks:       worker.Hooks{LeaseLost: func(info worker.LeaseInfo) { lost = append(lost, info.Stage) }},
		})
		r.sleepUntil(40 * time.Second)
		r.stop()
		if diff := cmp.Diff([]worker.Stage{worker.StageHandling}, lost); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestTheStatusTellsWhichEventFailsForLongest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		mended := map[string]bool{} // by file
		first := r.Upload(0, "a.mp4")
		r.run(handler(func(_ context.Context, e events.Event) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if mended[e.FileID()] {
				return nil
			}
			return errTest
		}), worker.Options{})
		oldest := func() time.Duration {
			if at := r.worker.Status().OldestFailing; !at.IsZero() {
				return at.Sub(r.begin)
			}
			return -1
		}
		mend := func(file string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			mended[file] = true
		}
		r.sleepUntil(10 * time.Second)
		second := r.Upload(0, "b.mp4")
		r.sleepUntil(20 * time.Second)
		wantEqual(t, "with two", oldest(), 0)
		mend(first)
		r.sleepUntil(5 * time.Minute)
		wantEqual(t, "with the second one", oldest(), 10*time.Second)
		mend(second)
		r.sleepUntil(time.Hour)
		wantEqual(t, "with none", oldest(), -1)
		r.stop()
	})
}

// What is counted once for each delivery has one of its handlers to count by.
func TestHooksNumberTheHandlersOfADelivery(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var got []string
		handlers := []worker.Handler{{Name: "a", Handle: succeed}, {Name: "b", Handle: succeed}}
		w, err := worker.New(&source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n == 1 {
				return batch("f"), nil
			}
			return nothing()
		}}, handlers, &worker.Options{Hooks: worker.Hooks{
			Handled: func(info worker.HandleInfo) { got = append(got, fmt.Sprint(info.Outcome.Handler, info.Nth)) },
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Drain(t.Context(), worker.DrainOptions{}); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"a0", "b1"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// A confirm that waits for its turn says for how long, as a pull does, and the Limiter what it admits.
func TestHooksTellHowLongACallWaitedForItsTurn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		limiter, begin := newLimiter(t, 0.5), time.Now()
		var mu sync.Mutex // several calls are out at once
		var pulled, confirmed []time.Duration
		runFor(t, 20*time.Second, &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n > 2 {
				return nothing()
			}
			return numbered(fmt.Sprint(n), worker.MaxBatch), nil
		}}, handler(func(context.Context, events.Event) error {
			time.Sleep(time.Until(begin.Add(2 * time.Second))) // so that both batches are ready at once
			return nil
		}), worker.Options{Limiter: limiter, Hooks: worker.Hooks{
			Pulled: func(info worker.PullInfo) {
				mu.Lock()
				defer mu.Unlock()
				pulled = append(pulled, info.Waited)
			},
			Confirmed: func(info worker.ConfirmInfo) {
				mu.Lock()
				defer mu.Unlock()
				confirmed = append(confirmed, info.Waited)
			},
		}})
		if len(confirmed) != 2 || pulled[1] != 2*time.Second || max(confirmed[0], confirmed[1]) != 2*time.Second {
			t.Errorf("pulls waited %v, confirms %v", pulled, confirmed)
		}
		pull, confirm := limiter.PerSecond()
		wantEqual(t, "pulls a second", pull, 0.5)
		wantEqual(t, "confirms a second", confirm, 0.5)
	})
}
