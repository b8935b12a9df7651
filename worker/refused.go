package worker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// A refused call says nothing of any single handle: one may be dead, or the API may not be itself. So each handle is sent once
// more, alone. A dead one is sent no more; the event was handled, which is remembered if it comes again.

const (
	maxRefusedAlone = 3               // the first of a batch, none of which was accepted: then it is the API
	refusedPause    = 2 * time.Second // until it is asked again with handles alone: else it would get little else
)

// sendAlone sends each handle of a refused batch alone, beginning with the first three. It returns the deliveries that are to
// be sent again: alone if it says why, else as a batch. One batch does so at a time, and full batches that are ready go first.
func (e *engine) sendAlone(batch []*delivery, why error) (again []*delivery, alone error) {
	ctx, cancel := context.WithDeadline(e.confirming, lastEnd(batch))
	defer cancel()
	var notBefore time.Time
	select {
	case notBefore = <-e.confirms.alone:
		defer func() { e.confirms.alone <- notBefore }()
	case <-ctx.Done():
		return batch, nil
	}
	if time.Now().Before(notBefore) {
		e.reportTrouble(why)
		return batch, nil
	}
	var refused []*delivery // alone too
	accepted := false
	first := min(maxRefusedAlone, len(batch))
	for _, group := range [][]*delivery{batch[:first], batch[first:]} {
		errs := make([]error, len(group))
		var calls sync.WaitGroup
		for i := range group {
			calls.Go(func() { _, errs[i] = e.send(group[i : i+1]) })
		}
		calls.Wait()
		for i, d := range group {
			switch err := errs[i]; {
			case err == nil:
				accepted = true
			case errors.Is(err, errLeaseOver):
			case !errors.Is(err, ErrRefused):
				again = append(again, d)
			case d.unknown: // which explains it
				e.endRefused([]*delivery{d}, err)
			default:
				refused = append(refused, d)
			}
		}
		if batch = batch[len(group):]; !accepted && len(refused) >= maxRefusedAlone {
			notBefore = time.Now().Add(refusedPause)
			e.reportTrouble(why)
			return slices.Concat(batch, again, refused), nil // others come first next time
		}
	}
	e.endRefused(refused, why)
	return again, why
}

// reportTrouble counts a failed call: that all handles are refused is the API's trouble, and no handle's.
func (e *engine) reportTrouble(why error) {
	tell(e, e.confirmed, confirmation{called: true, err: allRefused{why}})
}

// allRefused does not wrap the last refusal, since it says something else.
type allRefused struct{ why error }

func (r allRefused) Error() string   { return "every handle is refused, alone too: " + r.why.Error() }
func (r allRefused) Request() string { return say.Request(r.why) }

// endRefused ends events whose handles were refused alone: they are not given up to the dead letters, since they were handled.
func (e *engine) endRefused(refused []*delivery, why error) {
	if len(refused) > 0 {
		tell(e, e.confirmed, confirmation{err: why, dead: refused})
	}
}

// onDead takes events that are not to be confirmed any more. One that was refused after a call without a usable answer counts
// as confirmed, since that call most likely did it. Its success is remembered all the same.
func (e *engine) onDead(c confirmation) {
	unconfirmed := len(c.dead)
	for _, d := range c.dead {
		why := openUnconfirmed
		if errors.Is(c.err, ErrRefused) && d.unknown && !d.closed {
			why = 0
			unconfirmed--
		}
		e.drain.note(d, why)
		if !d.closed {
			e.endUnconfirmed(d)
			e.giveBack(d, 0)
			if c.err == nil { // refused it was not
				e.loseLease(d, StageConfirming)
			}
		}
	}
	e.sum.Confirmed += len(c.dead) - unconfirmed
	e.sum.Unconfirmed += unconfirmed
	if unconfirmed > 0 {
		e.confirms.lost = cmp.Or(c.err, e.confirms.failing)
		sayUnconfirmed(e.passing(e.confirms.sampled), unconfirmed, e.confirms.lost)
	}
}

func sayUnconfirmed(line *zerolog.Event, n int, why error) {
	say.Failure(line.Int("events", n), why).
		Msg("handled events could not be confirmed; if they were not confirmed before, they will be handled again")
}
