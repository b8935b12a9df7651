package vodtest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

var errNotQueued = errors.New("it has left the queue")

// ExpireEvent ends an event's windows, so that it comes again at once. Events are counted from 1, those of each application
// for themselves. One that waits, or has left the queue, is an error.
func (e *Emulator) ExpireEvent(subAppID uint64, number int) error {
	return e.change(subAppID, number, func(q *queue, it *item, _ time.Time) error {
		if len(it.leases) == 0 {
			return errors.New("it waits, and has no window to end")
		}
		for _, l := range slices.Clone(it.leases) {
			q.end(l)
		}
		return nil
	})
}

// ConfirmEvent confirms an event by its number, whether somebody has pulled it or not. One that has left the queue is an
// error.
func (e *Emulator) ConfirmEvent(subAppID uint64, number int) error {
	return e.change(subAppID, number, func(q *queue, it *item, now time.Time) error {
		q.settle(it, now)
		return nil
	})
}

// change does something to an event that is still queued, and hands what waits then to those who wait for it.
func (e *Emulator) change(subAppID uint64, number int, do func(q *queue, it *item, now time.Time) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, now := e.look(subAppID), e.now()
	a.queue.expire(now)
	err := errNotQueued
	if it := a.queue.find(number); it != nil {
		err = do(&a.queue, it, now)
	}
	if err != nil {
		return fmt.Errorf("vodtest: event %d: %w", number, err)
	}
	e.serve(a)
	return nil
}
