package worker

import (
	"context"
	"slices"
	"time"
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

// A burial is a delivery that was written to the dead letters, or could not be.
type burial struct {
	delivery *delivery
	letter   DeadLetter
	err      error
}

// write stores a letter, in what is left of the event's handling time.
func (e *engine) write(d *delivery, letter DeadLetter) {
	report := burial{delivery: d, letter: letter, err: errWriterGone}
	defer func() { tell(e, e.buried, report) }()
	ctx, cancel := context.WithDeadlineCause(e.work, d.handleBy, errHandlingTime)
	defer cancel()
	report.err = e.opts.DeadLetters.Write(ctx, letter)
}

func (e *engine) onBuried(b burial) {
	d := b.delivery
	e.vacate(d)
	if b.err != nil {
		e.onFailed(d)
		e.buryTrouble.Report(time.Now(), b.err)
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
