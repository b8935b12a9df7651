package worker

import (
	"time"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// expire lets go of the leases that are over: their events may be handed out again from now on.
func (e *engine) expire(now time.Time) {
	for d := e.leases.first(); d != nil && !now.Before(d.leaseEnd); d = e.leases.first() {
		e.leases.release(d)
		switch {
		case d.running:
			e.onStuck(d)
		case !d.ready.IsZero() && !d.settled: // a call with it may still be out
			d.settled = true
			e.endUnconfirmed(d)
		}
	}
	e.memory.expire(now)
}

// onStuck notes that the handlers of d have outlived its lease. They can't be ended, so they keep their place; the
// same event is not run beside them.
func (e *engine) onStuck(d *delivery) {
	d.stuck = true
	e.handling.stuck++
	e.handling.stuckKeys[d.key()]++
	say.About(e.log.Error(), d.event).Strs("handlers", d.handlers).Int("stuck", e.handling.stuck).
		Msg("a handler did not return when its context ended; it keeps its place until it does")
}

func (h *handling) isStuck(d *delivery) bool {
	return h.stuck > 0 && h.stuckKeys[d.key()] > 0
}

func (h *handling) unstick(key string) {
	h.stuck--
	if h.stuckKeys[key]--; h.stuckKeys[key] == 0 {
		delete(h.stuckKeys, key)
	}
}
