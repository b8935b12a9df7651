package worker_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Each call is refused for its one handle, so there is no trouble with the API: the events are done and come again for ever.
func TestADrainEndsThoughHandlesAreRefused(t *testing.T) {
	for _, window := range []time.Duration{3 * time.Second, 30 * time.Second} {
		for _, apart := range []time.Duration{0, window / 4} {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{Window: window})
				r.Script(vodtest.Fault{Action: "ConfirmEvents", Code: "InvalidParameterValue"})
				r.upload(1)
				time.AfterFunc(apart, func() { r.upload(1) })
				var runs counter
				sum := r.drain(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }),
					worker.Options{Window: window}, worker.DrainOptions{})
				if took := time.Since(r.begin); took > 5*window+10*time.Second {
					t.Errorf("window %v, events %v apart: took %v", window, apart, took)
				}
				wantEqual(t, "unconfirmed, left, failed, confirmed", [4]int{sum.Unconfirmed, sum.Left, sum.Failed, sum.Confirmed}, [4]int{2, 0, 0, 0})
				for _, n := range runs.all() {
					wantEqual(t, "runs", n, 1)
				}
			})
		}
	}
}

// What is queued comes again while the drain goes on, in time with its polls: whatever these are, they find out that
// nothing new comes.
func TestADrainEndsHoweverItsEventsFail(t *testing.T) {
	for how, fail := range badly() {
		for seed := range uint64(20) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			window := time.Duration(3+rnd.IntN(6)) * time.Second
			n, good := 1+rnd.IntN(60), rnd.IntN(3)
			trip := time.Duration(rnd.IntN(500)) * time.Millisecond
			opts := worker.Options{Window: window, Concurrency: 16 << rnd.IntN(4)}
			var dead cemetery
			if rnd.IntN(2) == 0 {
				opts.DeadLetters = &worker.DeadLetters{Attempts: 2, Write: dead.write}
			}
			settle := rnd.IntN(2) == 0
			t.Run(fmt.Sprintf("%s, %d", how, seed), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					r := newRig(t, vodtest.Config{Window: window, RoundTrip: trip})
					bad := map[string]bool{}
					for i, file := range r.upload(n) {
						bad[file] = good == 0 || i%good == 0
					}
					sum := r.drain(handler(func(ctx context.Context, e events.Event) error {
						time.Sleep(10 * time.Millisecond)
						if bad[e.FileID()] {
							return fail(ctx)
						}
						return nil
					}), opts, worker.DrainOptions{Settle: settle})
					if took := time.Since(r.begin); took > 5*time.Minute {
						t.Errorf("%d events, window %v, answers after %v: took %v: %+v", n, window, trip, took, sum)
					}
					time.Sleep(2 * time.Minute) // until none is stuck
				})
			})
		}
	}
}
