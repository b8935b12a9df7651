package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// LongestPause is how long it takes at most from the end of a poll to that of the next, whatever comes of it, in a worker that
// lives, of as many applications:
//
//	a window    no slot is free, until the leases of what is being handled end
//	a window    nothing is confirmed, until the leases of what waits for that end
//	a window    all wait for the one that probes a handler which is down
//	30 s        until the next probe
//	30 s        after an error
//	10 s        for each application: a turn at the lowest rate, 0.1 calls a second
//	20 s        the call, and whatever else
//
// which is three minutes with one application and VOD's window.
func LongestPause(window time.Duration, applications int) time.Duration {
	return 3*window + 30*time.Second + 30*time.Second + time.Duration(applications)*10*time.Second + 20*time.Second
}

// dialTime is for a connection to the process's own receiver.
const dialTime = time.Second

// livez fails when a restart would help: when an application's loop, or that of a handler behind the inbox, does not come round
// any more, and when the receiver takes no connections. What is down elsewhere is no reason.
func (s *Server) livez(w http.ResponseWriter, r *http.Request) {
	p := s.process.Load()
	if p == nil {
		answer(w, nil)
		return
	}
	var reasons []string
	look := func(of string, status worker.Status, longest time.Duration) {
		last := status.LastPoll
		if last.Before(p.since) {
			last = p.since
		}
		quiet := time.Since(last)
		switch {
		case status.State == worker.Stopping || status.State == worker.Stopped:
		case status.Blocked:
			reasons = append(reasons, of+": handlers that do not return hold every place")
		case quiet > longest:
			reasons = append(reasons, fmt.Sprintf("%s: no poll has ended for %v", of, quiet.Round(time.Second)))
		}
	}
	for _, app := range p.Applications {
		look("application "+app.Name, app.Status(), LongestPause(app.Window, len(p.Applications)))
	}
	if p.Inbox != nil {
		for _, h := range p.Inbox().Handlers {
			if h.Configured {
				look("inbox, handler "+h.Handler, h.Worker, LongestPause(p.InboxWindow, 1))
			}
		}
	}
	if p.Callback != nil && !p.stopping() {
		dialer := net.Dialer{Timeout: dialTime}
		conn, err := dialer.DialContext(r.Context(), "tcp", p.Callback.String())
		if err != nil {
			reasons = append(reasons, fmt.Sprintf("callbacks: no connection is taken: %v", err))
		} else {
			_ = conn.Close()
		}
	}
	answer(w, reasons)
}

// readyz says whether the process does its work: from each application's first poll on, until it is told to stop, but not while
// its credentials are refused, nor while the inbox can store nothing. A handler that is down is no reason: that would hold up
// the rollout which mends it.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	p := s.process.Load()
	if p == nil {
		answer(w, []string{"starting"})
		return
	}
	var reasons []string
	if p.stopping() {
		reasons = append(reasons, "stopping")
	}
	if p.Inbox != nil {
		if s := p.Inbox(); s.Failing != nil {
			reasons = append(reasons, fmt.Sprintf("inbox: %v, since %s", s.Failing, s.Since.UTC().Format(time.RFC3339)))
		}
	}
	for _, app := range p.Applications {
		status := app.Status()
		switch {
		case errors.Is(status.Failing, worker.ErrFatal):
			reasons = append(reasons, fmt.Sprintf("application %s: %v", app.Name, status.Failing))
		case status.State == worker.Stopping || status.State == worker.Stopped:
			if !p.stopping() {
				reasons = append(reasons, fmt.Sprintf("application %s: it has ended", app.Name))
			}
		case status.LastPoll.IsZero():
			reasons = append(reasons, fmt.Sprintf("application %s: starting", app.Name))
		}
	}
	answer(w, reasons)
}

func (p *running) stopping() bool {
	select {
	case <-p.Stopping:
		return true
	default:
		return false
	}
}

// answer says whether all is well, and if not why.
func answer(w http.ResponseWriter, reasons []string) {
	w.Header().Set("Content-Type", "application/json")
	if len(reasons) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	text, _ := json.Marshal(struct {
		OK      bool     `json:"ok"`
		Reasons []string `json:"reasons"`
	}{len(reasons) == 0, append([]string{}, reasons...)})
	_, _ = w.Write(append(text, '\n'))
}
