package worker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// What a Keeper takes back it may hand out again at once: without a bound, that would go on as fast as it can.
func TestAKeeperIsNotAskedForWhatCouldOnlyBeLeft(t *testing.T) {
	const probes = 20 * 60 / 5
	for _, concurrency := range []int{1, 4, 64} {
		for _, probeLasts := range []time.Duration{0, 30 * time.Minute} {
			t.Run(fmt.Sprint(concurrency, " at once, a probe lasts ", probeLasts), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					s := newShelf(t, named(300)...)
					s.room = concurrency
					var lasts, runs atomic.Int64
					time.AfterFunc(10*time.Minute, func() { lasts.Store(int64(probeLasts)) })
					w, err := worker.New(s, handler(func(ctx context.Context, _ events.Event) error {
						runs.Add(1)
						select {
						case <-time.After(time.Duration(lasts.Load())):
						case <-ctx.Done():
						}
						return worker.Unreachable(errTest)
					}), &worker.Options{Concurrency: concurrency, Window: time.Hour})
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithCancel(t.Context())
					ended := make(chan error)
					go func() { ended <- w.Run(ctx) }()
					time.Sleep(5 * time.Minute)
					wantEqual(t, "down", len(w.Status().DownNow), 1)
					polls, returns := s.countPulls(), s.countReturns()
					runs.Store(0)
					time.Sleep(20 * time.Minute)
					polls, returns = s.countPulls()-polls, s.countReturns()-returns
					if most := 3 * probes; polls > most { // at each probe, and up to two to bring what is left
						t.Errorf("%d polls while it was down, want at most %d", polls, most)
					}
					if most := probes * (concurrency + worker.MaxBatch); returns > most {
						t.Errorf("%d returns while it was down, want at most %d", returns, most)
					}
					if n := runs.Load(); probeLasts == 0 && n < probes*9/10 || n > probes {
						t.Errorf("%d probes, want one each 5 s, %d", n, probes)
					}
					cancel()
					if err := <-ended; err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

func TestAHandlerOfAKeeperThatIsBackIsBackAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, named(100)...)
		begin := time.Now()
		status := runFor(t, 11*time.Minute+30*time.Second, s, handler(func(context.Context, events.Event) error {
			if time.Since(begin) < 10*time.Minute {
				return errTest
			}
			return nil
		}), hour(worker.Options{}))
		wantEqual(t, "down", len(status.DownNow), 0)
		wantEqual(t, "confirmed", status.Confirmed, 100)
		s.wantEnded("file-0", 1)
	})
}

// Who is down for longer than anybody waits holds nothing back: all that it has kept is written.
func TestALetterIsWrittenOfAllThatAKeeperHasForWhatIsDownTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, named(500)...)
		var dead cemetery
		runFor(t, time.Hour+5*time.Minute, s, handler(fail), hour(worker.Options{
			DeadLetters: &worker.DeadLetters{After: time.Hour, Write: dead.write},
		}))
		wantEqual(t, "letters", len(dead.all()), 500)
		s.wantEnded("file-0", 1)
	})
}

func TestADrainOfAKeeperEnds(t *testing.T) {
	tests := map[string]struct {
		handle func(context.Context, events.Event) error
		n      int
		settle bool
		within time.Duration
		want   worker.Summary
	}{
		"with success":         {handle: succeed, n: 100, within: 11 * time.Second, want: worker.Summary{Confirmed: 100, Handled: 100}},
		"with few that fail":   {handle: fail, n: 3, within: 11 * time.Second, want: worker.Summary{Failed: 3}},
		"with few that settle": {handle: fail, n: 3, settle: true, within: time.Minute, want: worker.Summary{Failed: 3}},
		"with a handler down":  {handle: fail, n: 100, within: 35 * time.Second, want: worker.Summary{Down: []string{"test"}}},
		"with a place out of reach": {handle: func(context.Context, events.Event) error { return worker.Unreachable(errTest) }, n: 100,
			within: 35 * time.Second, want: worker.Summary{Down: []string{"test"}}},
		"with nothing": {handle: succeed, within: 11 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				s := newShelf(t, named(test.n)...)
				w, err := worker.New(s, handler(test.handle), &worker.Options{Window: time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				got, err := w.Drain(t.Context(), worker.DrainOptions{Settle: test.settle, MaxDuration: time.Hour})
				if took := time.Since(began); err != nil || took > test.within {
					t.Errorf("after %v: %v", took, err)
				}
				wantEqual(t, "confirmed", got.Confirmed, test.want.Confirmed)
				wantEqual(t, "down", fmt.Sprint(got.Down), fmt.Sprint(test.want.Down))
				if test.want.Down == nil {
					wantEqual(t, "failed", got.Failed, test.want.Failed)
				}
				s.wantEnded("file-0", test.want.Confirmed/max(test.n, 1))
			})
		})
	}
}
