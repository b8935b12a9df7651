package worker

import (
	"cmp"
	"context"
	"time"
)

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
