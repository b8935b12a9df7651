package worker_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestHandlersContextEndsWithTheHandlingTime(t *testing.T) {
	tests := map[string]struct {
		opts worker.Options
		want time.Duration
	}{
		"25 s by default":          {worker.Options{}, 25 * time.Second},
		"less with a margin":       {worker.Options{Margin: 8 * time.Second}, 22 * time.Second},
		"less with a short window": {worker.Options{Window: 12 * time.Second}, 10 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{Window: test.opts.Window})
				r.upload(1)
				var after time.Duration
				var cause error
				r.run(handler(func(ctx context.Context, _ events.Event) error {
					<-ctx.Done()
					if after == 0 {
						after = time.Since(r.begin)
						cause = context.Cause(ctx)
					}
					return ctx.Err()
				}), test.opts)
				r.sleepUntil(29 * time.Second)
				wantEqual(t, "end of the context", after, test.want)
				if cause == nil || cause.Error() != "the event's handling time is over" {
					t.Errorf("cause: %v", cause)
				}
				wantEqual(t, "confirmed", r.Stats(0).Confirmed, 0)
				r.stop()
			})
		})
	}
}

func TestLeaseBeginsBeforeTheAnswerCame(t *testing.T) {
	tests := map[string]struct {
		roundTrip, want time.Duration // the context's end, after the answer came
	}{
		"when the request was sent": {400 * time.Millisecond, 25*time.Second - 400*time.Millisecond},
		"but at most 1 s before":    {4 * time.Second, 24 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{RoundTrip: test.roundTrip})
				r.upload(1)
				var left time.Duration
				r.run(handler(func(ctx context.Context, _ events.Event) error {
					deadline, _ := ctx.Deadline()
					left = time.Until(deadline)
					return nil
				}), worker.Options{})
				r.sleepUntil(10 * time.Second)
				wantEqual(t, "handling time left", left, test.want)
				r.stop()
			})
		})
	}
}

func TestNoEventIsStartedWithTooLittleHandlingTime(t *testing.T) {
	tests := map[string]struct {
		timeout time.Duration // of a try
		busy    time.Duration // the only place
		runs    int           // of the second event in its first window
	}{
		"10 s are left":                    {0, 15 * time.Second, 1},
		"less than 10 s are left":          {0, 15*time.Second + 1, 0},
		"its timeout is shorter, and left": {16 * time.Second, 15*time.Second + 1, 0},
		"a short timeout still fits":       {2 * time.Second, 0, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				files := r.upload(2)
				var runs counter
				handlers := handler(func(_ context.Context, e events.Event) error {
					runs.add(e)
					if e.FileID() == files[0] {
						time.Sleep(test.busy)
					}
					return nil
				})
				handlers[0].Timeout = test.timeout
				r.run(handlers, worker.Options{Concurrency: 1})
				r.sleepUntil(29 * time.Second)
				wantEqual(t, "runs of the first", runs.of(files[0]), 1)
				wantEqual(t, "runs of the second", runs.of(files[1]), test.runs)
				wantEqual(t, "left", len(r.lefts()), 1-test.runs)
				r.sleepUntil(40 * time.Second)
				wantEqual(t, "runs of the second after its window", runs.of(files[1]), 1)
				r.wantStats(0, 0, 2)
				r.stop()
			})
		})
	}
}

// A handler whose every try is short may start until its timeout before the end, however little that is.
func TestAShortTimeoutLetsAnEventStartLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(2)
		var started time.Duration
		r.run([]worker.Handler{
			{Name: "quick", Timeout: 3 * time.Second, Handle: func(ctx context.Context, e events.Event) error {
				if e.FileID() == files[0] {
					time.Sleep(21 * time.Second) // it ignores its timeout
					return nil
				}
				started = time.Since(r.begin)
				return nil
			}},
		}, worker.Options{Concurrency: 1})
		r.sleepUntil(29 * time.Second)
		wantEqual(t, "start", started, 21*time.Second)
		r.wantStats(0, 0, 2)
		r.stop()
	})
}

func TestReadAheadIsLeftWhenItsTimeHasCome(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16)
		block := make(chan struct{})
		r.run(handler(func(context.Context, events.Event) error { <-block; return nil }), worker.Options{Concurrency: 1})
		r.sleepUntil(15 * time.Second)
		wantEqual(t, "left at 15 s", len(r.lefts()), 0)
		r.sleepUntil(15*time.Second + time.Millisecond)
		wantEqual(t, "left after it", len(r.lefts()), 15)
		wantEqual(t, "why", r.lefts()[0].Why, worker.LeftLate)
		close(block)
		r.sleepUntil(time.Minute)
		r.wantStats(0, 0, 16)
		r.stop()
	})
}

func TestAStuckHandlerKeepsItsPlaceAndItsEventIsNotRunBesideIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(1)
		block := make(chan struct{})
		var runs counter
		r.run(handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == files[0] && runs.add(e) == 1 {
				<-block // whatever its context says
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(29 * time.Second)
		wantEqual(t, "stuck within the window", r.worker.Status().Stuck, 0)
		r.sleepUntil(2 * time.Minute)
		status := r.worker.Status()
		wantEqual(t, "stuck", status.Stuck, 1)
		wantEqual(t, "runs", runs.of(files[0]), 1)
		wantEqual(t, "why it is left", r.lefts()[0].Why, worker.LeftStuck)
		r.upload(20)
		r.sleepUntil(2*time.Minute + time.Second)
		wantEqual(t, "others confirmed meanwhile", r.Stats(0).Confirmed, 20)

		close(block)
		r.sleepUntil(3 * time.Minute)
		wantEqual(t, "stuck afterwards", r.worker.Status().Stuck, 0)
		wantEqual(t, "runs: its late success counts", runs.of(files[0]), 1)
		r.wantStats(0, 0, 21)
		r.stop()
	})
}

func TestNothingIsPulledWhileEveryPlaceIsStuck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		block := make(chan struct{})
		r.upload(2)
		r.run(handler(func(context.Context, events.Event) error { <-block; return nil }), worker.Options{Concurrency: 2})
		r.sleepUntil(40 * time.Second)
		before := len(r.callsOf("PullEvents"))
		r.sleepUntil(10 * time.Minute)
		wantEqual(t, "polls in 9 minutes", len(r.callsOf("PullEvents"))-before, 0)
		close(block)
		synctest.Wait()
		r.sleepUntil(11 * time.Minute)
		r.wantStats(0, 0, 2)
		r.stop()
	})
}

func TestAMarginThatLeavesNoHandlingTimeIsAnError(t *testing.T) {
	for _, opts := range []worker.Options{
		{Margin: 30 * time.Second},
		{Window: time.Second, Margin: 2 * time.Second},
		{Window: -time.Second},
		{Margin: -time.Second},
		{Concurrency: -1},
		{Concurrency: worker.MaxConcurrency + 1},
		{Concurrency: 9_000_000_000_000_000_000},
		{Window: math.MaxInt64},
		{StopGrace: -1},
		{Linger: -1},
	} {
		if _, err := worker.New(&full{}, handler(succeed), &opts); err == nil {
			t.Errorf("%+v is accepted", opts)
		}
	}
	if _, err := worker.New(nil, handler(succeed), nil); err == nil {
		t.Error("no source is accepted")
	}
	if _, err := worker.New(&full{}, nil, nil); err == nil {
		t.Error("no handler is accepted")
	}
	for _, rate := range []float64{0, 1e-10, -1, math.NaN(), math.Inf(1), 1e300} {
		if _, err := worker.NewLimiter(rate); err == nil {
			t.Errorf("a rate of %v is accepted", rate)
		}
	}
}

func TestOneRunAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(time.Second)
		if err := r.worker.Run(t.Context()); err == nil {
			t.Error("a second Run is accepted")
		}
		wantEqual(t, "state", r.worker.Status().State, worker.Running)
		r.stop()
		wantEqual(t, "state", r.worker.Status().State, worker.Stopped)
		summary, err := r.worker.Drain(t.Context(), worker.DrainOptions{})
		if err != nil || summary.Pulled != 0 {
			t.Errorf("a Drain after it: %+v, %v", summary, err)
		}
	})
}
