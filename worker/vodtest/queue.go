package vodtest

import (
	"container/list"
	"slices"
	"time"
)

// A queue is one application's events: a state machine without a clock, told at each step what time it is. It has
// no lock, and now must never go backwards. An event waits, or it is leased: handed out and hidden until its lease
// ends. Confirming it in that time removes it; otherwise it waits again, behind the others. When it has been kept for the
// retention it is dropped, leased or not.
type queue struct {
	window       time.Duration
	retention    time.Duration
	allOrNothing bool
	reconfirm    bool
	keepHandle   bool
	newHandle    func() string

	waiting list.List         // of *item, in the order in which they will be handed out
	leased  list.List         // of *lease, by its end
	kept    list.List         // of *item, all that are neither confirmed nor dropped, in the order of arrival
	live    map[string]*lease // by handle, until it ends or its event is confirmed
	past    ring[pastEvent]   // those that have left
	count   Stats             // without Waiting and Calls
}

type item struct {
	content    []byte
	brief      *brief
	seq        int // in the order of arrival
	sent       time.Time
	handle     string // of the last delivery
	deliveries int
	leases     []*lease      // the last one is that of handle; more than one only of a duplicate
	confirmed  bool          // only with reconfirm is it kept, to the ends of its leases, so that its handles are known
	place      *list.Element // in waiting; nil while it is hidden
	age        *list.Element // in kept
}

// inFlight reports whether the event is hidden: a duplicate that waits beside its leases is not.
func (it *item) inFlight() bool { return it.place == nil && !it.confirmed }

// A lease is one time that an event is handed out.
type lease struct {
	of     *item
	handle string
	end    time.Time
	place  *list.Element // in leased
}

// A delivery is an event as one pull is handed it.
type delivery struct {
	handle  string
	content []byte
}

func (q *queue) send(content []byte, now time.Time) {
	q.count.Sent++
	it := &item{content: content, brief: new(brief), seq: q.count.Sent, sent: now}
	it.place = q.waiting.PushBack(it)
	it.age = q.kept.PushBack(it)
}

// take leases up to maxBatch events.
func (q *queue) take(now time.Time) []delivery {
	q.expire(now)
	var batch []delivery
	for len(batch) < maxBatch && q.waiting.Len() > 0 {
		it := q.waiting.Remove(q.waiting.Front()).(*item)
		it.place = nil
		if it.handle == "" || !q.keepHandle {
			it.handle = q.newHandle()
		}
		q.hold(it, now.Add(q.window))
		q.count.Delivered++
		q.count.InFlight++
		if it.deliveries++; it.deliveries > 1 {
			q.count.Redelivered++
		}
		batch = append(batch, delivery{it.handle, it.content})
	}
	return batch
}

func (q *queue) hold(it *item, end time.Time) {
	l := &lease{of: it, handle: it.handle, end: end}
	l.place = q.leased.PushBack(l)
	it.leases = append(it.leases, l)
	q.live[l.handle] = l
}

func (q *queue) release(l *lease) {
	q.leased.Remove(l.place)
	l.of.leases = slices.DeleteFunc(l.of.leases, func(other *lease) bool { return other == l })
	if q.live[l.handle] == l { // with keepHandle it may be a later one's
		delete(q.live, l.handle)
	}
}

// confirm removes the events that were handed out under these handles. It returns the handles whose event it removed,
// and how many were bad. The same handle twice in one call counts as one.
func (q *queue) confirm(handles []string, now time.Time) (confirmed []string, bad int) {
	q.expire(now)
	good := make([]*lease, 0, len(handles))
	for _, handle := range handles {
		l := q.live[handle]
		if l == nil || l.of.confirmed && !q.reconfirm {
			bad++
			continue
		}
		good = append(good, l)
	}
	if bad > 0 && q.allOrNothing {
		return nil, bad
	}
	for _, l := range good {
		if !l.of.confirmed {
			q.settle(l.of, now)
			confirmed = append(confirmed, l.handle)
		}
	}
	return confirmed, bad
}

// settle removes an event as confirmed.
func (q *queue) settle(it *item, now time.Time) {
	q.remove(it, howConfirmed, now)
	it.confirmed = true
	q.count.Confirmed++
	if !q.reconfirm {
		q.forget(it)
	}
}

// remove takes an event out that was confirmed or is dropped. Its handles may still be known.
func (q *queue) remove(it *item, how string, now time.Time) {
	q.remember(it, how, now)
	if it.inFlight() {
		q.count.InFlight--
	} else {
		q.waiting.Remove(it.place)
		it.place = nil
	}
	q.kept.Remove(it.age)
	it.content = nil
}

// forget makes the handles of an event unknown.
func (q *queue) forget(it *item) {
	for len(it.leases) > 0 {
		q.release(it.leases[0])
	}
}

// expire ends the leases that are over, and drops the events that were kept long enough.
func (q *queue) expire(now time.Time) {
	q.endLeases(now)
	for front := q.kept.Front(); front != nil; front = q.kept.Front() {
		it := front.Value.(*item)
		if now.Sub(it.sent) < q.retention {
			return
		}
		q.remove(it, howDropped, now)
		q.forget(it)
		q.count.Dropped++
	}
}

func (q *queue) endLeases(now time.Time) {
	for front := q.leased.Front(); front != nil; front = q.leased.Front() {
		l := front.Value.(*lease)
		if now.Before(l.end) {
			return
		}
		q.end(l)
	}
}

// end ends a lease. The event waits again if that was the last one, and it was not confirmed.
func (q *queue) end(l *lease) {
	q.release(l)
	if l.of.confirmed {
		return
	}
	q.count.Expired++
	if l.of.inFlight() && len(l.of.leases) == 0 {
		q.wait(l.of)
	}
}

func (q *queue) wait(it *item) {
	q.count.InFlight--
	it.place = q.waiting.PushBack(it)
}

// find returns the event with this number, nil if it has left.
func (q *queue) find(seq int) *item {
	for place := q.kept.Front(); place != nil; place = place.Next() {
		if it := place.Value.(*item); it.seq == seq {
			return it
		}
	}
	return nil
}

// nextEnd returns when the next lease ends, and false if nothing is leased.
func (q *queue) nextEnd() (time.Time, bool) {
	front := q.leased.Front()
	if front == nil {
		return time.Time{}, false
	}
	return front.Value.(*lease).end, true
}
