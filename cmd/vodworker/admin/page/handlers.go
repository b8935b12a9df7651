package page

import (
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// A handler is what hooks told of one, in all applications.
type handler struct {
	outcomes map[string]uint64
	took     time.Duration // in all
	lastOK   time.Time
	lastFail time.Time
	lastErr  string
	down     map[uint64]downSince // by application
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
	err := info.Err
	if err == nil {
		err = errors.New("it fails")
	}
	n.down[info.SubAppID] = downSince{time.Now(), cut(err.Error())}
}

// HandlerRow is a handler, as the page shows it.
type HandlerRow struct {
	Name     string            `json:"name"`
	Place    string            `json:"place"`  // what it does with events
	Events   []string          `json:"events"` // that it wants; none: all
	Outcomes map[string]uint64 `json:"outcomes"`
	MeanMs   int64             `json:"mean_ms"`
	LastOK   time.Time         `json:"last_ok,omitzero"`
	LastFail time.Time         `json:"last_fail,omitzero"`
	LastErr  string            `json:"last_error,omitempty"`
	Down     []DownRow         `json:"down,omitempty"`
}

// DownRow says that a handler is down for an application.
type DownRow struct {
	App       string    `json:"app"`
	Since     time.Time `json:"since"`
	Error     string    `json:"error"`
	NextProbe time.Time `json:"next_probe,omitzero"`
}

// handlerRows returns the configured handlers. The caller holds the lock.
func (p *Page) handlerRows(statuses []worker.Status) []HandlerRow {
	rows := make([]HandlerRow, 0, len(p.o.Handlers))
	for _, of := range p.o.Handlers {
		n := p.o.History.handler(of.Name)
		row := HandlerRow{Name: of.Name, Place: of.Place, Events: append([]string{}, of.Events...), Outcomes: map[string]uint64{},
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
			d := DownRow{App: app.Name, Since: since.at, Error: since.err}
			for j, name := range statuses[i].DownNow {
				if name == of.Name && j < len(statuses[i].ProbeAt) {
					d.NextProbe = statuses[i].ProbeAt[j]
				}
			}
			row.Down = append(row.Down, d)
		}
		rows = append(rows, row)
	}
	return rows
}
