package worker

import (
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// handling is what the engine knows about events between their arrival and the return of their handlers.
type handling struct {
	waiting []*delivery // see wait.go

	// Events whose handlers have outlived their lease: how many, and by Key, with those whose writers have. Each keeps its place
	// and slot.
	stuck     int
	stuckKeys map[string]int

	warned say.Types                 // of being unmatched
	logs   map[string]zerolog.Logger // of failures, by handler: some of them
	late   zerolog.Logger            // of events that were left for lack of time
}

func newHandling(log zerolog.Logger, handlers []string) handling {
	h := handling{stuckKeys: map[string]int{}, logs: map[string]zerolog.Logger{}, late: say.Sampled(log)}
	for _, name := range handlers {
		h.logs[name] = say.Sampled(log)
	}
	return h
}

// active counts the events that are being handled or will be: the stuck ones are not waited for.
func (e *engine) active() int { return len(e.handling.waiting) + e.slots.busy - e.handling.stuck }

// accept takes a delivery in. pulled is when its Pull returned.
func (e *engine) accept(d *delivery, pulled time.Time) {
	e.leases.hold(d)
	d.handlers = d.wanted
	if len(d.wanted) == 0 {
		e.onUnmatched(d)
		return
	}
	if !e.memory.Empty() || !e.book.Empty() {
		e.consult(d, pulled)
	}
	switch {
	case e.handling.isStuck(d): // for too long, or it would have been left
		e.bury(d, d.arrived)
	case e.takeOwed(d):
		e.bury(d, d.arrived)
	case len(d.handlers) > 0:
		e.enqueue(d)
	case len(d.missing()) == 0:
		e.onDone(d, &e.sum.Handled)
	default:
		e.leave(d, LeftSittingOut)
	}
}

// consult takes from the handlers of an event those that need not or should not run in this delivery. What a Keeper hands out has
// sat out what it was to.
func (e *engine) consult(d *delivery, pulled time.Time) {
	now := d.arrived
	d.succeeded = e.memory.Recall(d.key(), pulled)
	d.handlers = nil
	for _, name := range d.missing() {
		if c := e.book.Case(d.key(), name); c == nil || e.keeper != nil || now.After(c.Until) || e.tooOld(c, now) {
			d.handlers = append(d.handlers, name)
		}
	}
}

func (e *engine) onUnmatched(d *delivery) {
	t := d.event.Type
	if e.handling.warned.First(t) {
		e.passing(e.log).Str("type", string(t)).Stringer("unmatched", e.opts.Unmatched).Msg(e.router.WhyUnmatched(d.event))
	}
	switch e.opts.Unmatched {
	case UnmatchedLeave:
		e.leave(d, LeftUnmatched)
	case UnmatchedDeadLetter:
		e.bury(d, d.arrived)
	default:
		e.onDone(d, &e.sum.Unmatched)
	}
}

func (e *engine) startHandling(now time.Time) {
	for e.slots.hasPlace() {
		d := e.nextToStart(now)
		if d == nil {
			return
		}
		e.slots.occupy()
		d.running, d.started = true, now
		e.assign(d)
	}
}

var errStuck = errors.New("it has not returned")

var errHandlingTime = errors.New("the event's handling time is over")

// onStuck notes that the handlers of d have outlived its lease. They can't be ended, so they keep their place; the
// same event is not run beside them.
func (e *engine) onStuck(d *delivery) {
	d.stuck = true
	e.handling.stuck++
	e.handling.stuckKeys[d.key()]++
	now := time.Now()
	for _, name := range d.handlers {
		_, before := e.book.Fail(d.key(), name, d.event.Repeats(), errStuck, now) // no attempt before it has returned
		if len(d.handlers) == 1 {                                                 // of several, nobody knows which
			e.bringsDown(d, Outcome{Handler: name, Kind: Expired, Err: errStuck}, before.First, now)
		}
	}
	e.endProbe(d, d.handlers, now)
	say.About(e.log.Error(), d.event).Strs("handlers", d.handlers).Int("stuck", e.handling.stuck).
		Msg("a handler did not return when its context ended; it keeps its place until it does")
}

func (h *handling) isStuck(d *delivery) bool {
	return len(h.stuckKeys) > 0 && h.stuckKeys[d.key()] > 0
}

func (h *handling) unstick(key string) {
	if h.stuckKeys[key]--; h.stuckKeys[key] == 0 {
		delete(h.stuckKeys, key)
	}
}
