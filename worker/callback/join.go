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
	maxHeld = 1024 // requests that wait for an answer
	maxKeys = 4    // computed at a time

	// largeKey is the size of an event from which on one Key is computed at a time.
	largeKey = 1 << 20

	// lateAnswer is how late a 200 may have come too late.
	lateAnswer = 4 * time.Second
)

// An answer is what requests for an event wait for: it is closed once they are to get a 200. Nil never is.
type answer chan struct{}

// wait waits for it, and reports whether it is there, and somebody to be told.
func (a answer) wait(hold, alive context.Context) bool {
	select {
	case <-a:
	case <-hold.Done():
	case <-alive.Done():
	}
	return a.given() && !errors.Is(hold.Err(), context.Canceled)
}

func (a answer) given() bool {
	select {
	case <-a:
		return true
	default:
		return false
	}
}

// enter counts a request in, unless too many are held.
func (r *Receiver) enter() bool {
	s := r.lock()
	defer s.unlock()
	if s.held >= maxHeld {
		s.status.Overloaded++
		return false
	}
	s.status.Received++
	s.held++
	return true
}

// join finds or begins the run that a request belongs to, and returns the answer that the request waits for. Without room or
// time for it there is no run and never an answer: the request is held, which makes VOD try again. An event that no handler
// wants has its answer, and no run.
func (r *Receiver) join(ctx context.Context, e events.Event) (*run, answer) {
	wanted := r.router.Match(e)
	if len(wanted) == 0 && r.opts.Unmatched == worker.UnmatchedConfirm {
		return nil, r.onUnmatched(e)
	}
	key, ok := r.key(ctx, e)
	if !ok {
		return nil, nil
	}
	s := r.lock()
	defer s.unlock()
	run := s.runs.find(key, e.Repeats())
	switch {
	case run != nil:
		s.status.Joined++
		s.runs.forget(run)
	case s.stopping:
		return nil, nil
	case !s.runs.fits(e):
		s.noRoom(e)
		return nil, nil
	default:
		run = s.runs.add(key, e, wanted)
	}
	run.requests++
	run.open++
	if !run.over && !run.passing && !run.burying && !s.stopping {
		s.begin(run)
	}
	return run, run.answer
}

// key computes an event's Key, a few at a time.
func (r *Receiver) key(ctx context.Context, e events.Event) (string, bool) {
	places := r.keys
	if len(e.Raw) > largeKey {
		places = r.largeKeys
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
		return e.Key(), true
	case <-ctx.Done():
		return "", false
	}
}

// onUnmatched counts an event that no handler wants, and logs each type once. It is answered at once.
func (r *Receiver) onUnmatched(e events.Event) answer {
	s := r.lock()
	defer s.unlock()
	s.status.Unmatched++
	if s.warned.First(e.Type) {
		s.tell(func() {
			r.opts.Log.Warn().Str("type", string(e.Type)).Stringer("unmatched", r.opts.Unmatched).
				Msg(r.router.WhyUnmatched(e))
		})
	}
	given := make(answer)
	close(given)
	return given
}

// noRoom says that there is no room.
func (s *state) noRoom(e events.Event) {
	s.status.Overloaded++
	log, count, bytes := s.receiver.logs.overloaded, s.runs.count, s.runs.bytes
	s.tell(func() {
		say.Of(log.Warn(), e).Int("events", count).Int("bytes", bytes).
			Msg("no room for an event; it is not answered, so that it comes again")
	})
}

// leave takes a request off its run, if it has one.
func (r *Receiver) leave(run *run, answered bool, took time.Duration) {
	s := r.lock()
	defer s.unlock()
	if answered {
		s.status.Answered++
	} else {
		s.status.Unanswered++
	}
	s.held--
	s.wakeShutdown()
	if run == nil {
		return
	}
	run.open--
	// A new event may say the same as one that repeats: better run that twice than not at all.
	run.told = run.told || answered && (run.repeats || took < lateAnswer)
	s.rest(run)
}
