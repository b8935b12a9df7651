package vodtest

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// An Item is an event that was not confirmed yet.
type Item struct {
	Content    []byte    // as it was sent, without an EventHandle; not to be modified
	Sent       time.Time // when it was queued
	InFlight   bool      // handed out and hidden; otherwise it waits
	Handle     string    // of its last delivery, valid while InFlight; empty before the first
	Deliveries int       // so far
	LeaseEnd   time.Time // when it will be handed out again; zero while it waits
}

// Stats are counts of one SubAppId's events and calls.
type Stats struct {
	Sent        int // by Send, Emit, Upload and the like, also those that became callbacks
	Delivered   int // handed out, each time counted
	Redelivered int // of those, all but an event's first time
	Confirmed   int
	Expired     int // windows that ended without a confirm
	Dropped     int // not confirmed within the retention
	Waiting     int // now
	InFlight    int // now

	Calls map[string]int // by action, whatever their outcome

	Callbacks CallbackStats
}

// Queued returns the events that are not confirmed, in the order in which they were sent.
func (e *Emulator) Queued(subAppID uint64) []Item {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, now := e.look(subAppID), e.now()
	e.catchUp(a, now)
	q := &a.queue
	q.expire(now)
	var queued []*item
	for place := q.waiting.Front(); place != nil; place = place.Next() {
		queued = append(queued, place.Value.(*item))
	}
	for place := q.leased.Front(); place != nil; place = place.Next() {
		if l := place.Value.(*lease); l.of.inFlight() && l == l.of.leases[0] {
			queued = append(queued, l.of)
		}
	}
	slices.SortFunc(queued, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	items := make([]Item, len(queued))
	for i, it := range queued {
		items[i] = Item{
			Content:    it.content,
			Sent:       it.sent,
			InFlight:   it.inFlight(),
			Handle:     it.handle,
			Deliveries: it.deliveries,
		}
		if last := len(it.leases) - 1; last >= 0 && it.inFlight() {
			items[i].LeaseEnd = it.leases[last].end
		}
	}
	return items
}

// Stats returns what has happened to the application so far.
func (e *Emulator) Stats(subAppID uint64) Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, now := e.look(subAppID), e.now()
	e.catchUp(a, now)
	a.queue.expire(now)
	return a.stats()
}

// stats counts. The lock must be held.
func (a *app) stats() Stats {
	stats := a.queue.count
	stats.Waiting = a.queue.waiting.Len()
	stats.Calls = maps.Clone(a.calls)
	stats.Callbacks = a.outbox.count
	return stats
}
