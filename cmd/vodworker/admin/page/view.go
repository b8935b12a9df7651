package page

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Row is an event in a list.
type Row struct {
	N        string    `json:"n"` // of this replica
	Key      string    `json:"key,omitempty"`
	App      string    `json:"app"`
	Type     string    `json:"type"`
	facts              // promoted
	Outcome  Outcome   `json:"outcome"`
	InFlight bool      `json:"in_flight"`
	LeftMs   int64     `json:"lease_left_ms"` // of the lease, if it is in flight
	Seen     int       `json:"seen"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Size     int       `json:"size"`
	Why      string    `json:"why,omitempty"` // it was given up, or left
	Handler  string    `json:"handler,omitempty"`
	Error    string    `json:"error,omitempty"` // of that handler, the last one
	Next     []NextTry `json:"next,omitempty"`
}

// A NextTry is what is known of when a handler runs an event again.
type NextTry struct {
	Handler  string    `json:"handler"`
	Attempts int       `json:"attempts"` // that count against the event
	Until    time.Time `json:"until,omitzero"`
}

// A Life is all that is known of an event here.
type Life struct {
	Row
	Repeats    bool       `json:"repeats"` // two of the same content may be two events
	Deliveries []Delivery `json:"deliveries"`
	Earlier    int        `json:"earlier"`           // deliveries that are not listed
	Payload    string     `json:"payload,omitempty"` // as text: numbers stay exact
}

func (l *life) row(now time.Time) Row {
	r := Row{N: strconv.FormatUint(l.n, 10), Key: l.key, App: strconv.FormatUint(l.app, 10), Type: l.kind, Outcome: l.outcome,
		InFlight: !l.lease.IsZero(), Seen: l.seen, First: l.first, Last: l.last, Size: l.size, Why: l.why}
	if l.facts != nil {
		r.facts = *l.facts
	}
	if r.InFlight {
		r.LeftMs = max(0, l.lease.Sub(now).Milliseconds())
	}
	for i := len(l.past) - 1; i >= 0 && r.Error == ""; i-- {
		r.Why = cmp.Or(r.Why, l.past[i].Left)
		for _, run := range l.past[i].Handlers {
			if run.Outcome != "ok" && r.Error == "" {
				r.Handler, r.Error = run.Handler, cmp.Or(run.Error, run.Outcome)
			}
		}
	}
	if !l.outcome.isOpen() {
		return r
	}
	for name, n := range l.next {
		r.Next = append(r.Next, NextTry{name, n.attempts, n.until})
	}
	slices.SortFunc(r.Next, func(a, b NextTry) int { return cmp.Compare(a.Handler, b.Handler) })
	return r
}

func (l *life) whole(now time.Time) Life {
	whole := Life{Row: l.row(now), Deliveries: slices.Clone(l.past), Earlier: l.earlier}
	for i := range whole.Deliveries {
		whole.Deliveries[i].Handlers = slices.Clone(whole.Deliveries[i].Handlers)
	}
	return whole
}

// A filter chooses events. Empty fields choose all.
type filter struct {
	outcome, handler, kind, find string
	limit                        int
}

const (
	defaultLimit = 100
	mostLimit    = 400
)

func filterOf(query url.Values) filter {
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 0 || limit > mostLimit {
		limit = defaultLimit
	}
	return filter{query.Get("outcome"), query.Get("handler"), query.Get("type"), strings.TrimSpace(query.Get("find")), limit}
}

// chooses leaves what is found by words to finds.
func (f filter) chooses(l *life) bool {
	return (f.outcome == "" || f.outcome == string(l.outcome) || f.outcome == string(InFlight) && !l.lease.IsZero()) &&
		(f.kind == "" || f.kind == l.kind) && (f.handler == "" || l.concerns(f.handler))
}

// concerns reports whether a handler ran an event; while one is asked for by outcome that is not done, whether it failed it.
func (l *life) concerns(handler string) bool {
	if _, missing := l.next[handler]; missing || l.outcome.isOpen() {
		return missing
	}
	return slices.ContainsFunc(l.past, func(d Delivery) bool {
		return slices.ContainsFunc(d.Handlers, func(r Run) bool { return r.Handler == handler })
	})
}

func (f filter) finds(l *life) bool {
	if f.find == "" || f.find == l.key || f.find == strconv.FormatUint(l.n, 10) {
		return true
	}
	return l.facts != nil && (f.find == l.facts.File || f.find == l.facts.Task || contains(l.facts.Name, f.find) || contains(l.kind, f.find))
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// lives returns all that is kept, the newest first. The caller holds the lock.
func (h *History) lives() (all []*life) {
	for _, from := range []func(func(*life)){h.eachFlight, h.eachKept} {
		from(func(l *life) { all = append(all, l) })
	}
	slices.SortFunc(all, func(a, b *life) int {
		return cmp.Or(b.last.Compare(a.last), cmp.Compare(b.n, a.n))
	})
	return slices.Compact(all)
}

// eachFlight yields what is in flight and not kept elsewhere.
func (h *History) eachFlight(yield func(*life)) {
	for _, f := range h.flight {
		if f.in == nil && !f.lease.IsZero() {
			yield(f.life)
		}
	}
}

func (h *History) eachKept(yield func(*life)) {
	for e := h.opened.Front(); e != nil; e = e.Next() {
		yield(e.Value.(*life))
	}
	for e := h.done.Front(); e != nil; e = e.Next() {
		yield(e.Value.(*life))
	}
}

// choose returns what a filter chooses, the newest first, and how many there are in all.
func (h *History) choose(f filter) (chosen []*life, found int) {
	h.mu.Lock()
	chosen = slices.DeleteFunc(h.lives(), func(l *life) bool { return !f.chooses(l) })
	h.mu.Unlock()
	if f.find != "" {
		h.read(chosen)
		h.mu.Lock()
		chosen = slices.DeleteFunc(chosen, func(l *life) bool { return !f.finds(l) })
		h.mu.Unlock()
	}
	found = len(chosen)
	chosen = chosen[:min(found, f.limit)]
	h.read(chosen)
	return chosen, found
}
