package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A hub is what a process has of a depot: all that waits in it is one turn.
type hub struct {
	life  *life
	depot *depot
	kick  chan struct{}
	close chan struct{} // closed when the process ends as it should
	ended chan struct{}

	mu        sync.Mutex
	id        int // of the ones that this process has had
	join      bool
	unsure    bool      // a turn that failed may have claimed something
	since     time.Time // turns have succeeded without a gap
	last      time.Time // one has
	stores    []*storing
	claims    []*claim
	ends      []end               // not yet written
	held      map[string]*holding // by the handle that the engine sees
	runs      context.Context     // of this id
	cancelRun context.CancelCauseFunc
}

// A storing is an event that waits to be stored.
type storing struct {
	event    events.Event
	handlers []string
	done     chan error
}

// A claim asks for jobs of a handler.
type claim struct {
	handler string
	most    int
	got     chan []job
}

// A holding is a job that the process has claimed.
type holding struct {
	job
	runs     context.Context // ends when it is taken away
	lettered worker.Reason   // its letter is written, with its end
}

func (d *depot) open(l *life) *hub {
	h := &hub{
		life: l, depot: d, kick: make(chan struct{}, 1), close: make(chan struct{}), ended: make(chan struct{}),
		join: true, held: map[string]*holding{},
	}
	h.runs, h.cancelRun = context.WithCancelCause(context.Background())
	go h.loop()
	return h
}

func (h *hub) me() string { return fmt.Sprint(h.life.name, "#", h.id) }

func (h *hub) wake() {
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

func (h *hub) loop() {
	defer close(h.ended)
	defer h.cancelRun(errDead)
	closing := h.close
	var until time.Time // after it was closed
	for {
		err := h.turn(!until.IsZero())
		if h.life.death.Err() != nil || !until.IsZero() && (err == nil || time.Now().After(until)) {
			return
		}
		pause := 500 * time.Millisecond // for what falls due meanwhile
		if err != nil {
			time.Sleep(pause) // whatever kicks
		}
		select {
		case <-h.kick:
		case <-time.After(pause):
		case <-closing:
			closing, until = nil, time.Now().Add(5*time.Second)
		case <-h.life.death.Done():
			return
		}
	}
}

func (h *hub) turn(leave bool) error {
	h.mu.Lock()
	t := &turn{me: h.me(), life: h.life.id, join: h.join, leave: leave, store: h.stores, ends: slices.Clone(h.ends)}
	t.giveBack = !h.since.IsZero() && time.Since(h.since) >= silence
	if !leave {
		t.claims = slices.Clone(h.claims)
	}
	if h.unsure {
		t.known = map[[2]int]bool{}
		for _, held := range h.held {
			t.known[[2]int{held.number, held.run}] = true
		}
		for _, e := range h.ends {
			t.known[[2]int{e.number, e.run}] = true
		}
	}
	h.stores = nil
	h.mu.Unlock()

	ctx, cancel := h.life.whileAlive(context.Background())
	defer cancel()
	ctx, cancelLimit := context.WithTimeout(ctx, beat)
	defer cancelLimit()
	began := time.Now()
	var claimed [][]job
	f := h.life.fault("turn", h.life.world.plan.pullFaults)
	err := f.around(ctx, func() (err error) {
		claimed, err = h.depot.turn(t)
		return err
	})

	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range t.store {
		s.done <- err
	}
	switch {
	case errors.Is(err, errLost):
		h.lose()
		return err
	case err != nil:
		h.unsure = true
		return err
	}
	if began.Sub(h.last) >= 2*beat {
		h.since = began
	}
	h.last, h.join, h.unsure = began, false, false
	h.ends = h.ends[len(t.ends):]
	for i, jobs := range claimed {
		h.take(t.claims[i], jobs)
	}
	return nil
}

// lose begins anew under another id: all that is held is somebody else's. What it has finished may count all the same.
func (h *hub) lose() {
	h.cancelRun(worker.ErrTaken)
	h.runs, h.cancelRun = context.WithCancelCause(context.Background())
	h.id++
	h.join, h.unsure, h.since, h.last = true, false, time.Time{}, time.Time{}
}

// take hands what was claimed to who waits for it, or gives it back if nobody does any more.
func (h *hub) take(c *claim, jobs []job) {
	at := slices.Index(h.claims, c)
	if len(jobs) == 0 {
		return
	}
	if at < 0 {
		for _, j := range jobs {
			h.ends = append(h.ends, end{number: j.number, run: j.run, failed: j.failed})
		}
		return
	}
	h.claims = slices.Delete(h.claims, at, at+1)
	for _, j := range jobs {
		h.held[handleOf(j)] = &holding{job: j, runs: h.runs}
	}
	c.got <- jobs
}

func handleOf(j job) string { return fmt.Sprintf("job-%d.%d", j.number, j.run) }

// handler is the one that stores events for those behind it.
func (h *hub) handler(behind *worker.Router) worker.Handler {
	return worker.Handler{Name: "inbox", Behind: behind, Handle: func(ctx context.Context, e events.Event) error {
		s := &storing{event: e, handlers: behind.Match(e), done: make(chan error, 1)}
		h.mu.Lock()
		h.stores = append(h.stores, s)
		h.mu.Unlock()
		h.wake()
		select {
		case err := <-s.done:
			return worker.Unreachable(err)
		case <-ctx.Done():
			return worker.Unreachable(context.Cause(ctx))
		case <-h.life.death.Done():
			return errDead
		}
	}}
}
