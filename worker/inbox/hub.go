package inbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/internal/pause"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	turnLimit  = 10 * time.Second // for one, so that a database which hangs is one that fails
	pollEvery  = time.Second      // what other processes have stored, and what is due again
	flushLimit = 5 * time.Second
	gatherMost = 5 * time.Millisecond // between two turns

	// A turn stores not more than this; what is over waits for the next. One event always passes.
	maxEvents = 512
	maxBytes  = 32 << 20
)

// A hub makes the turns of this process. Whoever wants something of the database puts it into one of the hub's lists and
// wakes it: all that waits then is one transaction, see turn.go. Its goroutine, in loop, is the only one that makes turns.
type hub struct {
	store store.Store
	log   zerolog.Logger
	hooks worker.Hooks

	wake    chan struct{} // of one place
	closing chan struct{} // closed: write what is left, and end
	over    chan struct{} // closed: loop has returned
	hard    context.Context
	endHard context.CancelFunc // no turn goes on

	mu      sync.Mutex
	closed  bool
	storing []*storing
	ended   []*outcome // not written yet; they are written first
	keepers []*keeper  // by handler, in their order
	suspect *run       // the one that runs, if any
	life    *life
	failing error // why the last turn failed; nil if it did not
	since   time.Time

	// What follows is loop's own.
	pulse
	first    int       // of the keepers, who may have a suspect before others
	pollAt   time.Time // the next poll
	retryAt  time.Time // no turn before
	unsure   bool      // what a failed turn has done: see Forgotten of store.Turn
	trouble  say.Trouble
	retrying *backoff.ExponentialBackOff
}

// A storing is an event whose storer waits.
type storing struct {
	event store.Event
	done  chan error // of one place
}

// A run is a job that this process has claimed.
type run struct {
	number, run int64
	failed      worker.Failures // before
	suspect     bool
	life        *life
	calling     bool // its handler is
	left        bool // its worker has ended: see left.go
	buried      bool // it is a dead letter: what the engine confirms then is that
}

// An outcome is what became of a run.
type outcome struct {
	of     *run
	to     store.State
	due    time.Time // Waiting: not to be claimed before
	failed worker.Failures
	reason worker.Reason

	written   chan struct{} // closed when it is; nil if nobody waits
	withdrawn bool          // not to be tried again
}

func newHub(log zerolog.Logger, hooks worker.Hooks) *hub {
	h := &hub{
		log: log, hooks: hooks,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), over: make(chan struct{}),
		life:     newLife(),
		trouble:  say.Trouble{Log: log, What: "store events in the inbox"},
		retrying: pause.Jitter(200*time.Millisecond, time.Second),
	}
	h.hard, h.endHard = context.WithCancel(context.Background())
	return h
}

var errClosed = errors.New("the inbox is closed")

// keep stores an event, and returns when it is committed. If ctx ends first it may be stored all the same.
func (h *hub) keep(ctx context.Context, e store.Event) error {
	s := &storing{event: e, done: make(chan error, 1)}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return errClosed
	}
	h.storing = append(h.storing, s)
	h.mu.Unlock()
	h.stir()
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(s.done) > 0 { // at the same moment
			return <-s.done
		}
		h.storing = slices.DeleteFunc(h.storing, func(other *storing) bool { return other == s })
		return say.Ended(ctx)
	}
}

// end notes an outcome, with mu held. It stays until a turn that has it succeeds.
func (h *hub) end(o *outcome) {
	h.ended = append(h.ended, o)
	if h.suspect == o.of {
		h.suspect = nil
		for _, k := range h.keepers { // the next one's turn, of whichever handler
			k.ripe = true
		}
	}
	h.stir()
}

// await waits until an outcome is written.
func (h *hub) await(ctx context.Context, o *outcome) error {
	select {
	case <-o.written:
	case <-h.over:
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-o.written: // at the same moment, or before
		return nil
	default:
	}
	o.withdrawn = true
	h.ended = slices.DeleteFunc(h.ended, func(other *outcome) bool { return other == o })
	if ctx.Err() == nil {
		return errClosed
	}
	return say.Ended(ctx)
}

// stir has the loop look at what waits.
func (h *hub) stir() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// loop makes turns while something waits, and else at each poll and each beat, until the hub is closed.
func (h *hub) loop() {
	defer close(h.over)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-h.closing:
			h.flush()
			return
		default:
		}
		now := time.Now()
		if t := h.next(now); t != nil {
			h.make(t)
			h.gather(timer, time.Since(now))
			continue
		}
		timer.Reset(max(h.idleUntil().Sub(now), time.Millisecond))
		select {
		case <-h.wake:
		case <-timer.C:
		case <-h.closing:
		}
	}
}

// gather lets a part of the time pass that a turn took: those who waited for it go on, and what they ask for next is to be
// one turn. Else the first of them would have one for itself.
func (h *hub) gather(timer *time.Timer, took time.Duration) {
	timer.Reset(min(took/4, gatherMost))
	select {
	case <-timer.C:
	case <-h.closing:
	}
}

// join tells the database of this process, before loop begins.
func (h *hub) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, turnLimit)
	defer cancel()
	done, err := h.store.Turn(ctx, store.Turn{Me: h.life.id, Beat: true, Join: true})
	if err != nil {
		return err
	}
	now := time.Now()
	h.beaten(true, now)
	h.tellDead(done.Dead, now)
	return nil
}

// idleUntil is when there is something to do though nobody wakes the loop.
func (h *hub) idleUntil() time.Time {
	next := h.beatAt
	if h.pollAt.Before(next) {
		next = h.pollAt
	}
	if h.retryAt.After(next) || h.unsure {
		next = h.retryAt
	}
	return next
}

// flush writes what has ended, and gives back the rest. Who stores gets an error from now on.
func (h *hub) flush() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	for h.hard.Err() == nil {
		t := h.collect(time.Now(), false)
		t.Leave = true
		if h.make(t) {
			break
		}
		pause.For(h.hard, time.Until(h.retryAt))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.storing {
		s.done <- errClosed
	}
	h.storing = nil
	if n := len(h.ended); n > 0 {
		h.log.Warn().Int("events", n).Err(h.failing).
			Msg("what became of events could not be written to the inbox: they will be handled again")
	}
	h.life.end(errClosed)
}

// close ends the loop, and waits for it.
func (h *hub) close() {
	close(h.closing)
	timer := time.AfterFunc(flushLimit, h.endHard)
	defer timer.Stop()
	<-h.over
	h.endHard()
}
