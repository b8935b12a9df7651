package worker_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestDrainEndsThoughEveryPlaceIsStuck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		block := make(chan struct{})
		defer close(block)
		summary := r.drain(handler(func(context.Context, events.Event) error { <-block; return nil }),
			worker.Options{Concurrency: 1}, worker.DrainOptions{})
		wantEqual(t, "abandoned", summary.Abandoned, 1)
	})
}

func TestDrainEndsThoughConfirmingFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(3)[0]
		r.Script(vodtest.Fault{Action: "ConfirmEvents", Code: "InternalError"})
		var runs counter
		summary, err := r.new(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }),
			worker.Options{}).Drain(t.Context(), worker.DrainOptions{MaxDuration: time.Hour})
		if !errors.Is(err, worker.ErrUnavailable) {
			t.Errorf("Drain: %v", err)
		}
		if took := time.Since(r.begin); took > 2*time.Minute {
			t.Errorf("took %v", took)
		}
		wantEqual(t, "runs", runs.of(file), 1)
		wantEqual(t, "clean", summary.Clean(), false)
	})
}

func TestDrainThatIsStoppedWhileItSettlesKnowsWhatFailed(t *testing.T) {
	for _, at := range []time.Duration{7 * time.Second, 20 * time.Second} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(1)
			summary := r.drain(handler(func(context.Context, events.Event) error { return errTest }),
				worker.Options{}, worker.DrainOptions{Settle: true, MaxDuration: at})
			wantSummary(t, summary, worker.Summary{Pulled: 1, Failed: 1, Limited: true})
		})
	}
}

// They come back before a held poll is over, sixteen at a time, for ever.
func TestDrainEndsAmongAnyNumberOfEventsThatFailed(t *testing.T) {
	for _, n := range []int{4, 16, 17, 48, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{Window: 3 * time.Second, RoundTrip: 10 * time.Millisecond})
				files := r.upload(2 * n)
				bad := map[string]bool{}
				for i := 0; i < len(files); i += 2 {
					bad[files[i]] = true // never five in a row
				}
				summary := r.drain(handler(func(_ context.Context, e events.Event) error {
					if bad[e.FileID()] {
						return errTest
					}
					return nil
				}), worker.Options{Concurrency: 1, Window: 3 * time.Second}, worker.DrainOptions{})
				wantEqual(t, "failed", summary.Failed, n)
				if took := time.Since(r.begin); took > 20*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestALostAnswerLeavesADrainClean(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16)
		r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Kind: vodtest.FaultReset, After: true})
		summary := r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{})
		wantSummary(t, summary, worker.Summary{Pulled: 16, Handled: 16, Confirmed: 16})
	})
}

func TestAnEventThatIsConfirmedInTheEndLeavesADrainClean(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(2)
		r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 1000, Code: "InternalError"})
		time.AfterFunc(31*time.Second, func() { r.Script() })
		summary := r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "clean", summary.Clean(), true)
		r.wantStats(0, 0, 2)
	})
}

// A poll that was sent beside the quiet one brings something.
func TestDrainDoesNotEndWhileAnythingIsOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := numbered("bad", 16)
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			switch n {
			case 1, 4:
				return first, nil
			case 5:
				time.Sleep(3 * time.Second)
				return batch("good"), nil
			}
			return nothing()
		}}
		w, err := worker.New(src, handler(func(_ context.Context, e events.Event) error {
			if e.Handle == "good" {
				time.Sleep(8 * time.Second)
				return nil
			}
			return errTest
		}), &worker.Options{StopGrace: 3 * time.Second, Concurrency: 4})
		if err != nil {
			t.Fatal(err)
		}
		summary, err := w.Drain(t.Context(), worker.DrainOptions{MaxDuration: time.Hour})
		if err != nil || summary.Abandoned != 0 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

func TestDrainThatIsOverBeforeACallSucceededSaysSo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Kind: vodtest.FaultReset})
		_, err := r.new(handler(succeed), worker.Options{}).Drain(t.Context(), worker.DrainOptions{MaxDuration: 3 * time.Second})
		if !errors.Is(err, worker.ErrUnavailable) {
			t.Errorf("Drain: %v", err)
		}
	})
}

func TestMaxEventsWaitsForWhatIsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(20)
		summary := r.drain(handler(func(context.Context, events.Event) error { time.Sleep(20 * time.Second); return nil }),
			worker.Options{StopGrace: time.Second}, worker.DrainOptions{MaxEvents: 16})
		wantSummary(t, summary, worker.Summary{Pulled: 16, Handled: 16, Confirmed: 16, Limited: true})
	})
}

func TestDrainSaysThatTheKeyWasRevokedMeanwhile(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n == 1 {
				return batch("a"), nil
			}
			return worker.Batch{}, worker.ErrFatal
		}}
		w, err := worker.New(src, handler(succeed), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Drain(t.Context(), worker.DrainOptions{MaxDuration: time.Hour}); !errors.Is(err, worker.ErrFatal) {
			t.Errorf("Drain: %v", err)
		}
	})
}

// A lease that ends can be what a drain waits for: nobody else would tell it.
func TestADrainEndsWithTheLeaseThatItWaitsFor(t *testing.T) {
	for name, test := range map[string]struct {
		concurrency, events int
	}{
		"of a handler that does not return":    {8, 1},
		"of an event that waits for its place": {1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				r.upload(1)
				time.AfterFunc(7*time.Second, func() { r.upload(test.events - 1) })
				free := make(chan struct{})
				r.drain(handler(func(context.Context, events.Event) error { <-free; return nil }),
					worker.Options{Concurrency: test.concurrency}, worker.DrainOptions{MaxEvents: test.events})
				wantEqual(t, "time", time.Since(r.begin), 30*time.Second)
				close(free)
			})
		})
	}
}
