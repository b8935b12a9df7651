package worker

import (
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/blame"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// onHandled takes a delivery whose handlers have returned.
func (e *engine) onHandled(d *delivery) {
	now := time.Now()
	interrupted := false
	var failures []string // the handlers
	for _, o := range d.outcomes {
		switch o.Kind {
		case OK:
			d.succeeded = append(slices.Clip(d.succeeded), o.Handler)
		case Interrupted:
			interrupted = true
		default:
			log := e.handling.logs[o.Handler]
			say.About(e.passing(log).EmbedObject(o), d.event).Msg("handler failed")
			failures = append(failures, o.Handler)
		}
		e.learn(d, o, now)
	}
	e.tellFailures(d, failures)
	e.endProbe(d, failures, now)
	missing := d.missing()
	e.vacate(d)
	if len(missing) > 0 && !interrupted && e.mayGiveUp(d, missing, now) {
		if now.Before(d.handleBy.Add(-e.terms.need(writingTime))) {
			e.bury(d, now)
			return
		}
		e.owe(d, missing) // there is no time for its letter
	}
	switch {
	case len(missing) == 0:
		e.onDone(d, &e.sum.Handled)
	case interrupted && len(failures) == 0:
		e.sum.Abandoned++
		e.endUnconfirmed(d)
		e.giveBack(d, 0)
	default:
		e.onFailed(d)
	}
}

func (e *engine) tellFailures(d *delivery, handlers []string) {
	hook := e.opts.Hooks.Failed
	if hook == nil {
		return
	}
	for _, name := range handlers {
		if c := e.book.Case(d.key(), name); c != nil {
			hook(FailInfo{Key: d.key(), Handler: name, Attempts: c.Count, Until: c.Until})
		}
	}
}

// onDone takes an event that is to be confirmed, and counts it. If it comes too late for that it is remembered at once, since
// VOD may have handed the event out again already.
func (e *engine) onDone(d *delivery, count *int) {
	*count++
	if time.Now().Before(d.leaseEnd) {
		e.awaitConfirm(d)
		return
	}
	e.loseLease(d, StageHandling)
	e.sum.Unconfirmed++
	e.endUnconfirmed(d)
	e.giveBack(d, 0)
	e.drain.note(d, openUnconfirmed)
}

// vacate frees the place and the slot of a delivery.
func (e *engine) vacate(d *delivery) {
	d.running = false
	e.slots.vacate()
	if d.stuck {
		e.handling.stuck--
		e.handling.unstick(d.key())
	}
}

// endUnconfirmed is called once for each delivery that ends without being confirmed: what has succeeded is
// remembered, so that it need not run again.
func (e *engine) endUnconfirmed(d *delivery) {
	e.leases.release(d)
	if !d.closed { // else a call may still be out with it
		e.slots.letGo(d)
	}
	if (len(d.succeeded) > 0 || !e.memory.Empty()) && !d.event.Repeats() {
		e.memory.Remember(d.key(), d.succeeded, d.leaseEnd, time.Now())
	}
}

func (e *engine) onFailed(d *delivery) {
	e.sum.Failed++
	e.endUnconfirmed(d)
	e.giveBack(d, pace(e.source, e.opts.Window))
	e.drain.note(d, openFailed)
}

// leave lets go of a delivery that was not run. VOD will hand the event out again.
func (e *engine) leave(d *delivery, why LeftReason) {
	e.sum.Left++
	e.endUnconfirmed(d)
	e.giveBack(d, e.restOf(why))
	e.drain.note(d, openLeft)
	line := e.log.Debug()
	if why == LeftLate {
		line = e.passing(e.handling.late) // somebody should know: there is more work than places
		e.loseLease(d, StageWaiting)
	}
	say.About(line, d.event).Str("why", why.Text()).Msg("left, to be handed out again")
	if hook := e.opts.Hooks.Left; hook != nil {
		hook(LeftInfo{Event: d.event, Why: why})
	}
}

// sayOpen says at the end of a Drain why events stay queued: what failed meanwhile, and might have passed, was info.
func (e *engine) sayOpen(unconfirmed int) {
	for _, name := range e.router.order {
		var last blame.Case
		n := 0
		for key := range e.drain.open {
			if c := e.book.Case(key, name); c != nil {
				n++
				if c.Last.After(last.Last) {
					last = *c
				}
			}
		}
		if n > 0 {
			e.log.Warn().Str("handler", name).Int("events", n).Str(zerolog.ErrorFieldName, last.Err).Msg("events failed and stay queued")
		}
	}
	if unconfirmed > 0 {
		sayUnconfirmed(e.log.Warn(), unconfirmed, e.confirms.lost)
	}
}
