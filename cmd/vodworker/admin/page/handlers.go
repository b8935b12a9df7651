package page

import (
	"errors"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// A handler is what hooks told of one, in all applications.
type handler struct {
	outcomes map[string]uint64
	took     time.Duration // in all
	lastOK   time.Time
	lastFail time.Time
	lastErr  string
	down     map[uint64]downSince // by application
	behind   *downSince           // the inbox, for all applications; nil: it is not
}

type downSince struct {
	at  time.Time
	err string
}

func (h *History) handler(name string) *handler {
	if h.handlers[name] == nil {
		h.handlers[name] = &handler{outcomes: map[string]uint64{}, down: map[uint64]downSince{}}
	}
	return h.handlers[name]
}

func (n *handler) note(o worker.Outcome, now time.Time) {
	n.outcomes[o.Kind.String()]++
	n.took += o.Took
	if o.Kind == worker.OK {
		n.lastOK = now
		return
	}
	n.lastFail = now
	if o.Err != nil {
		n.lastErr = cut(o.Err.Error())
	}
}

func (h *History) down(info worker.DownInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.handler(info.Handler)
	if !info.Down {
		delete(n.down, info.SubAppID)
		return
	}
	n.down[info.SubAppID] = downNow(info.Err)
}

func downNow(err error) downSince {
	if err == nil {
		err = errors.New("it fails")
	}
	return downSince{time.Now(), cut(err.Error())}
}

// HandlerRow is a handler, as the page shows it.
type HandlerRow struct {
	Name     string            `json:"name"`
	Place    string            `json:"place"`  // what it does with events
	Events   []string          `json:"events"` // that it wants; none: all
	Behind   bool              `json:"behind"` // the inbox, so that none of the events that are kept here are its
	Outcomes map[string]uint64 `json:"outcomes"`
	MeanMs   int64             `json:"mean_ms"`
	LastOK   time.Time         `json:"last_ok,omitzero"`
	LastFail time.Time         `json:"last_fail,omitzero"`
	LastErr  string            `json:"last_error,omitempty"`
	Down     []DownRow         `json:"down,omitempty"`
}

// DownRow says that a handler is down for an application.
type DownRow struct {
	App       string    `json:"app"` // empty: for all, behind the inbox
	Since     time.Time `json:"since"`
	Error     string    `json:"error"`
	NextProbe time.Time `json:"next_probe,omitzero"`
}

// handlerRows returns the configured handlers. The caller holds the lock.
func (p *Page) handlerRows(statuses []worker.Status, box *inbox.Status) []HandlerRow {
	rows := make([]HandlerRow, 0, len(p.o.Handlers))
	for _, of := range p.o.Handlers {
		n := p.o.History.handler(of.Name)
		row := HandlerRow{Name: of.Name, Place: of.Place, Events: append([]string{}, of.Events...), Behind: of.Behind, Outcomes: map[string]uint64{},
			LastOK: n.lastOK, LastFail: n.lastFail, LastErr: n.lastErr}
		runs := uint64(0)
		for outcome, times := range n.outcomes {
			row.Outcomes[outcome] = times
			runs += times
		}
		if runs > 0 {
			row.MeanMs = (n.took / time.Duration(runs)).Milliseconds()
		}
		for i, app := range p.o.Applications {
			since, down := n.down[app.SubAppID]
			if !down {
				continue
			}
			row.Down = append(row.Down, DownRow{app.Name, since.at, since.err, probeOf(of.Name, statuses[i])})
		}
		if n.behind != nil {
			row.Down = append(row.Down, DownRow{"", n.behind.at, n.behind.err, probeOf(of.Name, workerBehind(box, of.Name))})
		}
		rows = append(rows, row)
	}
	return rows
}

// probeOf returns when a handler that is down is tried next; zero: that is not known.
func probeOf(handler string, s worker.Status) time.Time {
	if i := slices.Index(s.DownNow, handler); i >= 0 && i < len(s.ProbeAt) {
		return s.ProbeAt[i]
	}
	return time.Time{}
}
