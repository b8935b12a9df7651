package worker

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/events"
)

// MaxBatch is the most events that one PullEvents returns, which can't be lowered, and the most handles that one
// ConfirmEvents takes.
const MaxBatch = 16

// A Source is one application's event queue. Each call makes one attempt: the Source classifies what went wrong,
// the worker alone tries again. A Source must be safe for concurrent use.
//
// An error wraps [ErrThrottled], [ErrFatal] or [ErrRefused] if it is one of those. Any other error is transient:
// a time-out, a reset connection, an answer that makes no sense. After a transient error of Confirm its outcome
// counts as unknown.
type Source interface {
	// Pull returns up to MaxBatch events, which nobody else is handed for the length of the window. It waits for
	// events as long as the API does (5 s) and then returns an empty Batch and no error. The worker ends ctx only
	// when it cannot wait any longer: events in an answer that is thrown away stay hidden for a window.
	Pull(ctx context.Context) (Batch, error)

	// Confirm removes events for good. It is given 1 to MaxBatch handles of this Source's batches. ErrRefused says
	// that at least one of them was not accepted, and nothing about the others.
	Confirm(ctx context.Context, handles []string) error
}

// HeadStart is the most by which a window may have begun before the headers of its answer arrived.
const HeadStart = time.Second

// A Batch is the answer to one Pull.
type Batch struct {
	Events []events.Event

	// Leased is when the window of these events began at the earliest, on the monotonic clock: the later of when
	// the request was sent, and HeadStart before the headers of its answer arrived. Zero means when Pull was called.
	Leased time.Time

	// Failed is what a [Keeper] knows of failures of some of Events, by Handle.
	Failed map[string]Failures
}

var (
	// ErrThrottled says that the call was one too many for the account's quota.
	ErrThrottled = errors.New("over the request quota")

	// ErrFatal says that the call cannot succeed until somebody changes a key, a permission or a setting. Confirm fails
	// with it for a permission only.
	ErrFatal = errors.New("not allowed as configured")

	// ErrRefused says that ConfirmEvents did not accept one of its handles: it is expired, unknown, or was
	// confirmed before. The API does not say which. So is each answer that is about the call, and not about quota,
	// key, permission or the API's own trouble: how VOD refuses a handle is not documented.
	ErrRefused = errors.New("a handle was refused")
)
