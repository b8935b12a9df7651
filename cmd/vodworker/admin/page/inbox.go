package page

import (
	"context"
	"strconv"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// Behind returns the hooks for an inbox. Its events ended here when they were stored: what becomes of them the inbox knows, so
// that only what handlers did is kept of it.
func (h *History) Behind() worker.Hooks {
	return worker.Hooks{
		Handled: func(info worker.HandleInfo) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.handler(info.Outcome.Handler).note(info.Outcome, time.Now())
		},
		DeadLettered: func(worker.DeadLetter) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.letters.note(time.Now())
		},
		Down: func(info worker.DownInfo) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.handler(info.Handler).behind = nil
			if info.Down {
				since := downNow(info.Err)
				h.handler(info.Handler).behind = &since
			}
		},
	}
}

// InboxRow is the inbox, as the page shows it.
type InboxRow struct {
	Failing   string            `json:"failing,omitempty"` // why nothing is stored; empty: it is
	Since     time.Time         `json:"since,omitzero"`
	Unwritten int               `json:"unwritten"`
	At        time.Time         `json:"at,omitzero"` // when jobs were counted, those of all processes
	Handlers  []InboxHandlerRow `json:"handlers"`
}

// InboxHandlerRow is what lies in the inbox for one handler.
type InboxHandlerRow struct {
	Name       string    `json:"name"`       // empty: for nobody, which is dead
	Configured bool      `json:"configured"` // here
	Waiting    int       `json:"waiting"`    // without those that failed
	Failed     int       `json:"failed"`     // and wait to be tried again
	Running    int       `json:"running"`
	Dead       int       `json:"dead"`
	Oldest     time.Time `json:"oldest,omitzero"`
	Down       bool      `json:"down"`
}

// inbox returns the inbox's status; nil if there is none.
func (p *Page) inbox() *inbox.Status {
	if p.o.Inbox == nil {
		return nil
	}
	status := p.o.Inbox()
	return &status
}

func inboxRow(s *inbox.Status) *InboxRow {
	if s == nil {
		return nil
	}
	row := &InboxRow{Unwritten: s.Unwritten, At: s.At, Handlers: []InboxHandlerRow{}}
	if s.Failing != nil {
		row.Failing, row.Since = cut(s.Failing.Error()), s.Since
	}
	for _, h := range s.Handlers {
		row.Handlers = append(row.Handlers, InboxHandlerRow{
			Name: h.Handler, Configured: h.Configured, Waiting: h.Waiting - h.Failed, Failed: h.Failed, Running: h.Running,
			Dead: h.Dead, Oldest: h.Oldest, Down: len(h.Worker.DownNow) > 0,
		})
	}
	return row
}

// workerBehind returns what runs a handler behind the inbox; its zero value if nothing does.
func workerBehind(s *inbox.Status, handler string) worker.Status {
	if s != nil {
		for _, h := range s.Handlers {
			if h.Handler == handler {
				return h.Worker
			}
		}
	}
	return worker.Status{}
}

// An InboxJob is an event for one handler, in the inbox.
type InboxJob struct {
	ID        string        `json:"id"`
	App       string        `json:"app"`
	Type      string        `json:"type"`
	File      string        `json:"file,omitempty"`
	Task      string        `json:"task,omitempty"`
	Stored    time.Time     `json:"stored"`
	Handler   string        `json:"handler"` // empty: none wanted it
	State     inbox.State   `json:"state"`
	Since     time.Time     `json:"since"` // of waiting and failed: when it may run
	Process   string        `json:"process,omitempty"`
	Runs      int           `json:"runs"`
	Attempts  int           `json:"attempts"`
	LastError string        `json:"last_error,omitempty"`
	Reason    worker.Reason `json:"reason,omitempty"`
}

const (
	mostFound = 20
	findTime  = 5 * time.Second
)

// lookInto adds what the inbox has.
func (e *Explanation) lookInto(ctx context.Context, find func(context.Context, string, int) ([]inbox.Event, error), id string) {
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	found, err := find(ctx, id, mostFound)
	if err != nil {
		e.InboxError = cut(err.Error())
		return
	}
	for _, event := range found {
		for _, j := range event.Jobs {
			e.Inbox = append(e.Inbox, JobOf(j))
		}
	}
}

// JobOf is a job as it is told over HTTP.
func JobOf(j inbox.Job) InboxJob {
	return InboxJob{
		ID: j.ID, App: strconv.FormatUint(j.App, 10), Type: j.Type, File: j.File, Task: j.Task, Stored: j.Stored,
		Handler: j.Handler, State: j.State, Since: j.Since, Process: j.Process,
		Runs: j.Runs, Attempts: j.Attempts, LastError: j.LastError, Reason: j.Reason,
	}
}
