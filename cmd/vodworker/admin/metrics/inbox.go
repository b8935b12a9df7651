package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vodworker/vodworker/worker/inbox"
)

// What the Status of an inbox tells. The jobs are those of all processes that have it in common, as they were counted last.
var (
	inboxUp        = describe("inbox_up", "1 while events are stored and handed out; 0 while the database fails, or it has not begun.")
	inboxUnwritten = describe("inbox_unwritten", "Jobs that have ended, and of which the database does not know yet.")
	inboxJobs      = describe("inbox_jobs", "Events for a handler that are not done, of all processes with this inbox.", "handler", "state")
	inboxOldest    = describe("inbox_oldest_timestamp_seconds", "When the oldest event was stored that is not done; 0: there is none.", "handler")
	inboxOrphans   = describe("inbox_orphans", "Events that wait for a handler which is not configured here.", "handler")
	inboxStuck     = describe("inbox_stuck_handlers", "Events whose handlers have outlived the inbox's window.", "handler")
)

var ofInbox = []*prometheus.Desc{inboxUp, inboxUnwritten, inboxJobs, inboxOldest, inboxOrphans, inboxStuck}

var errNotBegun = errors.New("it has not begun")

// inbox returns what a process tells of its inbox, or nil if it has none. Before it has begun all is 0.
func (n now) inbox(p *Process) *inbox.Status {
	if len(n.behind) == 0 {
		return nil
	}
	if p.Inbox != nil {
		status := p.Inbox()
		return &status
	}
	status := inbox.Status{Failing: errNotBegun}
	for _, name := range n.behind {
		status.Handlers = append(status.Handlers, inbox.HandlerStatus{Handler: name, Configured: true})
	}
	return &status
}

func (t teller) inbox(s *inbox.Status) {
	t.gauge(inboxUp, oneIf(s.Failing == nil))
	t.gauge(inboxUnwritten, float64(s.Unwritten))
	for _, h := range s.Handlers {
		t.gauge(inboxJobs, float64(h.Waiting-h.Failed), h.Handler, "waiting")
		t.gauge(inboxJobs, float64(h.Failed), h.Handler, "failed")
		t.gauge(inboxJobs, float64(h.Running), h.Handler, "running")
		t.gauge(inboxJobs, float64(h.Dead), h.Handler, "dead")
		t.gauge(inboxOldest, seconds(h.Oldest), h.Handler)
		t.gauge(inboxStuck, float64(h.Worker.Stuck), h.Handler)
		orphans := 0
		if !h.Configured {
			orphans = h.Waiting
		}
		t.gauge(inboxOrphans, float64(orphans), h.Handler)
	}
}

// seconds is a time as Prometheus has it; the zero one is 0.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixMilli()) / 1000
}
