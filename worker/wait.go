package worker

import (
	"slices"
	"time"
)

// The events that wait, in the order in which they arrived, for a place; or for the probe of a handler that is down.

// enqueue has a delivery wait. It needs a slot from now on.
func (e *engine) enqueue(d *delivery) {
	d.need = e.terms.need(e.router.longestTimeout(d.handlers))
	e.slots.take()
	e.handling.waiting = append(e.handling.waiting, d)
}

// nextToStart takes the next event from those that wait: the first whose handlers are all up, or one that is to probe
// those that are down; nil if none may be started.
func (e *engine) nextToStart(now time.Time) *delivery {
	for i, d := range e.handling.waiting {
		down := e.downs.of(d)
		if len(down) > 0 && !e.downs.open(down, now) {
			continue
		}
		if len(down) > 0 {
			i = e.bestProbe(i, down)
			d = e.handling.waiting[i]
			e.downs.probe(d, down)
		}
		e.handling.waiting = slices.Delete(e.handling.waiting, i, i+1)
		return d
	}
	return nil
}

// startBy is the last moment at which d may be started. While the worker is stopping, handling time ends with the grace.
func (e *engine) startBy(d *delivery) time.Time {
	end := d.handleBy
	if e.stopping && e.graceEnd.Before(end) {
		end = e.graceEnd
	}
	return end.Add(-d.need)
}

// skipLate leaves the waiting events for which too little of their window is left.
func (e *engine) skipLate(now time.Time) {
	why := LeftLate
	if e.stopping {
		why = LeftStopping
	}
	e.leaveWaiting(why, func(d *delivery) bool { return now.After(e.startBy(d)) })
}

func (e *engine) nextSkip() (next time.Time) {
	for _, d := range e.handling.waiting {
		if at := e.startBy(d).Add(1); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// makeRoom leaves events that wait for a handler which is down, as far as others would find no slot because of them.
func (e *engine) makeRoom(now time.Time) {
	if e.downs.count == 0 {
		return
	}
	e.leaveWaiting(LeftDown, func(d *delivery) bool {
		down := e.downs.of(d)
		if len(down) == 0 || e.downs.open(down, now) {
			return false
		}
		return !e.slots.canReserve() || e.downs.probeAt(down).After(e.startBy(d))
	})
}

// leaveWaiting leaves those of the waiting events that which picks.
func (e *engine) leaveWaiting(why LeftReason, which func(*delivery) bool) {
	e.handling.waiting = slices.DeleteFunc(e.handling.waiting, func(d *delivery) bool {
		if !which(d) {
			return false
		}
		e.slots.free()
		e.leave(d, why)
		return true
	})
}
