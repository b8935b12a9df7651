package worker

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
)

// A Handler is something that wants events. It is data: matching, running side by side and trying again are the
// engine's work.
type Handler struct {
	// Name identifies the handler in logs and counts. It must be unique and not empty.
	Name string

	// Types are the event types that it wants: names, or globs as in [path.Match], such as "*Complete". Empty
	// means all. Only "*" and empty match an event whose type cannot be read.
	Types []string

	// SubApps are the applications whose events it wants, by SubAppId; 0 is the default application. Empty means
	// all that the worker has.
	SubApps []uint64

	// Where are conditions on the content of those events, [events.Event.Raw], all of which must hold. They are asked once a
	// delivery; a replay asks none of a handler that an event was meant for. Empty means all.
	Where []condition.Condition

	// Behind, if not nil, are the handlers that this one hands its events on to, by whatever way: it wants exactly those that one
	// of them wants. Types, SubApps and Where leave out some of these.
	Behind *Router

	// Handle handles one event. Nil means that it is done; an event is confirmed once all of its handlers are.
	// An error means try again: soon while the event's handling time lasts, then when VOD hands it out again.
	// [Permanent], [Unreachable] and [RetryAfter] say more. A panic counts as an error.
	//
	// It is called at least once for each event, so it must be idempotent: [events.Event.Key] is the key to use.
	// It runs concurrently with itself and other handlers. ctx ends when the handling time is over, or when the
	// worker cannot wait any longer: return then. Its goroutine may have handled other events before, and may handle more.
	Handle func(ctx context.Context, e events.Event) error

	// Timeout limits one try. 0 means until the event's handling time ends.
	Timeout time.Duration

	// Retry says how often to try within one delivery. Its zero value is three tries.
	Retry Retry
}

// Retry is how a failing handler is tried again while an event's handling time lasts. The pauses have full
// jitter: each is random, between none and a bound that doubles from Initial to Max.
type Retry struct {
	Tries   int           // in all; 0: 3; 1: none after the first
	Initial time.Duration // 0: 200 ms
	Max     time.Duration // 0: 2 s
}

// WithDefaults returns r with what a zero in it stands for.
func (r Retry) WithDefaults() Retry {
	r.Tries = cmp.Or(r.Tries, 3)
	r.Initial = cmp.Or(r.Initial, 200*time.Millisecond)
	r.Max = cmp.Or(r.Max, max(2*time.Second, r.Initial))
	return r
}

// Permanent marks an error that trying again will not help, such as an event that a handler can never accept.
// The handler is not tried again in this delivery, and with [DeadLetters] the event is given up if the handler is well
// otherwise. It returns nil if err is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// Unreachable marks an error that is surely not the event's: what the handler hands events to was not reached, or asked to be
// left alone. It counts against no event, and where nothing else comes of a handler's calls for a minute the handler is
// down. It returns nil if err is nil.
func Unreachable(err error) error {
	if err == nil {
		return nil
	}
	return &unreachableError{err}
}

type unreachableError struct{ error }

func (e *unreachableError) Unwrap() error { return e.error }

// RetryAfter marks an error with the pause that whoever caused it asked for: the handler is not tried again before
// d has passed, and not in this delivery if its handling time is over by then. It returns nil if err is nil.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &retryAfterError{err, d}
}

type retryAfterError struct {
	error
	after time.Duration
}

func (e *retryAfterError) Unwrap() error { return e.error }

// IsPermanent reports whether err is, or wraps, what [Permanent] returned.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[*permanentError](err)
	return ok
}

// IsUnreachable reports whether err is, or wraps, what [Unreachable] returned; one that is [Permanent] too is not.
func IsUnreachable(err error) bool {
	_, ok := errors.AsType[*unreachableError](err)
	return ok && !IsPermanent(err)
}

// AskedPause returns the pause that [RetryAfter] put into err, or into one that it wraps; false if there is none.
func AskedPause(err error) (pause time.Duration, asked bool) {
	after, asked := errors.AsType[*retryAfterError](err)
	if !asked {
		return 0, false
	}
	return after.after, true
}
