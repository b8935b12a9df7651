// Package blame keeps a book of failures, and says when an event is to blame for its own.
//
// A handler's error is this event's poison or everybody's outage, and looks the same. What tells them apart is what else the
// handler does meanwhile: see [Book.Guilty].
package blame

import (
	"container/list"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// keepUnseen is how long an event stays in the book that does not come any more: it was handled elsewhere, or is gone.
	keepUnseen = 6 * time.Hour

	// maxEvents bounds the book. Of more than that, those are dropped which have not been seen for longest.
	maxEvents = 10_000

	// maxDoubled is after how many failures the pause between two is as long as it gets: 15 windows, 7.5 minutes.
	maxDoubled = 5
)

// A Case is what is known of a handler's failures of one event.
type Case struct {
	Count    int       // failures that count against the event: its attempts
	Failures int       // in whatever way
	First    time.Time // failure, in whatever way
	Last     time.Time
	Until    time.Time // the handler sits the event out
	Err      string    // the last
	Rejected bool      // by the last, as surely the event's fault
	Guilty   bool      // by the last: see Book.Guilty
	Owed     bool      // it was given up by the last, which came too late for its letter: the next delivery gets that
	seen     int       // deliveries since First, the first included
}

// A Book is what a worker knows of failures in its application. It is empty while all goes well. It is not safe for
// concurrent use.
type Book struct {
	window time.Duration
	events map[string]*entry // by Key
	order  list.List         // of *entry, the one that was not seen for longest in front
	ages   list.List         // of *entry, the one that fails for longest in front
	lanes  map[Lane]*history
	health map[string]*Health // by handler
	gone   map[string]bool    // what left the book since it was kept last, of what was kept
	isNew  bool               // there is something to keep
}

// Health is how a handler does, whatever the event.
type Health struct {
	Succeeded    bool      `json:"succeeded"`              // ever
	FailingSince time.Time `json:"failing_since,omitzero"` // its first failure since it last succeeded; zero if there is none
	Failed       time.Time `json:"failed,omitzero"`        // its last failure since then
}

// Fail notes a failure. What was before the last 6 h says nothing of what was since.
func (h *Health) Fail(now time.Time) {
	if now.Sub(h.Failed) > keepUnseen {
		h.FailingSince = now
	}
	h.Failed = now
}

type entry struct {
	key     string
	repeats bool
	kept    bool      // or was to be
	first   time.Time // failure
	seen    time.Time
	cases   map[string]*Case // by handler

	inOrder, inAges *list.Element
}

// A Lane is what a failure is compared with: what the same handler does with events of the same type.
type Lane struct{ Handler, Type string }

// New returns an empty Book for a queue with this window.
func New(window time.Duration) *Book {
	return &Book{
		window: window,
		events: map[string]*entry{}, lanes: map[Lane]*history{}, health: map[string]*Health{},
		gone: map[string]bool{},
	}
}

// Empty reports whether no failure is known.
func (b *Book) Empty() bool { return len(b.events) == 0 }

// Health returns how a handler does. Who changes it says so with Change.
func (b *Book) Health(handler string) *Health {
	h := b.health[handler]
	if h == nil {
		h = &Health{}
		b.health[handler] = h
	}
	return h
}

// Change notes that there is something new to keep.
func (b *Book) Change() { b.isNew = true }

// Changed reports whether there is something new to keep.
func (b *Book) Changed() bool { return b.isNew }

// Case returns what is known of a handler's failures of an event; nil if there were none.
func (b *Book) Case(key, handler string) *Case {
	if e := b.events[key]; e != nil {
		return e.cases[handler]
	}
	return nil
}

// Seen notes a delivery of an event, whether its handlers are run or not.
func (b *Book) Seen(key string, now time.Time) {
	e := b.events[key]
	if e == nil {
		return
	}
	e.seen = now
	b.order.MoveToBack(e.inOrder)
	for _, c := range e.cases {
		c.seen++
	}
}

// Fail notes that a handler failed an event, and returns its Case, and what that was before, zero if there was none. Whether
// the failure counts against the event, Count says.
func (b *Book) Fail(key, handler string, repeats bool, err error, now time.Time) (c *Case, before Case) {
	e := b.events[key]
	if e == nil {
		e = &entry{key: key, repeats: repeats, first: now, cases: map[string]*Case{}}
		b.events[key] = e
		e.inOrder, e.inAges = b.order.PushBack(e), b.ages.PushBack(e)
		if len(b.events) > maxEvents {
			b.Forget(b.order.Front().Value.(*entry).key)
		}
	}
	e.seen, b.isNew = now, true
	b.order.MoveToBack(e.inOrder)
	if c = e.cases[handler]; c == nil {
		c = &Case{First: now, seen: 1}
		e.cases[handler] = c
	} else {
		before = *c
	}
	c.Failures++
	c.Last, c.Err, c.Guilty, c.Rejected, c.Owed = now, err.Error(), false, false, false
	return c, before
}

// Restore takes over what was kept elsewhere of a handler's failures of an event, unless the Book knows as much itself: what it
// has absolved since is not to count again. An event that it knows has rested meanwhile, and nobody else has seen it: that
// counts as if it had come in each window.
func (b *Book) Restore(key, handler string, repeats bool, kept Case, now time.Time) {
	const apart = time.Second // by which clocks, and what they were rounded to, may differ
	if c := b.Case(key, handler); c != nil && kept.Last.Sub(c.Last) < apart {
		c.seen += int(max(0, now.Sub(b.events[key].seen)/b.window-1))
		return
	}
	c, _ := b.Fail(key, handler, repeats, errors.New(kept.Err), now)
	kept.seen = kept.Failures
	*c = kept
	e := b.events[key]
	if !kept.First.Before(e.first) {
		return
	}
	e.first = kept.First
	for at := e.inAges.Prev(); at != nil && at.Value.(*entry).first.After(e.first); at = e.inAges.Prev() {
		b.ages.MoveBefore(e.inAges, at)
	}
}

// Attempt counts the failure that Fail has noted against the event. After the n-th the handler sits it out for at least
// 2^(n−1) − 1 windows, so that an event which can't be handled costs less and less. The random part takes events apart that
// came together: if they fail together, one may be what makes the others fail.
func (b *Book) Attempt(c *Case) {
	c.Count++
	windows := 1<<(min(c.Count, maxDoubled)-1) - 1
	pause := time.Duration(windows) * b.window
	if c.Count > 2 {
		pause += rand.N(2 * b.window)
	}
	c.Until = c.Last.Add(min(pause, 16*b.window))
}

// Absolve takes n attempts back: it was the handler's fault, not the event's.
func (b *Book) Absolve(key, handler string, n int) {
	if c := b.Case(key, handler); c != nil && n > 0 {
		c.Count = max(0, c.Count-n)
		c.Until, c.Guilty, c.Owed = time.Time{}, false, false
		b.isNew = true
	}
}

// Forget drops all that is known of an event, as when it was confirmed.
func (b *Book) Forget(key string) {
	e := b.events[key]
	if e == nil {
		return
	}
	b.order.Remove(e.inOrder)
	b.ages.Remove(e.inAges)
	delete(b.events, key)
	b.isNew = true
	if e.kept {
		b.gone[key] = true
	}
	if b.Empty() {
		clear(b.lanes) // nobody's alibi depends on them
	}
}

// ForgetHandler drops what is known of a handler's failures of an event, as when it has succeeded.
func (b *Book) ForgetHandler(key, handler string) {
	if e := b.events[key]; e != nil {
		if delete(e.cases, handler); len(e.cases) == 0 {
			b.Forget(key)
		}
	}
}

// Oldest is when the event first failed that fails for longest; zero if none is known.
func (b *Book) Oldest() time.Time {
	if front := b.ages.Front(); front != nil {
		return front.Value.(*entry).first
	}
	return time.Time{}
}

// Expire forgets what has not been seen for too long.
func (b *Book) Expire(now time.Time) {
	for at := b.NextExpiry(); !at.IsZero() && !now.Before(at); at = b.NextExpiry() {
		b.Forget(b.order.Front().Value.(*entry).key)
	}
}

// NextExpiry is when something is to be forgotten; zero if nothing is known.
func (b *Book) NextExpiry() time.Time {
	if front := b.order.Front(); front != nil {
		return front.Value.(*entry).seen.Add(keepUnseen)
	}
	return time.Time{}
}
