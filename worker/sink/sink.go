package sink

import (
	"context"
	"errors"
	"fmt"

	"github.com/vodworker/vodworker/events"
)

// A Sink is a place to which events go. It is safe for concurrent use.
//
// What stands here is what the worker relies on. The suite in worker/internal/sinktest holds every sink to it.
type Sink interface {
	// Handle hands e over, in one attempt: the worker alone tries again.
	//
	// Nil means that the event has arrived, as durably as the sink promises. It can arrive more than once, each time under
	// the same [events.Event.ID].
	//
	// An error means that it has not arrived, or not for sure. Its kind says what to do:
	//
	//   - [worker.Permanent]: the place has looked at this event, and will never take it
	//   - [worker.Unreachable]: the place would have taken no other event either: it was not reached, is full, or is gone
	//   - any other may be the fault of either: another try may succeed
	//
	// The first two say what is sure; in doubt it is the last. An error may also be
	//
	//   - [worker.RetryAfter], but for a permanent one: the place has asked for a pause
	//   - one that wraps ctx.Err() and [context.Cause]: ctx has ended first
	//
	// No error shows a secret. If ctx has ended before the call nothing is handed over. If it ends during the call Handle
	// returns within a second, but for a disk or a pipe that hangs in the middle of a write.
	Handle(ctx context.Context, e events.Event) error

	// Reach sees whether events could be handed over, and says in words what it has found. It hands none over, and leaves
	// nothing behind. Its error wraps [ErrUnreached] if nobody answers where somebody should; else the settings are wrong.
	Reach(ctx context.Context) (found string, err error)

	// String names the place for people, in one line and without what may be a secret.
	fmt.Stringer

	// Close ends what the sink holds: connections, files, goroutines. What was handed over stays. It is called once, after
	// the last Handle has returned.
	Close() error
}

// ErrUnreached says that nobody answers at a place.
var ErrUnreached = errors.New("not reached")
