package worker

import (
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker/internal/blame"
)

// A Keeper is a Source of events that nobody hides for a window: who has been handed one has it until Confirm, or Return. It
// keeps over restarts, and for all processes, what is known of an event's failures: see [Batch].Failed. A Worker with a Keeper
// has one handler. [github.com/vodworker/vodworker/worker/inbox] has Keepers.
type Keeper interface {
	Source

	// Return takes back an event that was handed out, and is not going to be confirmed. It is called once for each of those,
	// whose handler has returned by then, and must not block. A Confirm that was sent before may still be out with it, if it is
	// Done. It is not called for what is left when Run or Drain returns.
	Return(e Returned)
}

// Returned is an event that its Keeper gets back.
type Returned struct {
	Handle string
	Failed Failures // what is known of its failures now

	// Done says that the event must not be handed out again: the handler has succeeded, or its letter is written, and only the
	// confirm was not in time.
	Done bool

	// Pause is how long it should not be handed out again, because it has failed. 0: it was not its turn, and anybody may
	// have it.
	Pause time.Duration
}

// ErrTaken is wrapped by the error of a Keeper's handler whose event was taken away while it ran, as from a process that was
// silent for too long. It is nobody's failure: the event is returned as if the worker had stopped.
var ErrTaken = errors.New("the event was taken away meanwhile")

// Failures are what is known of how a handler failed an event. The zero value is none.
type Failures struct {
	Attempts    int // those that count against the event: see [DeadLetters]
	Count       int // in whatever way
	First, Last time.Time
	LastError   string
}

// pace is the window by which failures of an event are spaced, and judged: that of what a Keeper hands out is mostly longer.
func pace(from Source, window time.Duration) time.Duration {
	if _, is := from.(Keeper); is {
		return min(window, defaultWindow)
	}
	return window
}

// restore takes over what a Keeper knows of the failures of an event: nothing too, as when it is to begin anew.
func (e *engine) restore(d *delivery, known map[string]Failures, now time.Time) {
	if e.keeper == nil {
		return
	}
	failed := known[d.event.Handle]
	for _, name := range d.wanted { // the only one
		if failed.Count == 0 {
			if !e.book.Empty() && !d.event.Repeats() { // else it may be another's
				e.book.ForgetHandler(d.key(), name)
			}
			continue
		}
		e.book.Restore(d.key(), name, d.event.Repeats(), blame.Case{
			Count: failed.Attempts, Failures: failed.Count, First: failed.First, Last: failed.Last, Err: failed.LastError,
		}, now)
	}
}

// giveBack returns a delivery to its Keeper, which rests for so long at least.
func (e *engine) giveBack(d *delivery, rest time.Duration) {
	if e.keeper == nil {
		return
	}
	done := !d.ready.IsZero() || len(d.missing()) == 0 && len(d.wanted) > 0
	back := Returned{Handle: d.event.Handle, Done: done, Pause: rest}
	if done {
		e.keeper.Return(back)
		return
	}
	for _, name := range d.missing() {
		if c := e.book.Case(d.key(), name); c != nil {
			back.Failed = Failures{c.Count, c.Failures, c.First, c.Last, c.Err}
			back.Pause = max(rest, time.Until(c.Until))
		}
	}
	e.keeper.Return(back)
}

// restOf is how long an event that was left is not handed out again: where that would bring the same again, a while.
func (e *engine) restOf(why LeftReason) time.Duration {
	switch why {
	case LeftStuck, LeftFailed, LeftUnmatched:
		return pace(e.source, e.opts.Window)
	default:
		return 0
	}
}
