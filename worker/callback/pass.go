package callback

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// placeTime is the longest that an event waits for its place: as long as its handlers then get.
	placeTime = worker.HandlingTime

	// stuckAfter is how long handlers are waited for after their time.
	stuckAfter = 5 * time.Second
)

var errNoPlace = errors.New("all places were taken for too long")

// begin starts a pass.
func (s *state) begin(run *run) {
	run.passes++
	run.passing = true
	s.working++
	go s.receiver.pass(run, run.passes, run.event, run.due(s.receiver.opts.DeadLetters != nil))
}

// pass is the n-th of a run: it runs handlers. Whoever asked for it may be gone by the time that they return.
func (r *Receiver) pass(run *run, n int, e events.Event, names []string) {
	outcomes := r.handle(run, n, e, names)
	for _, o := range outcomes {
		if o.Kind != worker.OK && o.Kind != worker.Interrupted {
			log := r.logs.handlers[o.Handler]
			say.About(log.Warn().EmbedObject(o), e).Msg("handler failed")
		}
	}
	s := r.lock()
	defer s.unlock()
	s.onPassed(run, outcomes)
}

// handle waits for a place and runs handlers.
func (r *Receiver) handle(run *run, n int, e events.Event, names []string) []worker.Outcome {
	if len(names) == 0 {
		return nil
	}
	came := time.Now()
	waiting, cancel := context.WithTimeoutCause(r.work, placeTime, errNoPlace)
	defer cancel()
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-waiting.Done():
		return notRun(waiting, names)
	}
	began := time.Now()
	stuck := time.AfterFunc(worker.HandlingTime+stuckAfter, func() { r.onStuck(run, n, e) })
	defer stuck.Stop()
	outcomes := r.router.Once(r.work, e, names)
	if hook := r.opts.Hooks.Handled; hook != nil {
		for i, outcome := range outcomes {
			hook(worker.HandleInfo{Event: e, Outcome: outcome, Nth: i, Waited: began.Sub(came)})
		}
	}
	return outcomes
}

// notRun is the outcome of handlers that got no place until waiting ended.
func notRun(waiting context.Context, names []string) []worker.Outcome {
	kind := worker.Interrupted
	if errors.Is(waiting.Err(), context.DeadlineExceeded) {
		kind = worker.Expired
	}
	outcomes := make([]worker.Outcome, len(names))
	for i, name := range names {
		outcomes[i] = worker.Outcome{Handler: name, Kind: kind, Err: context.Cause(waiting)}
	}
	return outcomes
}

// onStuck takes a handler that does not return from the n-th pass. It keeps its place; the event is given up if VOD does not
// ask again.
func (r *Receiver) onStuck(run *run, n int, e events.Event) {
	s := r.lock()
	defer s.unlock()
	if run.over || !run.passing || run.passes != n {
		return
	}
	run.stuck = true
	s.status.Stuck++
	s.tell(func() {
		say.About(r.opts.Log.Error(), e).
			Msg("a handler has not returned though its time is over: it keeps its place until it does")
	})
	s.rest(run)
}

// onPassed takes what came of a pass.
func (s *state) onPassed(run *run, outcomes []worker.Outcome) {
	s.working--
	s.wakeShutdown()
	run.passing = false
	if run.stuck {
		run.stuck = false
		s.status.Stuck--
	}
	interrupted := false
	for _, o := range outcomes {
		switch o.Kind {
		case worker.OK:
			run.succeeded = append(run.succeeded, o.Handler)
			continue
		case worker.Interrupted:
			interrupted = true
		case worker.Rejected:
			run.rejected = append(run.rejected, o.Handler)
		}
		run.failed = o
	}
	// If it is being given up meanwhile, only a success counts.
	if !run.over && (!run.burying || len(run.missing()) == 0) {
		s.advance(run, interrupted, nil)
	}
}

// advance decides what is next, when handlers have returned or a letter could not be written.
func (s *state) advance(run *run, interrupted bool, unwritten error) {
	last := run.passes >= vodTries || s.stopping && run.requests >= vodTries
	rejected := len(run.due(true)) == 0
	switch {
	case len(run.missing()) == 0 && len(run.wanted) > 0:
		s.finish(run, &s.status.Handled)
	case rejected && unwritten == nil && s.receiver.opts.DeadLetters != nil:
		reason := worker.ReasonPermanent
		if len(run.wanted) == 0 {
			reason = worker.ReasonUnmatched
		}
		s.bury(run, reason)
	case last:
		s.giveUp(run, worker.ReasonLastTry)
	case run.passes < min(run.requests, vodTries) && !s.stopping:
		s.begin(run)
	default:
		if !interrupted {
			s.status.Failed++
		}
		s.rest(run)
	}
}
