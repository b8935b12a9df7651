package page

import (
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// Callback returns the hooks for a receiver.
func (h *History) Callback() callback.Hooks {
	return callback.Hooks{
		Handled: h.answered, DeadLettered: h.deadLettered,
		Lost: func(letter worker.DeadLetter) {
			h.end(letter, Lost, func(now time.Time) { h.gone.note(now) })
		},
	}
}

// answered takes what became of one handler of a callback.
func (h *History) answered(info worker.HandleInfo) {
	key := info.Event.Key()
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	l := h.called[key]
	if l == nil {
		l = h.find(info.Event, key, now)
	}
	if began := now.Add(-info.Outcome.Took - info.Waited); l.seen == 0 || l.ran(info.Outcome.Handler) {
		h.deliver(l, began, time.Time{})
	}
	if l.raw == nil {
		h.own(l, info.Event.Raw)
	}
	h.note(l, info, now)
	if len(l.next) > 0 {
		h.ended(l, Failed, now)
	} else {
		h.ended(l, Handled, now)
		if l.in != nil { // else there was no room for it
			h.called[key] = l // it may not be the last of its handlers
		}
	}
}
