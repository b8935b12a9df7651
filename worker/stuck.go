package worker

import (
	"github.com/vodworker/vodworker/worker/internal/say"
)

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
