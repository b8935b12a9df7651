package blame

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// maxKept bounds the outcomes of a lane that are kept.
const maxKept = 64

// What is kept of the books of all applications, by SubAppId: JSON, for people and for jq.
type keptBooks map[string]*keptBook

type keptBook struct {
	Handlers map[string]Health              `json:"handlers,omitempty"`
	Events   map[string]map[string]keptCase `json:"events,omitempty"` // by Key and handler
	Lanes    []keptLane                     `json:"lanes,omitempty"`
}

type keptCase struct {
	Attempts int       `json:"attempts"`
	Failures int       `json:"failures"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Seen     time.Time `json:"seen"`
	Times    int       `json:"times_seen"`
	Guilty   bool      `json:"guilty,omitempty"`
	Owed     bool      `json:"owed,omitempty"`
}

type keptLane struct {
	Handler  string    `json:"handler"`
	Type     string    `json:"type"`
	Outcomes []outcome `json:"outcomes"`
}

// A Page is what is to be kept of a Book, as it was at one moment. It is safe to use beside the Book.
type Page struct {
	app  string
	book *keptBook
	gone map[string]bool
	now  time.Time
}

// Page returns what there is to keep for an application.
func (b *Book) Page(subAppID uint64, now time.Time) *Page {
	p := &Page{app: strconv.FormatUint(subAppID, 10), book: b.kept(), gone: b.gone, now: now}
	b.isNew, b.gone = false, map[string]bool{}
	return p
}

// Lost takes a Page back that could not be kept.
func (b *Book) Lost(p *Page) {
	b.isNew = true
	if len(p.gone) < maxEvents { // else what is kept forgets it in time
		maps.Copy(b.gone, p.gone)
	}
}

func (b *Book) kept() *keptBook {
	k := &keptBook{Handlers: map[string]Health{}, Events: map[string]map[string]keptCase{}}
	for name, h := range b.health {
		k.Handlers[name] = *h
	}
	for key, e := range b.events {
		if e.repeats {
			continue // another event may have this key
		}
		e.kept = true
		k.Events[key] = map[string]keptCase{}
		for handler, c := range e.cases {
			k.Events[key][handler] = keptCase{c.Count, c.Failures, c.First, c.Last, e.seen, c.seen, c.Guilty, c.Owed}
		}
	}
	for lane, h := range b.lanes {
		latest := slices.Clone(h.outcomes[max(0, len(h.outcomes)-maxKept):])
		k.Lanes = append(k.Lanes, keptLane{lane.Handler, lane.Type, latest})
	}
	slices.SortFunc(k.Lanes, func(a, b keptLane) int {
		return slices.Compare([]string{a.Handler, a.Type}, []string{b.Handler, b.Type})
	})
	return k
}

// Into puts the page into what was kept, and returns that. What others have kept stays, unless this Book knows better or
// nobody has seen it for too long.
func (p *Page) Into(kept []byte) []byte {
	books := read(kept)
	old := books[p.app]
	if old == nil {
		old = &keptBook{}
	}
	for key, cases := range old.Events {
		for handler, theirs := range cases {
			if p.gone[key] || p.now.Sub(theirs.Seen) > keepUnseen {
				continue
			}
			if p.book.Events[key] == nil {
				p.book.Events[key] = map[string]keptCase{}
			}
			if ours, known := p.book.Events[key][handler]; !known || theirs.Failures > ours.Failures {
				p.book.Events[key][handler] = theirs
			}
		}
	}
	for name, health := range old.Handlers {
		if _, known := p.book.Handlers[name]; !known {
			p.book.Handlers[name] = health
		}
	}
	books[p.app] = p.book
	text, err := json.MarshalIndent(books, "", " ")
	if err != nil {
		return kept // no time is that odd
	}
	return append(text, '\n')
}

// read returns what was kept; nothing if it can't be read: losing it costs time, not events.
func read(kept []byte) keptBooks {
	books := keptBooks{}
	if json.Unmarshal(kept, &books) != nil || books == nil {
		return keptBooks{}
	}
	return books
}

// Load takes over what was kept for an application. What lies in the future, since a clock was set back, counts as now.
func (b *Book) Load(kept []byte, subAppID uint64, now time.Time) {
	k := read(kept)[strconv.FormatUint(subAppID, 10)]
	if k == nil {
		return
	}
	past := func(t time.Time) time.Time {
		// With the reading of the monotonic clock, so that the clock may be set.
		return now.Add(-max(0, now.Sub(t)))
	}
	for name, h := range k.Handlers {
		b.health[name] = &Health{Succeeded: h.Succeeded}
		if !h.FailingSince.IsZero() {
			b.health[name].FailingSince, b.health[name].Failed = past(h.FailingSince), past(h.Failed)
		}
	}
	var all []*entry
	for key, cases := range k.Events {
		e := &entry{key: key, kept: true, first: now, cases: map[string]*Case{}}
		for handler, c := range cases {
			if now.Sub(c.Seen) > keepUnseen {
				continue
			}
			e.seen = past(c.Seen)
			if first := past(c.First); first.Before(e.first) {
				e.first = first
			}
			e.cases[handler] = &Case{
				Count: c.Attempts, Failures: c.Failures, First: past(c.First), Last: past(c.Last), seen: c.Times,
				Guilty: c.Guilty, Owed: c.Owed,
			}
		}
		if len(e.cases) > 0 {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return a.seen.Compare(b.seen) })
	all = all[max(0, len(all)-maxEvents):]
	for _, e := range all {
		e.inOrder = b.order.PushBack(e)
		b.events[e.key] = e
	}
	slices.SortFunc(all, func(a, b *entry) int { return a.first.Compare(b.first) })
	for _, e := range all {
		e.inAges = b.ages.PushBack(e)
	}
	for _, l := range k.Lanes {
		h := &history{}
		for _, o := range l.Outcomes {
			o.Began, o.Ended = past(o.Began), past(o.Ended)
			if !o.First.IsZero() {
				o.First = past(o.First)
			}
			h.add(o)
		}
		b.lanes[Lane{l.Handler, l.Type}] = h
	}
}
