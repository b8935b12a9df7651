package inbox

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A Status is an Inbox at one moment.
type Status struct {
	// Failing is why the last call of the database failed, so that nothing is stored or handed out; nil if it did not.
	Failing error
	Since   time.Time // it fails

	Unwritten int // outcomes that wait to be written

	// Handlers tell of each handler, in the order in which Open got them; and of others that have jobs: nobody runs those. One
	// without a name has the dead letters of events that no handler wanted.
	Handlers []HandlerStatus
	At       time.Time // the counts were taken; zero: not yet
}

// A HandlerStatus is what there is of one handler. The counts are those of all processes, and taken every 10 s.
type HandlerStatus struct {
	Handler                        string
	Configured                     bool      // here
	Waiting, Running, Failed, Dead int       // Failed: of Waiting, those that have failed before
	Oldest                         time.Time // when the oldest of Waiting and Running was stored; zero: there is none

	Worker worker.Status // of this process
}

// Status returns what the Inbox is doing now. It may be called at any time, and does not wait for the database.
func (i *Inbox) Status() Status {
	var s Status
	var counts []store.Count
	counts, s.At = i.house.counted()
	for n, name := range i.router.Handlers() {
		s.Handlers = append(s.Handlers, HandlerStatus{Handler: name, Configured: true, Worker: i.workers[n].Status()})
	}
	for _, c := range counts {
		n := slices.IndexFunc(s.Handlers, func(h HandlerStatus) bool { return h.Handler == c.Handler })
		if n < 0 {
			n = len(s.Handlers)
			s.Handlers = append(s.Handlers, HandlerStatus{Handler: c.Handler})
		}
		s.Handlers[n].count(c, s.At)
	}
	i.hub.mu.Lock()
	defer i.hub.mu.Unlock()
	s.Failing, s.Unwritten = i.hub.failing, len(i.hub.ended)
	if s.Failing != nil {
		s.Since = i.hub.since
	}
	return s
}

func (h *HandlerStatus) count(c store.Count, at time.Time) {
	h.Waiting, h.Running, h.Failed, h.Dead = c.Waiting, c.Running, c.Failed, c.Dead
	if c.Waiting+c.Running > 0 {
		h.Oldest = at.Add(-c.Oldest)
	}
}
