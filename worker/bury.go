package worker

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/internal/say"
)

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

// bury takes an event that is to be written to the dead letters, and then confirmed.
func (e *engine) bury(d *delivery, now time.Time) {
	d.need = e.terms.need(writingTime)
	e.confirms.add(d, 1)
	e.burials.waiting = append(e.burials.waiting, burial{delivery: d, letter: e.letter(d, now)})
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

// onWriterStuck notes that the writer of d has outlived its lease. The writer keeps its place; nobody waits for it.
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

func (e *engine) letter(d *delivery, now time.Time) DeadLetter {
	letter := DeadLetter{Event: d.event, Reason: ReasonUnmatched, First: d.arrived, Last: d.arrived}
	if len(d.wanted) == 0 {
		return letter
	}
	letter.Reason, letter.Missing = ReasonAttempts, d.missing()
	for _, name := range letter.Missing {
		c := e.book.Case(d.key(), name)
		if c == nil { // its handler was down all the time
			letter.Reason = ReasonAge
			letter.LastError = cmp.Or(letter.LastError, e.downs.lastError(name))
			continue
		}
		switch {
		case !c.Guilty:
			letter.Reason = ReasonAge
		case c.Rejected && letter.Reason == ReasonAttempts:
			letter.Reason = ReasonPermanent
		}
		letter.Attempts = max(letter.Attempts, c.Count)
		if c.First.Before(letter.First) {
			letter.First = c.First
		}
		if c.Last.After(letter.Last) || letter.LastError == "" {
			letter.LastError, letter.Last = c.Err, c.Last
		}
	}
	return letter
}
