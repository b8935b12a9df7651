package sink

import (
	"context"
	"errors"
	"fmt"

	"github.com/vodworker/vodworker/events"
)

// A Sink is a place to which events go. It is safe for concurrent use.
type Sink interface {
	// Handle hands e over, in one attempt: the worker alone tries again. Nil means that the event has arrived, as
	// durably as the sink says; it can arrive more than once, under one [events.Event.ID]. An error that wraps ctx.Err(), with
	// the cause of ctx, says that ctx ended first: whether the event has arrived is not known. [worker.Permanent] says that
	// it never will, [worker.RetryAfter] what pause was asked for; after any other error it may, at another try. No
	// error shows a secret. Handle outlives ctx by a second at most, but for a disk that hangs.
	Handle(ctx context.Context, e events.Event) error

	// Reach sees whether events could be handed over, without handing one, making or changing anything, and says in words what it
	// has found. Its error wraps [ErrUnreached] if whoever should answer does not; else the settings are to blame.
	Reach(ctx context.Context) (found string, err error)

	// String names the place for people, without what may be a secret.
	fmt.Stringer

	// Close ends what the sink holds. It is called once, after the last Handle has returned.
	Close() error
}

// ErrUnreached is a place that does not answer.
var ErrUnreached = errors.New("not reached")
