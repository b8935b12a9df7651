package page

import (
	"container/list"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A History is what hooks told of events, in memory. What it holds is bounded: see keep.go. Its hooks copy and count; what is
// in an event is read when somebody looks.
type History struct {
	window  time.Duration
	started time.Time

	keyed atomic.Bool // something is open, so that what comes may be a redelivery of it

	mu       sync.Mutex
	last     uint64             // number of a life
	flight   map[string]flight  // by Handle; a delivery that has failed is there for a while
	open     map[string]*life   // by Key
	called   map[string]*life   // callbacks that are done, by Key
	opened   list.List          // of *life, the one that was not seen for longest in front
	done     list.List          // of *life, the one that was done first in front
	spare    []*life            // dropped ones, to be used again
	lookers  int                // while somebody looks, none is
	bytes    int                // of what is kept, without payloads that the worker has anyway
	received uint64             // deliveries
	totals   map[Outcome]uint64 // of them
	dropped  dropped
	swept    time.Time
	handlers map[string]*handler
	apps     map[uint64]*application
	letters  happening // given up
	lost     happening // leases
	gone     happening // callbacks that were given up, and not written
}

// A flight is a delivery.
type flight struct {
	*life
	end time.Time // of its lease
}

// dropped counts what there was no room for.
type dropped struct {
	Done     uint64 `json:"done"`     // events that were done
	Open     uint64 `json:"open"`     // and ones that were not
	Payloads uint64 `json:"payloads"` // of events that are kept
}

// An application is what hooks told of one queue.
type application struct {
	pullFails, confirmFails time.Time // since when calls fail; zero: the last did not
}

// NewHistory returns an empty History of queues with this window; 0: VOD's, 30 s.
func NewHistory(window time.Duration) *History {
	if window == 0 {
		window = 30 * time.Second
	}
	return &History{
		window: window, started: time.Now(),
		flight: map[string]flight{}, open: map[string]*life{}, called: map[string]*life{}, totals: map[Outcome]uint64{},
		handlers: map[string]*handler{}, apps: map[uint64]*application{},
	}
}

// Worker returns the hooks for the workers of all applications.
func (h *History) Worker() worker.Hooks {
	return worker.Hooks{
		Pulled: h.pulled, Handled: h.handled, Failed: h.failed, Left: h.left, Confirmed: h.confirmed,
		LeaseLost: h.leaseLost, DeadLettered: h.deadLettered, Down: h.down,
	}
}

func (h *History) pulled(info worker.PullInfo) {
	keys := make([]string, len(info.Events))
	if h.keyed.Load() {
		for i, event := range info.Events {
			keys[i] = event.Key()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	app := h.app(info.SubAppID)
	app.pullFails = since(app.pullFails, info.Err, now)
	h.sweep(now)
	end, alias := now.Add(h.window-leaseSlack), aliasable(info.Events)
	for i, event := range info.Events {
		if _, listed := h.flight[event.Handle]; listed || event.Handle == "" {
			continue
		}
		l := h.find(event, keys[i], now)
		h.deliver(l, now, end)
		switch {
		case l.raw != nil:
		case alias:
			l.raw, l.aliased = event.Raw, true
		default:
			h.own(l, event.Raw)
		}
		l.handle = strings.Clone(event.Handle)
		h.flight[l.handle] = flight{l, end}
	}
	h.bound()
}

// deliver begins a delivery of a life.
func (h *History) deliver(l *life, now, lease time.Time) {
	h.received++
	if l.seen > 0 && l.counted == "" { // its handlers have not returned from the one before
		h.totals[Unconfirmed]++
	}
	h.bytes -= l.deliver(now, lease)
}

// leaseSlack is by how much a lease may have begun before its answer was there: the worker's clock assumes it.
const leaseSlack = time.Second

// since is when something began to fail, or zero if it does not.
func since(before time.Time, err error, now time.Time) time.Time {
	switch {
	case err == nil:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

// handled takes what became of one handler. Those of one delivery come one after the other.
func (h *History) handled(info worker.HandleInfo) {
	ok, key := info.Outcome.Kind == worker.OK, ""
	h.mu.Lock()
	defer h.mu.Unlock()
	f, known := h.flight[info.Event.Handle]
	if !known || !ok && f.key == "" {
		h.mu.Unlock() // a body may be large
		key = info.Event.Key()
		h.mu.Lock()
		f, known = h.flight[info.Event.Handle]
	}
	now := time.Now()
	l := f.life
	if !known { // it has outlived its lease by far
		l = h.find(info.Event, key, now)
	} else if key != "" {
		l.key = key
	}
	if l.raw == nil && l.held == 0 || l.aliased {
		l.raw, l.aliased = info.Event.Raw, true // the worker may have copied it
	}
	h.note(l, info, now)
	switch {
	case !ok:
		h.ended(l, Failed, now)
	case !known:
		h.ended(l, Unconfirmed, now)
	}
}

func (h *History) note(l *life, info worker.HandleInfo, now time.Time) {
	h.handler(info.Outcome.Handler).note(info.Outcome, now)
	h.bytes += l.note(info.Outcome, info.Waited)
}

// failed takes when a handler runs again.
func (h *History) failed(info worker.FailInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.open[info.Key]; l != nil {
		delete(h.flight, l.handle) // all handlers of the delivery have been told of
		l.again(info.Handler, next{info.Attempts, info.Until})
	}
}

func (h *History) left(info worker.LeftInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, known := h.flight[info.Event.Handle]
	if !known {
		return
	}
	if f.key == "" {
		f.key = info.Event.Key()
	}
	f.leave(info.Why)
	h.ended(f.life, Left, time.Now())
	delete(h.flight, f.handle)
}

func (h *History) confirmed(info worker.ConfirmInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	app := h.app(info.SubAppID)
	app.confirmFails = since(app.confirmFails, info.Err, now)
	for i, event := range info.Events {
		f, known := h.flight[event.Handle]
		switch {
		case !known:
		case info.Err != nil:
			d := f.current()
			d.Confirm = cut(info.Err.Error())
			if refused := errors.Is(info.Err, worker.ErrRefused); !refused {
				d.unanswered = true
			} else if d.unanswered && len(info.Events) == 1 { // the call before has most likely confirmed it, says the worker too
				h.ended(f.life, f.confirmedAs(), now)
				delete(h.flight, event.Handle)
			}
		default:
			f.current().Confirm, f.current().LeaseLeft = "ok", info.LeaseLeft[i].Milliseconds()
			h.ended(f.life, f.confirmedAs(), now)
			delete(h.flight, event.Handle)
		}
	}
}

// Held returns how many bytes are kept of events that are not in flight any more: at most 7 MiB.
func (h *History) Held() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bytes
}

func (h *History) app(id uint64) *application {
	if h.apps[id] == nil {
		h.apps[id] = &application{}
	}
	return h.apps[id]
}

// find returns what is open of an event, or a new life.
func (h *History) find(event events.Event, key string, now time.Time) *life {
	if l := h.open[key]; l != nil {
		return l
	}
	h.last++
	l := h.newLife()
	l.n, l.key, l.app, l.size, l.first, l.outcome = h.last, key, event.SubAppID, len(event.Raw), now, InFlight
	if l.kind != string(event.Type) { // most are of the type of those before
		l.kind = cut(string(event.Type))
	}
	return l
}
