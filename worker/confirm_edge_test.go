package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestPollingPausesAfterFiveFailedConfirmsInARow(t *testing.T) {
	tests := map[string]struct {
		answers string // a letter for each call: f fails, r refused, o ok; further ones hang
		pulls   bool   // polling goes on after them
	}{
		"four":                   {"ffff", true},
		"five":                   {"fffff", false},
		"refused is no failure":  {"ffrff", true},
		"refused does not reset": {"fffrff", false},
		"success resets":         {"fffoff", true},
		"many refused":           {"rrrrrrrr", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				begin := time.Now()
				var mu sync.Mutex
				calls, late := 0, 0
				src := &source{
					pull: func(_ context.Context, n int) (worker.Batch, error) {
						if at := time.Since(begin); at > 3*time.Second && at < 4900*time.Millisecond {
							late++
						}
						if n == 1 {
							return numbered("e", len(test.answers)+1), nil
						}
						time.Sleep(time.Second)
						return worker.Batch{}, nil
					},
					confirm: func(ctx context.Context, _ []string) error {
						mu.Lock()
						calls++
						call := calls
						mu.Unlock()
						if call > len(test.answers) {
							<-ctx.Done()
							return ctx.Err()
						}
						return map[byte]error{'f': errTest, 'r': worker.ErrRefused, 'o': nil}[test.answers[call-1]]
					},
				}
				runFor(t, 6*time.Second, src, handler(func(_ context.Context, e events.Event) error {
					var n time.Duration
					if _, err := fmt.Sscanf(e.Handle, "e-%d", &n); err != nil {
						return err
					}
					time.Sleep(n * 250 * time.Millisecond)
					return nil
				}), worker.Options{Linger: time.Nanosecond})
				if (late > 0) != test.pulls {
					t.Errorf("%d polls after %s", late, test.answers)
				}
			})
		})
	}
}

// Two events of one batch, of which one's lease ends before the other's.
func TestExpiredHandlesAreDroppedFromABatch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		var sent []string
		src := &source{
			pull: func(_ context.Context, n int) (worker.Batch, error) {
				switch n {
				case 1:
					return batch("old"), nil
				case 2:
					time.Sleep(10 * time.Second)
					b := batch("new")
					b.Leased = time.Now()
					return b, nil
				}
				return nothing()
			},
			confirm: func(ctx context.Context, handles []string) error {
				sent = append(sent, strings.Join(slices.Sorted(slices.Values(handles)), "+"))
				if deadline, _ := ctx.Deadline(); deadline.Sub(begin) > 40*time.Second+10*time.Millisecond {
					t.Errorf("a call may last until %v", deadline.Sub(begin))
				}
				if time.Since(begin) < 30*time.Second {
					return errTest
				}
				return nil
			},
		}
		status := runFor(t, 50*time.Second, src, handler(func(context.Context, events.Event) error {
			time.Sleep(time.Until(begin.Add(24 * time.Second)))
			return nil
		}), worker.Options{})
		wantEqual(t, "first call", sent[0], "new+old")
		wantEqual(t, "last call", sent[len(sent)-1], "new")
		wantEqual(t, "confirmed, unconfirmed", fmt.Sprint(status.Confirmed, status.Unconfirmed), "1 1")
	})
}

// The limiter has a call wait until a lease of its batch is over.
func TestAHandleIsNotSentAfterItsLeaseThoughItWaitedForTheLimiter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		src := &source{
			pull: func(_ context.Context, n int) (worker.Batch, error) {
				switch n {
				case 1:
					return batch("old", "first"), nil
				case 2:
					return batch("new"), nil
				}
				return nothing()
			},
			confirm: func(_ context.Context, handles []string) error {
				if at := time.Since(begin); at > 30*time.Second && strings.Contains(strings.Join(handles, " "), "old") {
					t.Errorf("%v was sent at %v", handles, at)
				}
				return nil
			},
		}
		wait := map[string]time.Duration{"first": 21500 * time.Millisecond, "old": 23 * time.Second, "new": 13 * time.Second}
		status := runFor(t, 40*time.Second, src, handler(func(_ context.Context, e events.Event) error {
			time.Sleep(wait[e.Handle])
			return nil
		}), worker.Options{Limiter: newLimiter(t, 0.1)})
		wantEqual(t, "unconfirmed", status.Unconfirmed, 1)
	})
}

func TestABatchThatIsReadyAtOnceIsConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n <= 2 {
				return numbered(fmt.Sprint("unmatched-", n), 16/n), nil
			}
			return nothing()
		}}
		handlers := handler(succeed)
		handlers[0].Types = []string{"FileDeleted"}
		status := runFor(t, 10*time.Second, src, handlers, worker.Options{})
		wantEqual(t, "confirmed", status.Confirmed, 16+8)
		wantEqual(t, "earliest lease", status.EarliestEnd, time.Time{})
	})
}

// A key that may pull but not confirm would have every event handled again and again.
func TestAKeyThatMayNotConfirmEndsTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3)
		src := &source{pull: nth(emulated.Queue{Emulator: r.Emulator}.Pull), confirm: func(context.Context, []string) error {
			return fmt.Errorf("%w: no permission", worker.ErrFatal)
		}}
		w, err := worker.New(src, handler(succeed), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "confirm events: ") {
			t.Errorf("Run: %v", err)
		}
		r.wantStats(0, 3, 0)
	})
}

func TestNothingLingersWhileTheWorkerStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(2)
		block := make(chan struct{})
		defer close(block)
		r.run(handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == files[0] {
				<-block
				return nil
			}
			time.Sleep(11 * time.Second)
			return nil
		}), worker.Options{Linger: 8 * time.Second, StopGrace: 12 * time.Second})
		r.sleepUntil(time.Second)
		r.stop()
		wantEqual(t, "confirmed", r.Stats(0).Confirmed, 1)
	})
}

func TestAWorkerWithNothingToConfirmIsNotFailing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{
			pull: func(_ context.Context, n int) (worker.Batch, error) {
				if n == 1 {
					return batch("a"), nil
				}
				return nothing()
			},
			confirm: func(context.Context, []string) error { return errTest },
		}
		w, err := worker.New(src, handler(succeed), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(10*time.Second, func() {
			if w.Status().Failing == nil {
				t.Error("it does not say that confirming fails")
			}
		})
		time.AfterFunc(31*time.Second, func() { wantEqual(t, "failing, when the lease is over", w.Status().Failing, nil) })
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Second)
		defer cancel()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
