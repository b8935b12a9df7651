package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/pause"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// confirms is what the engine knows about events that are handled and not yet confirmed.
type confirms struct {
	ready     []*delivery // not yet in a call, oldest first
	waiting   int         // ready or in a call, or given up and not yet written (see bury.go)
	bytes     int         // of their bodies
	failures  int         // calls in a row, refused ones aside
	succeeded bool        // any call has
	failing   error       // why the last one failed; nil if it did not
	lost      error       // why events were given up as unconfirmed last
	trouble   say.Trouble
	sampled   zerolog.Logger // for what can come in hundreds

	// alone holds when handles may be sent alone next, but while a batch does that: it has taken it.
	alone chan time.Time
}

func newConfirms(log zerolog.Logger, passing bool) confirms {
	c := confirms{trouble: newTrouble(log, "confirm events", passing), sampled: say.Sampled(log), alone: make(chan time.Time, 1)}
	c.alone <- time.Time{}
	return c
}

// accepting reports whether more events may be pulled, as far as confirming is concerned: with so many calls a second it must be
// possible to confirm within the margin what waits.
func (c *confirms) accepting(perSecond float64, margin time.Duration) bool {
	soon := MaxBatch * int(min(perSecond*margin.Seconds(), maxConfirming))
	return c.waiting <= min(maxConfirming, soon) && c.bytes <= maxConfirmingBytes &&
		(c.failures < maxConfirmFailures || c.waiting == 0)
}

// awaitConfirm takes an event that is done.
func (e *engine) awaitConfirm(d *delivery) {
	d.ready = time.Now()
	e.confirms.ready = append(e.confirms.ready, d)
	e.confirms.add(d, 1)
}

// add has an event wait for its confirm, 1, or wait no longer, -1.
func (c *confirms) add(d *delivery, n int) {
	c.waiting += n
	c.bytes += n * len(d.event.Raw)
	if c.waiting == 0 {
		c.failing = nil // nothing waits that it would keep from being confirmed
	}
}

// startConfirming sends full batches, and the rest when it is due.
func (e *engine) startConfirming(now time.Time) {
	for len(e.confirms.ready) >= MaxBatch {
		e.sendReady(MaxBatch)
	}
	if due := e.nextConfirm(); !due.IsZero() && !now.Before(due) {
		e.sendReady(len(e.confirms.ready))
	}
}

func (e *engine) sendReady(n int) {
	batch := make([]*delivery, n)
	copy(batch, e.confirms.ready)
	rest := copy(e.confirms.ready, e.confirms.ready[n:])
	clear(e.confirms.ready[rest:])
	e.confirms.ready = e.confirms.ready[:rest]
	go e.confirm(batch)
}

// nextConfirm is when what is ready is to be sent though it does not fill a batch: at once if no event is being handled that could
// join it, else when the oldest has lingered. While calls wait for their turn a further one would wait behind them, so what is ready
// stays here, where more may join it; for the margin at most. If a lease has only that left, none of this is waited for.
func (e *engine) nextConfirm() (due time.Time) {
	if len(e.confirms.ready) == 0 {
		return time.Time{}
	}
	due = e.confirms.ready[0].ready
	switch {
	case e.confirmLane.Busy():
		due = due.Add(e.terms.margin)
	case e.active() > 0 && !e.stopping:
		due = due.Add(e.opts.Linger)
	}
	for _, d := range e.confirms.ready {
		if d.handleBy.Before(due) {
			due = d.handleBy
		}
	}
	return due
}

// A confirmation reports one ConfirmEvents call, and what became of events by it.
type confirmation struct {
	called bool
	err    error
	done   []*delivery // confirmed
	dead   []*delivery // not to be confirmed any more: refused, or their lease is over
}

// confirm brings one batch to its end. After a failure it is sent again while a lease lasts; after a refusal, see refused.go.
// When a lease ends its event counts as unconfirmed, even if a call with it is still out (see expire).
func (e *engine) confirm(batch []*delivery) {
	pauses := pause.Jitter(200*time.Millisecond, 2*time.Second)
	var refused error // as a batch: what is left of it is to be sent alone
	for {
		if refused == nil {
			alive, err := e.send(batch)
			switch {
			case err == nil, errors.Is(err, errLeaseOver):
				return
			case !errors.Is(err, ErrRefused):
				batch = alive
			case len(alive) == 1:
				e.endRefused(alive, err)
				return
			default:
				batch, refused = alive, err
			}
		}
		if refused != nil {
			batch, refused = e.sendAlone(batch, refused)
		}
		if len(batch) == 0 || !pause.For(e.confirming, min(pauses.NextBackOff(), time.Until(lastEnd(batch)))) {
			return // it is done, or the stop's time is over
		}
	}
}

// send makes one call with those of a batch whose lease lasts, and returns them and what came of it.
func (e *engine) send(batch []*delivery) (alive []*delivery, err error) {
	waiting := time.Now()
	admitted := e.admit(batch)
	waited := time.Since(waiting)
	if alive = e.withoutExpired(batch); len(alive) == 0 {
		return nil, errLeaseOver
	}
	report := confirmation{called: admitted, err: errNotAdmitted}
	if admitted {
		report.err = e.callConfirm(alive, waited)
	}
	switch {
	case report.err == nil:
		report.done = alive
	case admitted && !errors.Is(report.err, ErrRefused):
		for _, d := range alive {
			d.unknown = true
		}
	}
	tell(e, e.confirmed, report)
	return alive, report.err
}

var (
	errNotAdmitted = errors.New("the rate allows no call before the lease ends")
	errLeaseOver   = errors.New("its lease is over")
)

// admit waits for the limiter, as long as a lease of the batch lasts.
func (e *engine) admit(batch []*delivery) bool {
	ctx, cancel := context.WithDeadline(e.confirming, lastEnd(batch))
	defer cancel()
	defer func() {
		select {
		case e.admitted <- struct{}{}:
		default:
		}
	}()
	return e.confirmLane.Wait(ctx) == nil
}

// withoutExpired returns those whose lease lasts. The handles of the others are dead, and would have the call refused.
func (e *engine) withoutExpired(batch []*delivery) (alive []*delivery) {
	now := time.Now()
	var expired []*delivery
	for _, d := range batch {
		if now.Before(d.leaseEnd) {
			alive = append(alive, d)
		} else {
			expired = append(expired, d)
		}
	}
	if len(expired) > 0 {
		tell(e, e.confirmed, confirmation{dead: expired})
	}
	return alive
}

// callConfirm calls ConfirmEvents once, for at most callLimit and no longer than the batch's last lease.
func (e *engine) callConfirm(batch []*delivery, waited time.Duration) error {
	handles := make([]string, len(batch))
	for i, d := range batch {
		handles[i] = d.event.Handle
	}
	ctx, cancel := context.WithTimeout(e.confirming, min(callLimit, time.Until(lastEnd(batch))))
	defer cancel()
	began := time.Now()
	err := e.source.Confirm(ctx, handles)
	e.slow("ConfirmEvents", e.confirmLane.Bucket, began, err)
	if hook := e.opts.Hooks.Confirmed; hook != nil {
		hook(e.confirmInfo(batch, waited, began, err))
	}
	return err
}

// lastEnd is when the last lease of a batch ends.
func lastEnd(batch []*delivery) time.Time {
	return slices.MaxFunc(batch, func(a, b *delivery) int { return a.leaseEnd.Compare(b.leaseEnd) }).leaseEnd
}

func (e *engine) confirmInfo(batch []*delivery, waited time.Duration, began time.Time, err error) ConfirmInfo {
	info := ConfirmInfo{
		SubAppID:  e.opts.SubAppID,
		Events:    make([]events.Event, len(batch)),
		Waited:    waited,
		Took:      time.Since(began),
		LeaseLeft: make([]time.Duration, len(batch)),
		Err:       err,
	}
	for i, d := range batch {
		info.Events[i] = d.event
		info.LeaseLeft[i] = time.Until(d.leaseEnd)
	}
	return info
}

func (e *engine) onConfirmed(c confirmation) {
	now := time.Now()
	if c.called {
		e.onConfirmCall(c.err, len(c.done), now)
	}
	e.sum.Confirmed += len(c.done)
	for _, d := range c.done {
		e.leases.release(d)
		e.drain.note(d, 0)
		if d.idOnce != "" {
			e.memory.Forget(d.key()) // else nothing was ever remembered of it
			e.book.Forget(d.key())
		}
	}
	e.onDead(c)
	for _, ended := range [][]*delivery{c.done, c.dead} {
		for _, d := range ended {
			d.closed = true
			e.confirms.add(d, -1)
			e.slots.letGo(d)
		}
	}
}

func (e *engine) onConfirmCall(err error, confirmed int, now time.Time) {
	c := &e.confirms
	switch {
	case err == nil:
		c.failures, c.succeeded, c.failing = 0, true, nil
		c.trouble.Over(now)
		e.log.Debug().Int("events", confirmed).Msg("confirmed")
	case errors.Is(err, ErrRefused):
		say.Failure(e.log.Debug(), err).Msg("confirm refused")
	case errors.Is(err, ErrFatal) && !c.succeeded && !e.stopping:
		e.err = fmt.Errorf("confirm events: %w", err)
		e.stop("the API refuses what is configured")
	default:
		if errors.Is(err, ErrThrottled) { // the limiter sees to it
			e.sayLowered("ConfirmEvents", e.confirmLane.Bucket)
		} else {
			c.failures++
		}
		c.failing = err
		c.trouble.Report(now, err)
		e.drain.onTrouble(c.trouble.Since, err, now)
	}
}
