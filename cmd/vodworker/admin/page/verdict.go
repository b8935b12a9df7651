package page

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// A Verdict is the first line of the page: empty if all is well.
type Verdict []Trouble

// A Trouble is one thing that is wrong.
type Trouble struct {
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Once  bool      `json:"once"` // it happened then, for the last time, and is over
}

const (
	recently   = time.Hour        // for what happens once and is over
	failingFor = 30 * time.Second // what fails once succeeds with the next delivery, mostly
	failsMany  = 32               // as many at once are no accident
	stillComes = time.Hour        // an event that was not seen for longer may be handled by another replica
)

// troubles know since when something is wrong that only a status tells.
type troubles struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// verdict says what is wrong, the worst first. The caller holds the History's lock.
func (p *Page) verdict(statuses []worker.Status, box *inbox.Status, now time.Time) (v Verdict) {
	h := p.o.History
	var known []string
	add := func(at time.Time, format string, args ...any) {
		v = append(v, Trouble{Text: fmt.Sprintf(format, args...), Since: at})
	}
	isNow := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		known = append(known, text)
		v = append(v, Trouble{Text: text, Since: p.troubles.begun(text, now)})
	}
	if p.stopping() {
		isNow("it is stopping")
	}
	for i, app := range p.o.Applications {
		s, of := statuses[i], ""
		if len(p.o.Applications) > 1 {
			of = "application " + app.Name + ": "
		}
		calls := h.app(app.SubAppID)
		switch {
		case errors.Is(s.Failing, worker.ErrFatal):
			add(first(calls, now), "%sthe API refuses what is configured: %v", of, s.Failing)
		case s.Failing != nil && first(calls, now).Before(now.Add(-10*time.Second)):
			add(first(calls, now), "%scalls of the API fail: %v", of, s.Failing)
		case s.State == worker.Stopped && !p.stopping():
			isNow("%sit has ended", of)
		case s.LastPoll.IsZero() && s.State != worker.Stopped:
			isNow("%sthe first poll has not ended", of)
		case s.State == worker.Running && now.Sub(s.LastPoll) > p.o.LongestPause:
			add(s.LastPoll, "%sno poll has ended", of)
		}
		if s.Blocked {
			isNow("%shandlers that do not return hold every place", of)
		} else if s.Stuck > 0 {
			isNow("%sa handler has outlived its lease and does not return", of)
		}
		if app.Trouble != nil {
			if text := app.Trouble(); text != "" {
				isNow("%s", text)
			}
		}
	}
	behind, keys := p.inboxTroubles(box, now)
	v, known = append(v, behind...), append(known, keys...)
	for _, of := range p.o.Handlers {
		for _, app := range p.o.Applications {
			down, is := h.handler(of.Name).down[app.SubAppID]
			if !is {
				continue
			}
			where := ""
			if app.SubAppID != 0 {
				where = " for application " + app.Name
			}
			add(down.at, "handler %s is down%s: %s", of.Name, where, down.err)
		}
	}
	if n, at := h.failing(now); n > 0 {
		add(at, "%s", many(n, "event fails", "events fail"))
	}
	for _, once := range []struct {
		happening
		one, more string
	}{
		{h.lost, "a lease was lost: an event was handled, and not confirmed in time", "leases were lost: events were handled, and not confirmed in time"},
		{h.gone, "a callback was lost: it was given up, and could not be written", "callbacks were lost: they were given up, and could not be written"},
		{h.letters, "an event was given up", "events were given up"},
	} {
		if once.times > 0 && now.Sub(once.last) < recently {
			text := once.one
			if once.times > 1 {
				text = fmt.Sprintf("%d %s", once.times, once.more)
			}
			v = append(v, Trouble{text, once.last, true})
		}
	}
	p.troubles.keep(known)
	return v
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// failing counts what fails, and says since when. The caller holds the lock.
func (h *History) failing(now time.Time) (n int, oldest time.Time) {
	young := 0
	for e := h.opened.Front(); e != nil; e = e.Next() {
		l := e.Value.(*life)
		if l.outcome != Failed || now.Sub(l.last) > stillComes {
			continue
		}
		n++
		if now.Sub(l.first) < failingFor {
			young++
		}
		if oldest.IsZero() || l.first.Before(oldest) {
			oldest = l.first
		}
	}
	if n < failsMany {
		n -= young
	}
	return n, oldest
}

// first is since when calls fail.
func first(calls *application, now time.Time) time.Time {
	at := now
	for _, since := range []time.Time{calls.pullFails, calls.confirmFails} {
		if !since.IsZero() && since.Before(at) {
			at = since
		}
	}
	return at
}

func (t *troubles) begun(text string, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since == nil {
		t.since = map[string]time.Time{}
	}
	if t.since[text].IsZero() {
		t.since[text] = now
	}
	return t.since[text]
}

// keep forgets what is over.
func (t *troubles) keep(texts []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for text := range t.since {
		if !slices.Contains(texts, text) {
			delete(t.since, text)
		}
	}
}

func (p *Page) stopping() bool {
	select {
	case <-p.o.Stopping:
		return true
	default:
		return false
	}
}
