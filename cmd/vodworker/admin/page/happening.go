package page

import (
	"time"

	"github.com/vodworker/vodworker/worker"
)

// A happening is something that should not happen.
type happening struct {
	times uint64
	last  time.Time
}

func (h *happening) note(now time.Time) { h.times, h.last = h.times+1, now }

// leaseLost counts. What became of the event other hooks tell, and the sweep.
func (h *History) leaseLost(info worker.LeaseInfo) {
	if info.Stage == worker.StageWaiting {
		return // it was not handled
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost.note(time.Now())
}

func (h *History) deadLettered(letter worker.DeadLetter) {
	h.end(letter, GivenUp, func(now time.Time) { h.letters.note(now) })
}

// end takes that an event was given up.
func (h *History) end(letter worker.DeadLetter, outcome Outcome, note func(time.Time)) {
	key := letter.Event.Key()
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	note(now)
	l := h.flight[letter.Event.Handle].life
	if l == nil {
		l = h.find(letter.Event, key, now)
	}
	if l.seen == 0 {
		h.deliver(l, now, time.Time{})
		h.own(l, letter.Event.Raw)
	}
	l.key, l.why = key, letter.Reason.Text()
	h.ended(l, outcome, now)
}
