package worker_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestDrainOfAnEmptyQueueEndsAfterOneHeldPoll(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		summary := r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "took", time.Since(r.begin), 5*time.Second)
		wantEqual(t, "polls", len(r.callsOf("PullEvents")), 1)
		wantSummary(t, summary, worker.Summary{})
	})
}

func TestDrainOfAQueueThatAnswersEarlyEndsAfterThreeEmptyAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{Hold: -1})
		r.upload(2)
		summary := r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "polls", len(r.callsOf("PullEvents")), 1+3)
		wantEqual(t, "confirmed", summary.Confirmed, 2)
	})
}

func TestDrainWaitsForWhatIsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		summary := r.drain(handler(func(context.Context, events.Event) error {
			time.Sleep(17 * time.Second)
			r.upload(0)
			return nil
		}), worker.Options{}, worker.DrainOptions{})
		// The polls of 0, 5, 10 and 15 s were not sent while nothing was in flight; that of 20 s was.
		wantEqual(t, "took", time.Since(r.begin).Round(time.Second), 25*time.Second)
		wantEqual(t, "confirmed", summary.Confirmed, 1)
	})
}

func TestDrainOf2000EventsNeedsFewCalls(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		r.upload(2000)
		summary := r.drain(handler(func(context.Context, events.Event) error { time.Sleep(5 * time.Millisecond); return nil }),
			worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "confirmed", summary.Confirmed, 2000)
		r.wantStats(0, 0, 2000)
		calls := len(r.callsOf("PullEvents")) + len(r.callsOf("ConfirmEvents"))
		if perEvent := float64(calls) / 2000; perEvent > 0.13 {
			t.Errorf("%.4f calls for each event, want at most 0.13", perEvent)
		}
	})
}

func TestDrainDoesNotRunAFailedEventAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(10)
		var runs counter
		summary := r.drain(handler(func(_ context.Context, e events.Event) error {
			runs.add(e)
			switch slices.Index(files, e.FileID()) {
			case 2:
				return errTest
			case 9: // the queue is not empty before the first has come back
				time.Sleep(24 * time.Second)
				r.upload(1)
			}
			return nil
		}), worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "runs of the failed event", runs.of(files[2]), 1)
		wantEqual(t, "failed", summary.Failed, 1)
		wantEqual(t, "confirmed", summary.Confirmed, 10)
		wantEqual(t, "clean", summary.Clean(), false)
		wantEqual(t, "still queued", len(r.Queued(0)), 1)
	})
}

func TestDrainEndsAmongEventsThatHaveAllFailed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{Window: 3 * time.Second}) // they are back before a held poll is over
		r.upload(4)                                             // five would be a handler that is down
		summary := r.drain(handler(func(context.Context, events.Event) error { return errTest }),
			worker.Options{Window: 3 * time.Second}, worker.DrainOptions{})
		// The poll that they came back to first had been sent while they were in flight.
		wantEqual(t, "took", time.Since(r.begin).Round(time.Second), 6*time.Second)
		wantEqual(t, "failed", summary.Failed, 4)
		wantEqual(t, "left", summary.Left, 0)
	})
}

func TestSettleGivesWhatFailedOneMoreRun(t *testing.T) {
	tests := map[string]struct {
		runsNeeded int
		want       worker.Summary
	}{
		"that succeeds": {2, worker.Summary{Pulled: 4, Handled: 3, Confirmed: 3}},
		"that fails":    {3, worker.Summary{Pulled: 4, Handled: 2, Confirmed: 2, Failed: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				files := r.upload(3)
				var runs counter
				summary := r.drain(handler(func(_ context.Context, e events.Event) error {
					if runs.add(e) < test.runsNeeded && e.FileID() == files[1] {
						return errTest
					}
					return nil
				}), worker.Options{}, worker.DrainOptions{Settle: true})
				wantSummary(t, summary, test.want)
				if took := time.Since(r.begin); took < 35*time.Second || took > 51*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestDrainKeepsItsLimits(t *testing.T) {
	t.Run("events", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{RoundTrip: 10 * time.Millisecond})
			r.upload(1000)
			summary := r.drain(handler(succeed), worker.Options{}, worker.DrainOptions{MaxEvents: 100})
			wantSummary(t, summary, worker.Summary{Pulled: 112, Handled: 112, Confirmed: 112, Limited: true})
		})
	})
	t.Run("duration", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(5)
			steady := func(context.Context, events.Event) error {
				time.Sleep(2 * time.Second)
				r.upload(1)
				return nil
			}
			summary := r.drain(handler(steady), worker.Options{}, worker.DrainOptions{MaxDuration: time.Minute})
			wantEqual(t, "limited", summary.Limited, true)
			wantEqual(t, "clean", summary.Clean(), true)
			if took := time.Since(r.begin); took < time.Minute || took > 70*time.Second {
				t.Errorf("took %v", took)
			}
		})
	})
	t.Run("signal", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			summary, err := r.new(handler(succeed), worker.Options{}).Drain(ctx, worker.DrainOptions{})
			if err != nil || !summary.Limited {
				t.Errorf("%+v, %v", summary, err)
			}
		})
	})
}

func TestDrainGivesUpAfterAMinuteWithoutASuccessfulCall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Kind: vodtest.FaultBadGateway})
		_, err := r.new(handler(succeed), worker.Options{}).Drain(t.Context(), worker.DrainOptions{})
		if !errors.Is(err, worker.ErrUnavailable) {
			t.Errorf("Drain: %v", err)
		}
		if took := time.Since(r.begin); took < time.Minute || took > 90*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestDrainDoesNotWaitForAStuckHandler(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(2)
		block := make(chan struct{})
		defer close(block)
		var n atomic.Int64
		summary := r.drain(handler(func(context.Context, events.Event) error {
			if n.Add(1) == 1 {
				<-block
			}
			return nil
		}), worker.Options{}, worker.DrainOptions{})
		wantEqual(t, "confirmed", summary.Confirmed, 1)
		wantEqual(t, "abandoned", summary.Abandoned, 1)
		wantEqual(t, "clean", summary.Clean(), false)
		if took := time.Since(r.begin); took > 41*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
