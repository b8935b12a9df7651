package inbox

import (
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A Run or Drain that ends leaves runs behind: of handlers that do not return, and what came too late. The next one would
// neither get them, nor the places that they take.

// begin returns the run of an event, whose handler is called now; nil if it is not out.
func (k *keeper) begin(e events.Event) *run {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	r := k.out[e.Handle]
	if r != nil {
		r.calling = true
	}
	return r
}

// returned notes that a call of the handler has ended. If its worker has ended before, nobody else says what became of the run.
func (k *keeper) returned(e events.Event, r *run, ok bool) {
	k.hub.mu.Lock()
	defer k.hub.mu.Unlock()
	r.calling = false
	switch {
	case !r.left || k.out[e.Handle] != r:
	case ok:
		k.hub.end(&outcome{of: k.take(e.Handle), to: store.Finished})
	default:
		k.letGo(e.Handle)
	}
}

// giveAllBack has wait again what is out, since its worker has ended; what a handler still runs, when that has returned. With
// the hub's mu held.
func (k *keeper) giveAllBack() {
	for handle, r := range k.out {
		if r.calling {
			r.left = true
			continue
		}
		k.letGo(handle)
	}
}

// letGo has a run wait again, as if it had not been started.
func (k *keeper) letGo(handle string) {
	if r := k.take(handle); r != nil {
		k.hub.end(&outcome{of: r, to: store.Waiting, failed: r.failed})
		k.ripe = true
	}
}
