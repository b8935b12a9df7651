package worker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestStopWhenIdleWaitsForTheHeldPollOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(7 * time.Second)
		r.stop()
		wantEqual(t, "stopped at", time.Since(r.begin), 10*time.Second)
		wantEqual(t, "polls", len(r.callsOf("PullEvents")), 2)
		wantEqual(t, "the poll's error", r.callsOf("PullEvents")[1].Err.Error(), "ResourceNotFound: no event")
	})
}

func TestWhatTheHeldPollBringsIsHandledAndConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.run(handler(func(context.Context, events.Event) error { time.Sleep(2 * time.Second); return nil }), worker.Options{})
		r.sleepUntil(time.Second)
		r.cancel()
		r.sleepUntil(3 * time.Second)
		r.upload(1)
		r.stop()
		wantEqual(t, "stopped at", time.Since(r.begin), 5*time.Second)
		r.wantStats(0, 0, 1)
	})
}

func TestStopLetsHandlersFinishAndConfirmsWhatTheyFinished(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16)
		var n atomic.Int64
		r.run(handler(func(context.Context, events.Event) error {
			time.Sleep(time.Duration(n.Add(1)) * time.Second)
			return nil
		}), worker.Options{})
		r.sleepUntil(3*time.Second + 500*time.Millisecond)
		r.stop()
		wantEqual(t, "stopped at", time.Since(r.begin), 16*time.Second)
		r.wantStats(0, 0, 16)
	})
}

func TestStopInterruptsHandlersAfterTheGrace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3)
		var n atomic.Int64
		r.run(handler(func(ctx context.Context, _ events.Event) error {
			switch n.Add(1) {
			case 1:
				time.Sleep(8 * time.Second)
				return nil
			case 2:
				<-ctx.Done()
				return context.Cause(ctx)
			default:
				<-ctx.Done()
				time.Sleep(2 * time.Second)
				return nil // it succeeded all the same
			}
		}), worker.Options{StopGrace: 10 * time.Second})
		r.sleepUntil(time.Second)
		r.stop()
		wantEqual(t, "stopped at", time.Since(r.begin), 13*time.Second)
		r.wantStats(0, 1, 2)
		s := r.worker.Status()
		wantEqual(t, "abandoned", s.Abandoned, 1)
		wantEqual(t, "failed: interrupted is not failed", s.Failed, 0)
	})
}

func TestStopKeepsItsBoundWhateverHangs(t *testing.T) {
	const bound = 25 * time.Second
	tests := map[string]struct {
		handle func(ctx context.Context, block chan struct{}) error
		fault  vodtest.Fault
		at     time.Duration // of the stop
		most   time.Duration // after it
	}{
		"a handler that ignores its context": {
			handle: func(_ context.Context, block chan struct{}) error { <-block; return nil },
			at:     10 * time.Second, most: 20 * time.Second, // its lease ends first
		},
		"one that began late": {
			handle: func(_ context.Context, block chan struct{}) error { <-block; return nil },
			at:     time.Second, most: bound,
		},
		"confirming": {
			handle: func(context.Context, chan struct{}) error { return nil },
			fault:  vodtest.Fault{Action: "ConfirmEvents", Kind: vodtest.FaultHang},
			at:     time.Second, most: bound,
		},
		"polling": {
			handle: func(context.Context, chan struct{}) error { return nil },
			fault:  vodtest.Fault{Action: "PullEvents", Kind: vodtest.FaultHang},
			at:     time.Second, most: 20 * time.Second, // the real Source gives up after 10 s
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				r.Script(test.fault)
				if test.fault.Kind == "" {
					r.Script()
				}
				r.upload(1)
				block := make(chan struct{})
				r.run(handler(func(ctx context.Context, _ events.Event) error { return test.handle(ctx, block) }), worker.Options{})
				r.sleepUntil(test.at)
				r.stop()
				wantEqual(t, "time that it took", time.Since(r.begin)-test.at, test.most)
				close(block)
			})
		})
	}
}

func TestNothingStartsThatTheGraceLeavesTooLittleTimeFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3)
		r.run(handler(func(context.Context, events.Event) error { time.Sleep(6 * time.Second); return nil }),
			worker.Options{Concurrency: 1, StopGrace: 17 * time.Second})
		r.sleepUntil(time.Second)
		r.stop()
		// The second starts at 6 s, when 12 s of the grace are left; at 12 s the third would have 6 s.
		wantEqual(t, "stopped at", time.Since(r.begin), 12*time.Second)
		r.wantStats(0, 1, 2)
		wantEqual(t, "left", fmt.Sprint(len(r.lefts()), r.lefts()[0].Why), fmt.Sprint(1, worker.LeftStopping))
	})
}

func TestStopWhileItBacksOffIsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Action: "PullEvents", Code: "InternalError"})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(10 * time.Minute)
		begin := time.Now()
		r.stop()
		wantEqual(t, "time that it took", time.Since(begin), 0)
	})
}
