package worker

import "context"

// Deliveries are handled in goroutines that stay for the next: what handlers call needs more stack than a new one has, and to
// grow it takes a fifteenth of what an event costs with a webhook. Of those with nothing to do not more than maxFree stay.
const maxFree = 256

// assign has one that is free, or a new one, handle d.
func (e *engine) assign(d *delivery) {
	select {
	case e.assigned <- d:
	default:
		go e.handleEach(d)
	}
}

func (e *engine) handleEach(d *delivery) {
	for {
		e.handle(d)
		if e.free.Add(1) > maxFree {
			e.free.Add(-1)
			return
		}
		select {
		case d = <-e.assigned:
			e.free.Add(-1)
		case <-e.over:
			return
		}
	}
}

// handle runs the handlers of one delivery. One of them may end this goroutine.
func (e *engine) handle(d *delivery) {
	ctx, cancel := context.WithDeadlineCause(e.work, d.handleBy, errHandlingTime)
	defer cancel()
	d.outcomes = make([]Outcome, len(d.handlers))
	defer func() {
		if hook := e.opts.Hooks.Handled; hook != nil {
			for i, outcome := range d.outcomes {
				hook(HandleInfo{Event: d.event, Outcome: outcome, Nth: i, Waited: d.started.Sub(d.arrived)})
			}
		}
		tell(e, e.handled, d)
	}()
	e.router.runHere(ctx, d.event, d.handlers, d.outcomes)
}
