// Package memory is what the engine knows of events beyond their deliveries.
package memory

import (
	"container/list"
	"slices"
	"time"
)

const (
	// memoryTime is how long after its lease ended, and after it was last heard of, an event is remembered: VOD hands it out
	// again as soon as a poll asks for it, so what has not come by then was handled by another worker, or is gone.
	memoryTime = 10 * time.Minute

	// memoryEvents bounds the memory. Of more than that, the oldest are forgotten, and may run twice.
	memoryEvents = 10_000
)

// A Memory holds what must outlive a delivery: which handlers of an event have succeeded though the event was not
// confirmed. It is empty while all goes well. It is for one goroutine.
type Memory struct {
	events map[string]*memo // by Key
	order  list.List        // of *memo, the one that is forgotten first in front
	keep   time.Duration    // memoryTime, or more if the window is long
}

// A memo is what is remembered of one event.
type memo struct {
	key       string
	leaseEnd  time.Time // of the last delivery
	until     time.Time
	succeeded []string
	element   *list.Element // in order
}

// New returns an empty Memory of events that are handed out for so long.
func New(window time.Duration) Memory {
	return Memory{events: map[string]*memo{}, keep: max(memoryTime, 2*window)}
}

// Empty reports whether nothing is remembered.
func (m *Memory) Empty() bool { return len(m.events) == 0 }

// of returns the memo of an event, a new one if there is none, and has it kept.
func (m *Memory) of(key string, leaseEnd, now time.Time) *memo {
	event := m.events[key]
	if event == nil {
		event = &memo{key: key}
		m.events[key] = event
	} else {
		m.order.Remove(event.element)
	}
	if leaseEnd.After(event.leaseEnd) {
		event.leaseEnd = leaseEnd
	}
	event.until = event.leaseEnd.Add(m.keep + max(0, now.Sub(event.leaseEnd))) // a handler may return late
	event.element = m.order.PushBack(event)
	if len(m.events) > memoryEvents {
		m.Forget(m.order.Front().Value.(*memo).key)
	}
	return event
}

// Remember notes which handlers had succeeded when a delivery ended unconfirmed. Of two deliveries of one event, each adds
// what it knows; one that knows of none has what is remembered kept.
func (m *Memory) Remember(key string, succeeded []string, leaseEnd, now time.Time) {
	if len(succeeded) == 0 && m.events[key] == nil {
		return
	}
	event := m.of(key, leaseEnd, now)
	for _, name := range succeeded {
		if !slices.Contains(event.succeeded, name) {
			event.succeeded = append(event.succeeded, name)
		}
	}
}

// Recall returns which handlers need not run again, and forgets it: what comes of it is up to the new delivery. A
// delivery that was pulled before the remembered lease ended is not the same event, since that was hidden until then.
func (m *Memory) Recall(key string, pulled time.Time) (succeeded []string) {
	event := m.events[key]
	if event == nil || pulled.Before(event.leaseEnd) {
		return nil
	}
	m.Forget(key)
	return event.succeeded
}

// Forget drops all that is known of an event, as when it was confirmed.
func (m *Memory) Forget(key string) {
	if event := m.events[key]; event != nil {
		m.order.Remove(event.element)
		delete(m.events, key)
	}
}

// Expire forgets what is too old.
func (m *Memory) Expire(now time.Time) {
	for at := m.NextExpiry(); !at.IsZero() && !now.Before(at); at = m.NextExpiry() {
		m.Forget(m.order.Front().Value.(*memo).key)
	}
}

// NextExpiry is when the next event is forgotten; zero if none is remembered.
func (m *Memory) NextExpiry() time.Time {
	if front := m.order.Front(); front != nil {
		return front.Value.(*memo).until
	}
	return time.Time{}
}
