package worker_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A place that was away for some two minutes is back: ten seconds later what has piled up flows as fast as the API lets it. While it is away
// hardly anything is pulled: it could only be hidden.
func TestFullSpeedIsBackTenSecondsAfterAPlaceIs(t *testing.T) {
	const outage, minute = 124 * time.Second, 60
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		r.upload(25_000)
		var back atomic.Bool
		var handled atomic.Int64
		r.run(handler(func(context.Context, events.Event) error {
			if !back.Load() {
				return worker.Unreachable(errTest)
			}
			handled.Add(1)
			return nil
		}), worker.Options{})
		r.sleepUntil(outage - minute*time.Second)
		before := r.Stats(0).Calls["PullEvents"]
		r.sleepUntil(outage)
		if n := r.Stats(0).Calls["PullEvents"] - before; n > minute/2 {
			t.Errorf("%d polls in a minute of the outage", n)
		}
		back.Store(true)
		r.sleepUntil(outage + 10*time.Second)
		handled.Store(0)
		r.sleepUntil(outage + 11*time.Second)
		if n := handled.Load(); n < 1500 { // of 1,584
			t.Errorf("%d events in a second", n)
		}
		r.stop()
	})
}
