package vodtest

import (
	"context"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/clock"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// An app is one application: its queue, those who wait for events, and its settings. The emulator's lock guards it.
type app struct {
	id       uint64
	queue    queue
	parked   []*poll      // the oldest first
	alarm    *clock.Timer // rings when the next lease ends, set only while somebody is parked
	calls    map[string]int
	settings settings
	outbox   *outbox // callbacks, while it does not pull
	library  *library.Library
	tasks    *clock.Timer // rings when a task is next due
}

// A poll is a PullEvents call that found nothing and waits.
type poll struct {
	ctx    context.Context
	answer chan []delivery // has room for the one answer, so that handing it over never blocks
}

// app returns the application, which begins to exist when it is first used. The lock must be held.
func (e *Emulator) app(subAppID uint64) *app {
	a := e.apps[subAppID]
	if a == nil {
		a = e.newApp(subAppID)
		e.apps[subAppID] = a
	}
	return a
}

// look returns the application, to be looked at only: one that nobody has used is as new, and is not kept. The lock must be held.
func (e *Emulator) look(subAppID uint64) *app {
	if a := e.apps[subAppID]; a != nil {
		return a
	}
	fresh := e.newApp(subAppID)
	fresh.outbox.breakOff() // or the emulator would keep its context
	return fresh
}

func (e *Emulator) newApp(subAppID uint64) *app {
	a := &app{
		id: subAppID,
		queue: queue{
			window:       e.window(),
			retention:    e.cfg.Retention,
			allOrNothing: e.cfg.AllOrNothing,
			reconfirm:    e.cfg.Reconfirm,
			keepHandle:   e.cfg.KeepHandle,
			newHandle:    e.ids.handle,
			live:         map[string]*lease{},
			past:         ring[pastEvent]{size: keptPast},
		},
		calls:    map[string]int{},
		settings: e.cfg.firstSettings(),
		outbox:   newOutbox(e.ctx, subAppID),
		library:  library.New(subAppID, e.rules),
	}
	a.alarm = e.time.NewTimer(func() { e.wake(func() { e.serve(a) }) })
	a.tasks = e.time.NewTimer(func() { e.wake(func() { e.catchUp(a, e.now()) }) })
	return a
}

// take leases events, and waits for some if there are none: until the hold is over, then it returns none. If the
// caller leaves while it waits, nothing is leased.
func (e *Emulator) take(ctx context.Context, subAppID uint64) ([]delivery, error) {
	e.mu.Lock()
	a, now := e.app(subAppID), e.now()
	e.catchUp(a, now)
	batch := a.queue.take(now)
	if len(batch) > 0 || e.cfg.Hold < 0 {
		e.mu.Unlock()
		return batch, nil
	}
	p := &poll{ctx: ctx, answer: make(chan []delivery, 1)}
	a.parked = append(a.parked, p)
	e.setAlarm(a)
	e.mu.Unlock()

	hold := time.NewTimer(e.cfg.Hold)
	defer hold.Stop()
	var err error
	select {
	case batch := <-p.answer:
		return batch, nil
	case <-hold.C:
	case <-ctx.Done():
		err = ctx.Err()
	case <-e.closed:
		err = errClosed
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	place := slices.Index(a.parked, p)
	if place < 0 {
		return <-p.answer, nil // it was handed over at the same moment
	}
	a.parked = slices.Delete(a.parked, place, place+1)
	defer e.serve(a) // leases may have ended unnoticed by the others
	if err != nil {
		return nil, err
	}
	return a.queue.take(e.now()), nil // a lease may end with the hold
}

// serve hands what is there to those who wait, the longest wait first. The lock must be held.
func (e *Emulator) serve(a *app) {
	a.parked = slices.DeleteFunc(a.parked, func(p *poll) bool {
		if p.ctx.Err() != nil {
			return false // it is about to leave, and takes nothing
		}
		batch := a.queue.take(e.now())
		if len(batch) == 0 {
			return false
		}
		p.answer <- batch
		return true
	})
	e.setAlarm(a)
}

// setAlarm makes the end of the next lease wake those who wait. The lock must be held.
func (e *Emulator) setAlarm(a *app) {
	if end, ok := a.queue.nextEnd(); ok && len(a.parked) > 0 {
		a.alarm.Set(end)
	} else {
		a.alarm.Stop()
	}
}

// wake does what a timer is for.
func (e *Emulator) wake(do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	do()
}
