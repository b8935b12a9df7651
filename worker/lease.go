package worker

import (
	"container/list"
	"fmt"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
)

// The window of 30 s is divided up:
//
//	0 s  the lease begins: see Batch.Leased
//	     handling time, 25 s: at least 10 s of it must be left when handling starts
//	25 s the handlers' context ends
//	     margin, 5 s: confirming, one call taking at most 5 s
//	30 s the lease ends; VOD hands the event out again
//
// Counting from the earliest possible beginning can only cost a second run, never a loss.
const (
	defaultWindow = 30 * time.Second
	marginShare   = 6               // the margin is a sixth of the window
	callLimit     = 5 * time.Second // for one ConfirmEvents, and for all of them after a stop's grace

	// HandlingTime is how much of VOD's window handlers get, 25 s, and what those of a callback get too.
	HandlingTime = defaultWindow - defaultWindow/marginShare

	// leastHandling leaves a tenth of itself to start in: HeadStart may be over on arrival, and two fifths must be left (see
	// need).
	leastHandling = 2 * HeadStart
)

// terms is how a window is divided up.
type terms struct {
	window, margin time.Duration
}

func (t terms) handling() time.Duration { return t.window - t.margin }

func (t terms) validate() error {
	switch {
	case t.window <= 0 || t.margin <= 0 || t.handling() <= 0:
		return fmt.Errorf("window %v less margin %v leaves no time for handling: make the margin smaller", t.window, t.margin)
	case t.handling() < leastHandling:
		return fmt.Errorf("window %v less margin %v leaves %v for handling, which needs %v at least: make the margin smaller, "+
			"or an emulator's window longer", t.window, t.margin.Round(time.Millisecond), t.handling().Round(time.Millisecond), leastHandling)
	}
	return nil
}

// need is how much of the handling time must be left for an event to be started: two fifths of it, or less if its
// handlers' time-outs are all shorter.
func (t terms) need(longest time.Duration) time.Duration {
	need := t.handling() * 2 / 5
	if longest > 0 {
		need = min(need, longest)
	}
	return need
}

// A delivery is one event, handed out once. The engine's goroutine owns it. While it is being handled, outcomes belong to
// the goroutine that handles it; while it is being confirmed, unknown belongs to the one that does that.
type delivery struct {
	event     events.Event
	wanted    []string // the handlers that want it
	succeeded []string // of those, the ones that need not run again
	handlers  []string // of those, the ones to be run in this delivery
	idOnce    string   // see key

	arrived  time.Time
	started  time.Time
	handleBy time.Time // the handling time ends
	leaseEnd time.Time
	need     time.Duration // of the handling time, to be started
	size     int           // of its body, while that counts: see slots

	running  bool          // its handlers are
	writing  bool          // it is being written to the dead letters
	probes   []string      // the handlers, down, that it is to find out about
	stuck    bool          // its handlers, or who writes it, have outlived its lease
	held     *list.Element // in leases, until it is left, has failed or is confirmed, or its lease ends
	outcomes []Outcome
	ready    time.Time // since when it waits for its confirm
	closed   bool      // it is confirmed, or its success is remembered: neither is to be done again
	unknown  bool      // a call with it had no usable answer, and may have confirmed it
}

// key is the event's Key, computed once and only when it is needed.
func (d *delivery) key() string {
	if d.idOnce == "" {
		d.idOnce = d.event.Key()
	}
	return d.idOnce
}

// missing are the handlers that have not succeeded.
func (d *delivery) missing() (names []string) {
	for _, name := range d.wanted {
		if !slices.Contains(d.succeeded, name) {
			names = append(names, name)
		}
	}
	return names
}

// leases are the deliveries whose lease is held, the one that ends first in front.
type leases struct{ list.List }

// hold adds d. Windows are of one length, so its place is at the end or close to it.
func (l *leases) hold(d *delivery) {
	before := l.Back()
	for before != nil && before.Value.(*delivery).leaseEnd.After(d.leaseEnd) {
		before = before.Prev()
	}
	if before == nil {
		d.held = l.PushFront(d)
	} else {
		d.held = l.InsertAfter(d, before)
	}
}

func (l *leases) release(d *delivery) {
	if d.held != nil {
		l.Remove(d.held)
		d.held = nil
	}
}

func (l *leases) first() *delivery {
	if front := l.Front(); front != nil {
		return front.Value.(*delivery)
	}
	return nil
}

// firstEnd is when the first of them ends; zero if none is held.
func (l *leases) firstEnd() time.Time {
	if d := l.first(); d != nil {
		return d.leaseEnd
	}
	return time.Time{}
}

func (t terms) newDelivery(e events.Event, began, now time.Time) *delivery {
	return &delivery{
		event:    e,
		arrived:  now,
		handleBy: began.Add(t.handling()),
		leaseEnd: began.Add(t.window),
	}
}

// expire lets go of the leases that are over: their events may be handed out again from now on.
func (e *engine) expire(now time.Time) {
	for d := e.leases.first(); d != nil && !now.Before(d.leaseEnd); d = e.leases.first() {
		e.leases.release(d)
		switch {
		case d.running:
			e.loseLease(d, StageHandling)
			e.slots.stick(d)
			e.onStuck(d)
		case d.writing:
			e.loseLease(d, StageHandling)
			e.slots.stick(d)
			e.onWriterStuck(d)
		case !d.ready.IsZero() && !d.closed: // a call with it may still be out
			d.closed = true
			e.endUnconfirmed(d)
			e.giveBack(d, 0)
			e.loseLease(d, StageConfirming)
		}
	}
	e.memory.Expire(now)
	e.book.Expire(now)
}

// loseLease tells that the event of d was not confirmed in time. Of one that is stuck it was told when it came to be.
func (e *engine) loseLease(d *delivery, at Stage) {
	if hook := e.opts.Hooks.LeaseLost; hook != nil && !d.stuck {
		hook(LeaseInfo{Event: d.event, Stage: at})
	}
}
