package page

import (
	"container/list"
	"time"

	"github.com/vodworker/vodworker/events"
)

const (
	maxDone    = 256
	maxOpen    = 1024
	maxBytes   = 7 << 20
	lifeBytes  = 1 << 10 // about what a life takes without its body
	smallBody  = 8 << 10 // the worker keeps such ones as they came
	keepUnseen = 6 * time.Hour

	// keepOverdue is how long a delivery stays in flight after its lease of which nothing is told: its handlers do not return.
	keepOverdue = 10 * time.Minute
)

// aliasable reports whether the bodies of an answer may be held until they are handled without keeping memory that the worker
// would have freed: it copies large ones.
func aliasable(answer []events.Event) bool {
	total := 0
	for _, event := range answer {
		total += len(event.Raw)
	}
	return total <= smallBody*16
}

// own has a life hold a copy of a body of its own, if there is room.
func (h *History) own(l *life, raw []byte) {
	l.raw, l.aliased = nil, false
	if waits := !l.lease.IsZero() && h.bytes+len(raw) > maxBytes; waits || len(raw) > maxBytes/4 {
		return
	}
	l.body = append(l.body[:0], raw...)
	l.raw = l.body
	l.held += cap(l.body)
	h.bytes += cap(l.body)
}

// ended ends a delivery, or says more of how it ended.
func (h *History) ended(l *life, outcome Outcome, now time.Time) {
	if l.counted != "" {
		h.totals[l.counted]--
	}
	h.totals[outcome]++
	l.counted, l.last, l.lease = outcome, now, time.Time{}
	if outcome != Left || !l.outcome.isOpen() {
		l.outcome = outcome // else it is that still
	}
	if l.aliased {
		h.own(l, l.raw)
	}
	if l.raw == nil && !l.bare {
		l.bare = true
		h.dropped.Payloads++
	}
	if l.in == nil {
		l.held += lifeBytes
		h.bytes += lifeBytes
	}
	h.take(l)
	h.absorb(l, h.open[l.key])
	if l.outcome.isOpen() {
		h.open[l.key] = l
		l.in, l.at = &h.opened, h.opened.PushBack(l)
	} else {
		l.in, l.at = &h.done, h.done.PushBack(l)
	}
	h.bound()
}

// absorb makes two lives of one event one: nothing was open of it when it was handed out again, since its handlers had not returned.
// One that is in flight absorbs the other when it ends.
func (h *History) absorb(l, other *life) {
	if other == nil || !other.lease.IsZero() {
		return
	}
	h.take(other)
	h.bytes -= other.held
	other.held, other.raw = 0, nil
	l.seen += other.seen
	l.earlier += other.seen
	if other.first.Before(l.first) {
		l.first = other.first
	}
}

// take takes a life from where it is kept.
func (h *History) take(l *life) {
	if l.in == nil {
		return
	}
	l.in.Remove(l.at)
	l.in = nil
	for _, index := range []map[string]*life{h.open, h.called} {
		if index[l.key] == l {
			delete(index, l.key)
		}
	}
}

// bound drops what there is no room for: first what is done.
func (h *History) bound() {
	for h.done.Len() > maxDone || h.bytes > maxBytes && h.done.Len() > 0 {
		h.drop(&h.done, &h.dropped.Done)
	}
	for h.opened.Len() > maxOpen || h.bytes > maxBytes && h.opened.Len() > 0 {
		h.drop(&h.opened, &h.dropped.Open)
	}
	h.keyed.Store(h.opened.Len() > 0)
}

func (h *History) drop(from *list.List, count *uint64) {
	l := from.Front().Value.(*life)
	h.take(l)
	*count++
	h.bytes -= l.held
	l.held, l.raw, l.past = 0, nil, nil // it may be in flight still
	if !h.reuse(l) {
		l.body = nil // whoever looks may have it
	}
}

// sweepEvery is how often it is looked for what no hook tells: that a lease has ended, and the event was not confirmed.
const sweepEvery = time.Second

func (h *History) sweep(now time.Time) {
	if now.Sub(h.swept) < sweepEvery {
		return
	}
	h.swept = now
	for handle, f := range h.flight {
		over := now.Sub(f.end)
		switch {
		case over < 2*leaseSlack:
		case f.handle != handle || f.lease.IsZero() || over > keepOverdue: // it ended, and had several handlers maybe
			delete(h.flight, handle)
			if f.in == nil {
				h.bytes -= f.held
				f.held = 0
			}
		case len(f.current().Handlers) > 0: // all of which have succeeded
			if f.key == "" {
				f.key = events.Event{SubAppID: f.app, Raw: f.raw}.Key()
			}
			outcome := Unconfirmed
			if len(f.next) > 0 { // others have failed it before, and did not run
				outcome = Failed
			}
			h.ended(f.life, outcome, now)
		}
	}
	for e := h.opened.Front(); e != nil && now.Sub(e.Value.(*life).last) > keepUnseen; e = h.opened.Front() {
		l := e.Value.(*life)
		h.take(l)
		l.outcome, l.in, l.at = Unseen, &h.done, h.done.PushBack(l)
	}
	h.bound()
}
