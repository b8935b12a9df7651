package worker

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/blame"
	"github.com/vodworker/vodworker/worker/internal/memory"
	"github.com/vodworker/vodworker/worker/internal/quota"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// An engine is one Run or Drain. The goroutine in loop owns all of its state and takes every decision. Other goroutines do
// what takes time, touch none of that state and report back: one for each poll (pull.go), each event that is being handled
// (crew.go), each letter (bury.go), each record (record.go) and each batch that is being confirmed (confirm.go).
type engine struct {
	source Source
	keeper Keeper // the source, if it is one; else nil
	router *Router
	opts   Options
	terms  terms
	log    zerolog.Logger

	signal  context.Context // its end is the first signal
	publish func(Status)

	// Three contexts, each of which outlives the one before. Intake ends with the first signal, work StopGrace later,
	// confirming callLimit after that.
	intake, work, confirming context.Context
	endWork, endConfirming   context.CancelCauseFunc
	endIntake                context.CancelFunc
	stopping                 bool
	graceEnd, hardEnd        time.Time // once stopping

	pullLane, confirmLane *quota.Lane // to the limiter

	assigned  chan *delivery // to who is free to handle it, see crew.go
	free      atomic.Int32   // of those
	polled    chan answer
	handled   chan *delivery
	buried    chan burial
	admitted  chan struct{} // of one place: a confirm waits no longer for its turn
	confirmed chan confirmation
	recorded  chan recording
	over      chan struct{} // closed when loop returns: nobody listens any more

	slots    slots
	pulls    pulls
	leases   leases
	handling handling
	burials  burials
	confirms confirms
	memory   memory.Memory
	book     *blame.Book
	downs    downs
	records  records
	drain    *drain // nil in Run

	buryTrouble say.Trouble

	sum Summary
	err error // what ended it
}

func newEngine(ctx context.Context, w *Worker, d *drain) *engine {
	e := &engine{
		source: w.source, router: w.router, opts: w.opts, terms: w.opts.terms(), log: w.opts.Log,
		assigned:  make(chan *delivery),
		polled:    make(chan answer),
		handled:   make(chan *delivery, w.opts.Concurrency),
		admitted:  make(chan struct{}, 1),
		confirmed: make(chan confirmation),
		buried:    make(chan burial),
		recorded:  make(chan recording),
		memory:    memory.New(w.opts.Window),
		over:      make(chan struct{}),
		slots:     newSlots(w.opts.Concurrency, w.opts.MaxBytes),
		pulls:     newPulls(w.opts.Log, d != nil),
		handling:  newHandling(w.opts.Log, w.router.order),
		confirms:  newConfirms(w.opts.Log, d != nil),
		burials:   burials{keys: map[string]bool{}},
		drain:     d,
		publish:   w.publish,
		signal:    ctx,

		buryTrouble: newTrouble(w.opts.Log, "write dead letter", false),
		records:     records{trouble: newTrouble(w.opts.Log, "keep what is known of failures", false)},
		pullLane:    quota.NewLane(w.opts.Limiter.pull),
		confirmLane: quota.NewLane(w.opts.Limiter.confirm),
	}
	// Intake does not have ctx's deadline: a limiter that knows of one refuses to wait beyond it, at once.
	e.intake, e.endIntake = context.WithCancel(context.WithoutCancel(ctx))
	e.work, e.endWork = context.WithCancelCause(context.WithoutCancel(ctx))
	e.confirming, e.endConfirming = context.WithCancelCause(context.WithoutCancel(ctx))
	e.keeper, _ = w.source.(Keeper)
	e.book = blame.New(pace(w.source, w.opts.Window))
	e.loadRecord()
	e.downs = newDowns(w.router.order, e.book)
	return e
}

var errStopped = errors.New("the worker is stopping")

// loop decides and waits in turn until there is nothing left to do.
func (e *engine) loop() error {
	defer close(e.over)
	defer e.endConfirming(errStopped)
	defer e.endWork(errStopped)
	defer e.endIntake()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	signal := e.signal.Done()
	for {
		now := time.Now()
		if e.stopping && !now.Before(e.graceEnd) {
			e.endWork(errStopped)
		}
		e.advanceDrain() // before a poll may go out
		e.expire(now)
		e.skipLate(now)
		e.stopWaiting(now)
		e.makeRoom(now)
		e.startHandling(now)
		e.startWriting(now)
		e.startConfirming(now)
		e.startPolling(now)
		e.startRecording(now)
		e.advanceDrain() // what has expired or was left may have been the last
		if e.finished(now) {
			e.close()
			return e.err
		}
		e.publish(e.status())
		timer.Reset(max(e.untilNext(now), 1))
		select {
		case a := <-e.polled:
			e.onPolled(a)
		case d := <-e.handled:
			e.onHandled(d)
		case b := <-e.buried:
			e.onBuried(b)
		case <-e.admitted:
		case c := <-e.confirmed:
			e.onConfirmed(c)
		case r := <-e.recorded:
			e.onRecorded(r)
		case <-signal:
			signal = nil
			if !e.stopping {
				e.drain.onSignal()
			}
			e.stop(context.Cause(e.signal).Error())
		case <-timer.C:
		}
	}
}

// newTrouble returns a Trouble of calls. It is passing in a Drain, which ends with an error if the calls go on failing.
func newTrouble(log zerolog.Logger, what string, passing bool) say.Trouble {
	return say.Trouble{Log: log, What: what, Passing: passing, Kinds: []error{ErrThrottled, ErrFatal, ErrRefused}, Routine: ErrThrottled}
}

// tell hands a report to loop, or drops the report if loop has returned.
func tell[T any](e *engine, reports chan<- T, report T) {
	select {
	case reports <- report:
	case <-e.over:
	}
}

// stop begins the stop: see Worker.Run.
func (e *engine) stop(why string) {
	if e.stopping {
		return
	}
	e.stopping = true
	e.endIntake()
	e.graceEnd = time.Now().Add(e.opts.StopGrace)
	e.hardEnd = e.graceEnd.Add(callLimit)
	line := e.log.Info()
	if e.drain != nil && e.signal.Err() == nil {
		line = e.log.Debug()
	}
	e.named(line).Str("why", why).Int("in_flight", e.inFlight()).Msg("stopping")
}

// named says whose line it is, where each handler has a Worker of its own.
func (e *engine) named(line *zerolog.Event) *zerolog.Event {
	if e.keeper == nil {
		return line
	}
	return line.Str("handler", e.router.order[0])
}

// passing begins a line about a trouble that may pass. The Summary of a Drain tells whether it did, so there the line is info.
func (e *engine) passing(log zerolog.Logger) *zerolog.Event {
	if e.drain != nil {
		return log.Info()
	}
	return log.Warn()
}

// inFlight counts the events that the engine waits for before it ends.
func (e *engine) inFlight() int { return e.active() + e.confirms.waiting }

// unconfirmed counts the events that only wait to be confirmed.
func (e *engine) unconfirmed() int { return e.confirms.waiting + e.burials.stuck - e.burials.count() }

// blocked reports whether handlers that do not return hold so much that nothing can be pulled until one does.
func (e *engine) blocked() bool {
	return e.handling.stuck >= e.opts.Concurrency || e.slots.stuckBytes >= e.opts.MaxBytes
}

func (e *engine) finished(now time.Time) bool {
	return e.stopping && (e.idle() || !now.Before(e.hardEnd))
}

// close counts the events that are left behind. They stay queued.
func (e *engine) close() {
	if e.err == nil {
		e.err = e.drain.err(e.pulls.succeeded, e.pulls.failing)
	}
	e.closeRecord()
	e.sum.Abandoned += e.slots.busy + e.burials.count()
	e.sum.Unconfirmed += e.unconfirmed()
	sum := e.drain.summary(e.sum, e.downs.names())
	line := e.log.Info()
	switch {
	case e.drain != nil: // who called Drain has the Summary, and says it
		e.sayOpen(sum.Unconfirmed)
		line = e.log.Debug()
	case !sum.Clean():
		line = e.log.Warn()
	}
	e.named(line).EmbedObject(sum).Msg("stopped")
	s := e.status()
	s.State, s.Waiting, s.Writing, s.Confirming, s.EarliestEnd = Stopped, 0, 0, 0, time.Time{}
	e.publish(s)
}

// untilNext is how long loop may sleep if nobody reports.
func (e *engine) untilNext(now time.Time) time.Duration {
	next := now.Add(time.Minute)
	for _, at := range []time.Time{
		e.nextPoll(now), e.nextSkip(), e.nextProbe(now), e.nextConfirm(), e.nextStop(now),
		e.leases.firstEnd(), e.memory.NextExpiry(), e.book.NextExpiry(), e.nextRecording(),
	} {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next.Sub(now)
}

func (e *engine) nextStop(now time.Time) time.Time {
	if e.stopping && now.Before(e.graceEnd) {
		return e.graceEnd
	}
	return e.hardEnd
}

func (e *engine) status() Status {
	s := Status{
		Summary:     e.drain.summary(e.sum, e.downs.names()),
		State:       Running,
		Waiting:     len(e.handling.waiting),
		Handling:    e.slots.busy,
		Stuck:       e.handling.stuck,
		Writing:     e.burials.count(),
		Confirming:  e.unconfirmed(),
		Bytes:       e.slots.bytes,
		Blocked:     e.blocked(),
		EarliestEnd: e.leases.firstEnd(),
		LastPoll:    e.pulls.last,
		DownNow:     e.downs.names(),
		ProbeAt:     e.downs.probes(),
		Failing:     cmp.Or(e.pulls.failing, e.confirms.failing),

		OldestFailing: e.book.Oldest(),
	}
	if e.stopping {
		s.State = Stopping
	}
	return s
}
