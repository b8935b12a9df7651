package worker_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestAPoisonEventDoesNotSlowTheOthers(t *testing.T) {
	clean, letters := p99(t, -1)
	wantEqual(t, "letters without a poison event", letters, 0)
	poisoned, letters := p99(t, 3000)
	wantEqual(t, "letters with one", letters, 1)
	t.Logf("p99 from upload to confirm: %v without, %v with a poison event", clean, poisoned)
	if poisoned > clean*11/10 {
		t.Errorf("p99 is %v with a poison event, %v without", poisoned, clean)
	}
}

// p99 runs 6,000 events of which one is poison, 200 a second, and returns how long 99 of 100 took to be confirmed.
func p99(t *testing.T, poison int) (latency time.Duration, letters int) {
	t.Helper()
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		var mu sync.Mutex
		var took []time.Duration
		sent := map[string]time.Time{}
		var bad string
		var dead cemetery
		opts := worker.Options{
			DeadLetters: &worker.DeadLetters{Attempts: 5, Write: dead.write},
			Hooks: worker.Hooks{Confirmed: func(info worker.ConfirmInfo) {
				mu.Lock()
				defer mu.Unlock()
				for _, e := range info.Events {
					if e.FileID() != bad {
						took = append(took, time.Since(sent[e.FileID()]))
					}
				}
			}},
		}
		r.run(handler(func(_ context.Context, e events.Event) error {
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if e.FileID() == bad {
				return errTest
			}
			return nil
		}), opts)
		tick := time.NewTicker(5 * time.Millisecond)
		for i := range 6000 {
			<-tick.C
			mu.Lock()
			file := r.Upload(0, fmt.Sprint(i))
			sent[file] = time.Now()
			if i == poison {
				bad = file
			}
			mu.Unlock()
		}
		tick.Stop()
		end := r.flow(30 * time.Second)
		r.sleepUntil(15*time.Minute + 10*time.Second)
		end()
		r.wantStats(0, 0, r.Stats(0).Sent)
		r.stop()
		slices.Sort(took)
		latency, letters = took[len(took)*99/100], len(dead.all())
	})
	return latency, letters
}
