package worker

import (
	"time"

	"github.com/vodworker/vodworker/worker/internal/blame"
)

const (
	downAfter      = 5           // events in a row that fail a handler, all different
	unreachedAfter = time.Minute // in which nothing came of it but that it can't be reached, where fewer come
	firstProbe     = time.Second
	maxProbe       = 5 * time.Second  // so that all goes on within 10 s of its return
	rareProbe      = 30 * time.Second // of one that is waited for no more: each probe holds up what goes on without it
)

// A breaker tells a handler that is down, and would fail anything, from an event that can't be handled. While the
// handler is down, one event at a time probes it, and no failure counts against an event. The engine's goroutine
// owns it.
type breaker struct {
	health    *blame.Health
	row       map[string]int // attempts since the last success, by Key of the event; those it had failed before are left aside
	unreached time.Time      // since when there was nothing else; zero: the last was something else
	before    bool           // an earlier process had it fail last
	lastOK    time.Time
	last      error

	down    bool
	since   time.Time
	probing bool      // an event is out to find out
	probeAt time.Time // not before
	pause   time.Duration
}

func newBreaker(health *blame.Health) *breaker {
	return &breaker{health: health, row: map[string]int{}, before: !health.FailingSince.IsZero()}
}

// fail takes a failure by an event, and reports whether the handler is down by it. before is when the event first failed
// it; zero if it had not.
func (b *breaker) fail(key string, before time.Time, o Outcome, now time.Time) (wentDown bool) {
	b.last = o.Err
	b.health.Fail(now)
	switch {
	case o.Kind != Unreached:
		b.unreached = time.Time{}
	case b.unreached.IsZero():
		b.unreached = now
	}
	if b.down {
		return false
	}
	if before.IsZero() || !before.Before(b.lastOK) {
		b.row[key] += 0
	}
	if len(b.row) < downAfter && (b.unreached.IsZero() || now.Sub(b.unreached) < unreachedAfter) {
		return false
	}
	b.down, b.since, b.pause = true, now, firstProbe
	b.probeAt = now.Add(b.pause)
	return true
}

// succeed takes a success and reports whether the handler is back by it.
func (b *breaker) succeed(now time.Time) (cameBack bool) {
	clear(b.row)
	*b.health = blame.Health{Succeeded: true}
	cameBack = b.down
	b.down, b.before, b.lastOK, b.unreached = false, false, now, time.Time{}
	return cameBack
}

// well reports whether the last that came of the handler with another event was success.
func (b *breaker) well(key string) bool {
	_, in := b.row[key]
	return b.health.Succeeded && !b.before && (len(b.row) == 0 || in && len(b.row) == 1)
}

// probed ends a probe that did not bring the handler back. One that did not come to a result is no reason to wait
// longer; longest is for how long it waits at most.
func (b *breaker) probed(failed bool, longest time.Duration, now time.Time) {
	b.probing = false
	if failed {
		b.pause = min(2*b.pause, longest)
		b.probeAt = now.Add(b.pause)
	}
}

// pausing reports whether the handler is down, and not being probed before long.
func (b *breaker) pausing(now time.Time) bool { return b.down && !b.probing && now.Before(b.probeAt) }

// open reports whether an event that needs the handler may be started; if the handler is down, as the probe.
func (b *breaker) open(now time.Time) bool {
	return !b.down || !b.probing && !now.Before(b.probeAt)
}
