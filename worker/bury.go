package worker

import (
	"context"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// spent reports whether a handler has used up its attempts at an event.
func (e *engine) spent(a *attempt) bool {
	return e.opts.DeadLetters != nil && a.spent(e.opts.DeadLetters.Attempts)
}

// allSpent reports whether all the missing handlers of an event have.
func (e *engine) allSpent(d *delivery, missing []string) bool {
	return e.opts.DeadLetters != nil && !e.memory.empty() && !slices.ContainsFunc(missing, func(name string) bool {
		return e.downs.breakers[name].down || !e.spent(e.memory.attempt(d.key(), name))
	})
}

// reconsider looks again at an event that was to be buried when it came, since it has waited: what was known of it may be
// forgotten, as when another delivery of it was confirmed, or forgiven, as when its handler turned out to be down.
func (e *engine) reconsider(d *delivery) {
	if d.bury && len(d.wanted) > 0 && !e.allSpent(d, d.missing()) {
		d.bury, d.handlers = false, d.missing()
	}
}

func (e *engine) letter(d *delivery) DeadLetter {
	letter := DeadLetter{Event: d.event, Reason: ReasonUnmatched, First: d.arrived, Last: d.arrived}
	if len(d.wanted) == 0 {
		return letter
	}
	letter.Reason, letter.Missing = ReasonAttempts, d.missing()
	for _, name := range letter.Missing {
		a := e.memory.attempt(d.key(), name)
		if a == nil {
			continue
		}
		if a.permanent {
			letter.Reason = ReasonPermanent
		}
		letter.Attempts = max(letter.Attempts, a.count)
		if a.last.After(letter.Last) || letter.LastError == "" {
			letter.LastError, letter.Last = a.err, a.last
		}
	}
	if memo := e.memory.events[d.key()]; memo != nil {
		letter.First = memo.first
	}
	return letter
}

const (
	maxWriting  = 4           // letters at once: places of their own, so that slow ones do not hold up what can be handled
	writingTime = time.Second // of its handling time, that must be left for an event's letter to be started
)

// burials are the events that were given up. They wait for their confirm, with neither place nor slot, from then on.
type burials struct {
	waiting []burial
	keys    map[string]bool // of those that are being written: never twice at once
	stuck   int             // of those, with a writer that has outlived the event's lease
}

// count is how many there are that have not been written yet.
func (b *burials) count() int { return len(b.waiting) + len(b.keys) }

// A burial is a delivery that is to be written to the dead letters, or what became of it.
type burial struct {
	delivery *delivery
	letter   DeadLetter
	err      error
}

// awaitWriting takes an event that is given up.
func (e *engine) awaitWriting(d *delivery, letter DeadLetter) {
	d.need = e.terms.need(writingTime)
	e.confirms.add(d, 1)
	e.burials.waiting = append(e.burials.waiting, burial{delivery: d, letter: letter})
}

// startWriting starts as many letters as may be written, and lets go of events for whose letters there is too little time left.
func (e *engine) startWriting(now time.Time) {
	e.burials.waiting = slices.DeleteFunc(e.burials.waiting, func(b burial) bool {
		d := b.delivery
		if now.After(e.startBy(d)) {
			e.confirms.add(d, -1)
			e.onUnwritten(d, errHandlingTime)
			return true
		}
		if len(e.burials.keys) >= maxWriting || e.burials.keys[d.key()] {
			return false
		}
		e.burials.keys[d.key()] = true
		d.writing = true
		go e.write(b)
		return true
	})
}

// write stores a letter, in what is left of the event's handling time.
func (e *engine) write(b burial) {
	b.err = errWriterGone
	defer func() { tell(e, e.buried, b) }()
	ctx, cancel := context.WithDeadlineCause(e.work, b.delivery.handleBy, errHandlingTime)
	defer cancel()
	b.err = e.opts.DeadLetters.Write(ctx, b.letter)
}

// onWriterStuck notes that who writes d has outlived its lease. It keeps its place; nobody waits for it.
func (e *engine) onWriterStuck(d *delivery) {
	d.stuck = true
	e.burials.stuck++
	e.handling.stuckKeys[d.key()]++
	e.confirms.add(d, -1)
	say.About(e.log.Error(), d.event).Msg("a dead letter was not written when its context ended; it keeps its place until it is")
}

func (e *engine) onUnwritten(d *delivery, err error) {
	e.onFailed(d)
	e.buryTrouble.Report(time.Now(), err)
}

func (e *engine) onBuried(b burial) {
	d := b.delivery
	delete(e.burials.keys, d.key())
	d.writing = false
	if d.stuck {
		e.burials.stuck--
		e.handling.unstick(d.key())
	} else {
		e.confirms.add(d, -1)
	}
	if b.err != nil {
		e.onUnwritten(d, b.err)
		return
	}
	e.buryTrouble.Over(time.Now())
	e.log.Error().EmbedObject(b.letter).Msg("event given up, and written to the dead letters")
	if hook := e.opts.Hooks.DeadLettered; hook != nil {
		hook(b.letter)
	}
	e.sum.DeadLettered++
	e.awaitConfirm(d)
}
