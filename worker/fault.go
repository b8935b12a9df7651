package worker

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/internal/blame"
)

// learn draws the conclusions from one outcome: about the handler, and about the event.
func (e *engine) learn(d *delivery, o Outcome, now time.Time) {
	b := e.downs.breakers[o.Handler]
	lane := blame.Lane{Handler: o.Handler, Type: string(d.event.Type)}
	switch o.Kind {
	case OK:
		if !e.book.Empty() {
			clean := o.Tries == 1 && e.book.Case(d.key(), o.Handler) == nil
			e.book.Ran(lane, nil, clean, d.started, now)
			e.book.ForgetHandler(d.key(), o.Handler)
		}
		if !b.health.FailingSince.IsZero() || !b.health.Succeeded {
			e.book.Change()
		}
		if b.succeed(now) {
			e.onUp(o.Handler, now)
		}
		return
	case Interrupted:
		return
	}
	c, before := e.book.Fail(d.key(), o.Handler, d.event.Repeats(), o.Err, now)
	if o.Kind == Expired && d.handleBy.Sub(d.started) < (e.terms.handling()-HeadStart)*4/5 {
		return // it had no fair chance: neither the event's fault nor the handler's
	}
	e.book.Ran(lane, c, false, d.started, now)
	switch {
	case e.bringsDown(d, o, before.First, now), b.down, o.Kind == Unreached:
	default:
		e.book.Attempt(c)
		if _, in := b.row[d.key()]; in {
			b.row[d.key()]++
		}
		c.Rejected = o.Kind == Rejected
		c.Guilty = c.Rejected && b.well(d.key()) ||
			e.lettersOn() && e.book.Guilty(lane, c, before.Last, d.started, e.opts.DeadLetters.Attempts)
	}
}

// bringsDown reports whether a handler is down by an event's failure. before is when the event first failed it; zero if it had
// not. The events that brought it down are not to blame. This one was not counted yet.
func (e *engine) bringsDown(d *delivery, o Outcome, before, now time.Time) bool {
	b := e.downs.breakers[o.Handler]
	if !b.fail(d.key(), before, o, now) {
		return false
	}
	for key, n := range b.row {
		e.book.Absolve(key, o.Handler, n)
	}
	clear(b.row)
	e.onDown(o.Handler, now)
	return true
}

func (e *engine) lettersOn() bool { return e.opts.DeadLetters != nil }

// tooOld reports whether a handler has failed an event for so long that it is given up whatever the reason.
func (e *engine) tooOld(c *blame.Case, now time.Time) bool {
	return e.lettersOn() && c != nil && now.Sub(c.First) >= e.opts.DeadLetters.After
}

// downTooLong reports whether a handler has been down for so long that nothing waits for it any more.
func (e *engine) downTooLong(handler string, now time.Time) bool {
	b := e.downs.breakers[handler]
	return e.lettersOn() && b.down && now.Sub(b.health.FailingSince) >= e.opts.DeadLetters.After
}

// keptTooLong reports whether a handler has kept an event waiting for as long as it may.
func (e *engine) keptTooLong(d *delivery, handler string, now time.Time) bool {
	return e.downTooLong(handler, now) || e.tooOld(e.book.Case(d.key(), handler), now)
}

// mayGiveUp reports whether an event is to be given up, of which these handlers have not succeeded.
func (e *engine) mayGiveUp(d *delivery, missing []string, now time.Time) bool {
	return e.lettersOn() && !slices.ContainsFunc(missing, func(name string) bool {
		c := e.book.Case(d.key(), name)
		return (c == nil || !c.Guilty) && !e.keptTooLong(d, name, now)
	})
}

// owe has the letter of an event written at its next delivery: in this one it was given up too late, as when its handler takes
// all its time.
func (e *engine) owe(d *delivery, missing []string) {
	for _, name := range missing {
		if c := e.book.Case(d.key(), name); c != nil {
			c.Owed = true
		}
	}
}

// takeOwed reports whether an event is owed its letter. It is so once: if that fails, the event is run again.
func (e *engine) takeOwed(d *delivery) (owed bool) {
	if e.book.Empty() {
		return false
	}
	for _, name := range d.missing() {
		switch c := e.book.Case(d.key(), name); {
		case c != nil && c.Owed:
			owed, c.Owed = true, false
		case !e.downTooLong(name, d.arrived):
			return false
		}
	}
	return owed
}

// allKeptTooLong reports whether each missing handler of an event has kept it waiting for as long as it may.
func (e *engine) allKeptTooLong(d *delivery, now time.Time) bool {
	missing := d.missing()
	return e.lettersOn() && len(missing) > 0 &&
		!slices.ContainsFunc(missing, func(name string) bool { return !e.keptTooLong(d, name, now) })
}

// stopWaiting takes from each waiting event the handlers that are down and have kept it too long, and has its other handlers
// run. While such a handler is probed, or a probe is due, the event waits for it.
func (e *engine) stopWaiting(now time.Time) {
	if e.downs.count == 0 || !e.lettersOn() {
		return
	}
	e.handling.waiting = slices.DeleteFunc(e.handling.waiting, func(d *delivery) bool {
		d.handlers = slices.DeleteFunc(slices.Clone(d.handlers), func(name string) bool {
			return e.downs.breakers[name].pausing(now) && e.keptTooLong(d, name, now)
		})
		if len(d.handlers) > 0 {
			return false
		}
		e.slots.free()
		if e.mayGiveUp(d, d.missing(), now) {
			e.bury(d, now)
		} else {
			e.leave(d, LeftSittingOut)
		}
		return true
	})
}
