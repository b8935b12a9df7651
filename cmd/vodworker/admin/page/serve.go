package page

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A Replica says who speaks: what one replica knows is not what all of them know.
type Replica struct {
	Replica string    `json:"replica"` // its host's name
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Now     time.Time `json:"now"`
}

// A State is what the page shows at one moment.
type State struct {
	Replica
	Verdict      Verdict            `json:"verdict"`
	Applications []ApplicationRow   `json:"applications"`
	Callback     string             `json:"callback,omitempty"`
	Received     uint64             `json:"received"` // deliveries, since the start
	Totals       map[Outcome]uint64 `json:"totals"`   // what became of them
	Kept         map[Outcome]int    `json:"kept"`     // events, each of which counts once
	Dropped      dropped            `json:"dropped"`
	Handlers     []HandlerRow       `json:"handlers"`
	Inbox        *InboxRow          `json:"inbox,omitempty"`
	Types        []string           `json:"types"` // of what is kept
	Events       []Row              `json:"events"`
	Found        int                `json:"found"` // events that the filter chooses, of which some are listed
	LettersAt    string             `json:"letters_at,omitempty"`
	Letters      bool               `json:"letters"` // they can be listed
}

// An ApplicationRow is one queue that is consumed.
type ApplicationRow struct {
	Name       string       `json:"name"`
	State      worker.State `json:"state"`
	Waiting    int          `json:"waiting"`
	Handling   int          `json:"handling"`
	Stuck      int          `json:"stuck"`
	Writing    int          `json:"writing"`
	Confirming int          `json:"confirming"`
	Bytes      int          `json:"bytes"`
	LastPoll   time.Time    `json:"last_poll,omitzero"`
	LeftMs     int64        `json:"lease_left_ms"` // of the lease that ends first; 0: none
}

func (p *Page) me(now time.Time) Replica {
	return Replica{p.replica, p.o.Version, p.o.History.started, now}
}

func (p *Page) state(w http.ResponseWriter, r *http.Request) {
	statuses := make([]worker.Status, len(p.o.Applications))
	for i, app := range p.o.Applications {
		statuses[i] = app.Status()
	}
	box := p.inbox()
	h := p.o.History
	done := h.look()
	chosen, found := h.choose(filterOf(r.URL.Query()))
	h.mu.Lock()
	now := time.Now()
	h.sweep(now)
	s := State{
		Replica: p.me(now), Verdict: append(Verdict{}, p.verdict(statuses, box, now)...), Callback: p.o.Callback, Applications: []ApplicationRow{},
		Received: h.received, Totals: map[Outcome]uint64{}, Kept: map[Outcome]int{}, Dropped: h.dropped,
		Handlers: p.handlerRows(statuses, box), Inbox: inboxRow(box),
		Found: found, Events: make([]Row, len(chosen)), LettersAt: p.o.LettersAt, Letters: p.o.Letters != nil,
	}
	for i, l := range chosen {
		s.Events[i] = l.row(now)
	}
	for outcome, n := range h.totals {
		s.Totals[outcome] = n
	}
	kinds := map[string]bool{}
	count := func(l *life) {
		kinds[l.kind] = true
		if l.outcome != InFlight {
			s.Kept[l.outcome]++
		}
		if !l.lease.IsZero() {
			s.Kept[InFlight]++
		}
	}
	h.eachFlight(count)
	h.eachKept(count)
	h.mu.Unlock()
	done()
	for kind := range kinds {
		s.Types = append(s.Types, kind)
	}
	slices.Sort(s.Types)
	for i, app := range p.o.Applications {
		s.Applications = append(s.Applications, applicationRow(app.Name, statuses[i], now))
	}
	answer(w, s)
}

func applicationRow(name string, s worker.Status, now time.Time) ApplicationRow {
	row := ApplicationRow{Name: name, State: s.State, Waiting: s.Waiting, Handling: s.Handling, Stuck: s.Stuck, Writing: s.Writing,
		Confirming: s.Confirming, Bytes: s.Bytes, LastPoll: s.LastPoll}
	if !s.EarliestEnd.IsZero() {
		row.LeftMs = max(1, s.EarliestEnd.Sub(now).Milliseconds())
	}
	return row
}

// event answers with one event, by its number in this replica.
func (p *Page) event(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseUint(r.URL.Query().Get("n"), 10, 64)
	if err != nil {
		refuse(w, http.StatusBadRequest, "n is the number of an event")
		return
	}
	defer p.o.History.look()()
	p.o.History.mu.Lock()
	lives := slices.DeleteFunc(p.o.History.lives(), func(l *life) bool { return l.n != n })
	p.o.History.mu.Unlock()
	if len(lives) == 0 {
		refuse(w, http.StatusNotFound, "This event is not kept any more.")
		return
	}
	answer(w, p.whole(lives)[0])
}

// An Explanation is what is known of an event: of all that have its file, or task.
type Explanation struct {
	Replica
	Events []Life `json:"events"`

	// Inbox is what lies in the inbox of them, whichever replica stored it; InboxError says why that is not known.
	Inbox      []InboxJob `json:"inbox,omitempty"`
	InboxError string     `json:"inbox_error,omitempty"`
}

func (p *Page) explain(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	h := p.o.History
	defer h.look()()
	h.mu.Lock()
	lives := h.lives()
	h.mu.Unlock()
	h.read(lives)
	h.mu.Lock()
	lives = slices.DeleteFunc(lives, func(l *life) bool {
		return id == "" || l.key != id && (l.facts == nil || l.facts.File != id && l.facts.Task != id)
	})
	h.mu.Unlock()
	slices.SortFunc(lives, func(a, b *life) int { return int(a.n) - int(b.n) })
	known := Explanation{Replica: p.me(time.Now()), Events: p.whole(lives)}
	if p.o.Find != nil && id != "" {
		known.lookInto(r.Context(), p.o.Find, id)
	}
	answer(w, known)
}

func (p *Page) whole(lives []*life) []Life {
	h := p.o.History
	h.read(lives)
	h.mu.Lock()
	now := time.Now()
	whole, of := make([]Life, len(lives)), make([]events.Event, len(lives))
	for i, l := range lives {
		whole[i], of[i] = l.whole(now), events.Event{SubAppID: l.app, Type: events.Type(l.kind), Raw: l.raw}
	}
	h.mu.Unlock()
	for i, e := range of {
		if e.Raw != nil {
			whole[i].Payload, whole[i].Repeats = string(e.Unsigned()), e.Repeats()
		}
	}
	return whole
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // whoever asked has left
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Error string `json:"error"`
	}{why})
}
