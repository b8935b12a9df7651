package vodtest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Reset makes the emulator what [New] has made of its [Config]: queues, files, counts and histories are empty, settings
// are those of a new application, no call fails, and calls are counted from 1 again. Callbacks that are out are broken off. So
// one emulator can serve many tests, one after the other.
//
// Calls that wait go on: a held poll gets what comes after the reset. Handles from before are unknown. Keys, the quota
// and the clock stay as they are, and no FileId, TaskId or handle comes twice.
func (e *Emulator) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choose, e.script = nil, nil
	e.calls = ring[pastCall]{size: keptCalls}
	for id, a := range e.apps {
		a.outbox.breakOff()
		if len(a.parked) == 0 {
			delete(e.apps, id)
			continue
		}
		parked, alarm := a.parked, a.alarm
		*a = e.newApp(id)
		a.parked, a.alarm = parked, alarm
		e.setAlarm(a)
	}
}

// numbered is an event of an application, by its number.
type numbered struct {
	SubAppID uint64 `json:"SubAppId"`
	Number   int
}

var errNotQueued = errors.New("it has left the queue")

// expireNow ends an event's windows, so that it comes again at once.
func (e *Emulator) expireNow(of numbered) error {
	return e.change(of, func(q *queue, it *item, _ time.Time) error {
		if len(it.leases) == 0 {
			return errors.New("it waits, and has no window to end")
		}
		for _, l := range slices.Clone(it.leases) {
			q.end(l)
		}
		return nil
	})
}

// confirmNow confirms an event, whether somebody has pulled it or not.
func (e *Emulator) confirmNow(of numbered) error {
	return e.change(of, func(q *queue, it *item, now time.Time) error {
		q.settle(it, now)
		return nil
	})
}

// change does something to an event that is still queued, and hands what waits then to those who wait for it.
func (e *Emulator) change(of numbered, do func(q *queue, it *item, now time.Time) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, now := e.app(of.SubAppID), time.Now()
	a.queue.expire(now)
	err := errNotQueued
	if it := a.queue.find(of.Number); it != nil {
		err = do(&a.queue, it, now)
	}
	if err != nil {
		return fmt.Errorf("vodtest: event %d: %w", of.Number, err)
	}
	e.serve(a)
	return nil
}
