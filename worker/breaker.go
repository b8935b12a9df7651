package worker

import "time"

const (
	downAfter  = 5 // events in a row that fail a handler, all different
	firstProbe = time.Second
	maxProbe   = 30 * time.Second
)

// A breaker tells a handler that is down, and would fail anything, from an event that can't be handled. While the
// handler is down, one event at a time probes it, and no failure counts against an event. The engine's goroutine
// owns it.
type breaker struct {
	row   map[string]int // failures since the last success, by Key of the event
	down  bool
	since time.Time
	last  error

	probing bool      // an event is out to find out
	probeAt time.Time // not before
	pause   time.Duration
}

func newBreaker() *breaker { return &breaker{row: map[string]int{}} }

// fail takes a failure and reports whether the handler is down by it.
func (b *breaker) fail(key string, err error, now time.Time) (wentDown bool) {
	b.last = err
	if b.down {
		return false
	}
	b.row[key]++
	if len(b.row) < downAfter {
		return false
	}
	b.down, b.since, b.pause = true, now, firstProbe
	b.probeAt = now.Add(b.pause)
	return true
}

// succeed takes a success and reports whether the handler is back by it.
func (b *breaker) succeed() (cameBack bool) {
	clear(b.row)
	cameBack = b.down
	b.down = false
	return cameBack
}

// probed ends a probe that did not bring the handler back. One that did not come to a result is no reason to wait
// longer.
func (b *breaker) probed(failed bool, now time.Time) {
	b.probing = false
	if failed {
		b.pause = min(2*b.pause, maxProbe)
		b.probeAt = now.Add(b.pause)
	}
}

// open reports whether an event that needs the handler may be started; if the handler is down, as the probe.
func (b *breaker) open(now time.Time) bool {
	return !b.down || !b.probing && !now.Before(b.probeAt)
}
