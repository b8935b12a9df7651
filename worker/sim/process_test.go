package sim_test

import (
	"errors"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// A process is what the checker knows of a life, from its entries so far.
type process struct {
	w    *world
	life *life

	deliveries map[*byte]*delivery  // by where their content is
	byHandle   map[string]*delivery // the last one
	byEvent    map[int][]*delivery
	pulledAll  int
	calls      map[int]call    // that are out
	polls      int             // of those
	runs       map[int]*run    // that go on
	rejected   map[[2]int]bool // event and handler: for good
	allowed    map[what]bool   // calls: one was
	stopped    bool
	stopAt     time.Duration
	restPolls  int // in the last minute
}

// A delivery is an event as this process was handed it.
type delivery struct {
	event            int
	handle           string
	leased, returned time.Duration
	sent             time.Duration   // the poll that brought it
	confirmed        time.Duration   // -1: not
	tries            []int           // by handler
	succeeded        []time.Duration // by handler; -1: not
	doubtful         bool            // a call with it alone was refused: the worker may take it for confirmed
	failed           []bool          // by handler
	lastEnd          time.Duration   // of a handler
	buried           bool
	missing          []int // in its letter
}

// A call is one of a Source.
type call struct {
	at    time.Duration
	of    []*delivery // those that it confirms
	mixed bool        // or earlier ones, which came under the same handle
}

// event returns one of those that it confirms.
func (c call) event() int {
	if len(c.of) == 0 {
		return -1
	}
	return c.of[0].event
}

// A run is one call of a handler.
type run struct {
	delivery *delivery
	handler  int
	at       time.Duration
}

func newProcess(w *world, l *life) *process {
	return &process{
		w: w, life: l,
		deliveries: map[*byte]*delivery{},
		byHandle:   map[string]*delivery{},
		byEvent:    map[int][]*delivery{},
		calls:      map[int]call{},
		runs:       map[int]*run{},
		rejected:   map[[2]int]bool{},
		allowed:    map[what]bool{},
	}
}

// apply takes an entry in.
func (p *process) apply(e *entry) {
	switch e.what {
	case pulling:
		p.calls[e.call] = call{at: e.at}
		p.polls++
	case pulled:
		delete(p.calls, e.call)
		p.polls--
		p.pulledAll += len(slices.Compact(slices.Sorted(slices.Values(e.handles)))) // listed twice, it is one
		for i, handle := range e.handles {
			p.deliver(e.raws[i], &delivery{event: e.events[i], handle: handle, leased: e.leased, returned: e.at, sent: e.sent, confirmed: -1})
		}
	case confirming:
		p.calls[e.call] = p.confirming(e)
	case confirmed:
		c := p.calls[e.call]
		if len(c.of) == 1 && e.err != nil {
			c.of[0].doubtful = true
		}
		for _, d := range c.of {
			if e.err == nil {
				d.confirmed = e.at
			}
		}
		delete(p.calls, e.call)
	case begins:
		d := p.deliveries[e.raw]
		if d == nil {
			return // a rule has said so
		}
		d.tries[e.handler]++
		p.runs[e.call] = &run{d, e.handler, e.at}
	case ends:
		if r := p.runs[e.call]; r != nil {
			p.end(r, e)
		}
		delete(p.runs, e.call)
	case buried:
		if d := p.deliveries[e.raw]; d != nil {
			d.buried, d.missing = true, e.missing
		}
	case stop:
		p.stop(e.at)
	}
	if e.what == pulled || e.what == confirmed {
		p.answered(e)
	}
}

func (p *process) end(r *run, e *entry) {
	d := r.delivery
	d.lastEnd = e.at
	switch {
	case e.err != nil:
		d.failed[r.handler] = true
		if e.permanent {
			p.rejected[[2]int{d.event, r.handler}] = true
		}
	case d.succeeded[r.handler] < 0:
		d.succeeded[r.handler] = e.at
	}
}

// answered notes that a worker stops by itself if it is not allowed what it asks before it was ever allowed it.
func (p *process) answered(e *entry) {
	if e.err == nil {
		p.allowed[e.what] = true
	} else if errors.Is(e.err, worker.ErrFatal) && !p.allowed[e.what] {
		p.stop(e.at)
	}
}

func (p *process) stop(at time.Duration) {
	if !p.stopped {
		p.stopped, p.stopAt = true, at
	}
}

func (p *process) confirming(e *entry) call {
	c := call{at: e.at}
	for _, handle := range e.handles {
		if d := p.byHandle[handle]; d != nil {
			c.of = append(c.of, d)
			c.mixed = c.mixed || slices.ContainsFunc(p.byEvent[d.event], func(other *delivery) bool {
				return other != d && other.handle == handle
			})
		}
	}
	return c
}

func (p *process) deliver(raw *byte, d *delivery) {
	handlers := len(p.w.plan.handlers)
	d.failed = make([]bool, handlers)
	d.tries = make([]int, handlers)
	d.succeeded = make([]time.Duration, handlers)
	for i := range d.succeeded {
		d.succeeded[i] = -1
	}
	p.deliveries[raw], p.byHandle[d.handle] = d, d
	p.byEvent[d.event] = append(p.byEvent[d.event], d)
}

func (p *process) graceEnd() time.Duration { return p.stopAt + p.w.plan.stopGrace }

func (p *process) leaseEnd(d *delivery) time.Duration { return d.leased + p.w.plan.window }

func (p *process) handleBy(d *delivery) time.Duration { return d.leased + p.w.plan.handling() }

// busy counts the deliveries of which a handler runs.
func (p *process) busy() int {
	deliveries := map[*delivery]bool{}
	for _, r := range p.runs {
		deliveries[r.delivery] = true
	}
	return len(deliveries)
}

// isWritten reports whether there is a letter of d.
func (p *process) isWritten(d *delivery) bool {
	return slices.ContainsFunc(p.byEvent[d.event], func(other *delivery) bool {
		return other.buried && other.handle == d.handle
	})
}

// knows reports whether d may be confirmed as far as a handler is concerned: it is missing in the letter that was
// written of d, or it succeeded in d or, unless the event Repeats, in an earlier delivery that this process had. With KeepHandle, two that have one handle are one.
func (p *process) knows(d *delivery, handler int) bool {
	for _, other := range p.byEvent[d.event] {
		same := other.handle == d.handle
		if (same || !p.w.plan.events[d.event].repeats) && other.succeeded[handler] >= 0 {
			return true
		}
		if same && other.buried && slices.Contains(other.missing, handler) {
			return true
		}
	}
	return false
}
