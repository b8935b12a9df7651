package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/pause"
)

// Run runs the named handlers on e, side by side, each with its own tries, and returns when all have returned: what
// became of each, in the order of names. Pass what Match returned, or a part of it. The end of ctx ends every try;
// its deadline counts as the end of the handling time, its cancellation as a stop.
func (r *Router) Run(ctx context.Context, e events.Event, names []string) []Outcome {
	outcomes := make([]Outcome, len(names))
	var running sync.WaitGroup
	running.Go(func() { r.runHere(ctx, e, names, outcomes) })
	running.Wait()
	return outcomes
}

// runHere is Run in this goroutine, which ends if the first handler ends it: outcomes are filled in by then too.
func (r *Router) runHere(ctx context.Context, e events.Event, names []string, outcomes []Outcome) {
	var running sync.WaitGroup
	defer running.Wait()
	for i, name := range names {
		if i > 0 {
			running.Go(func() { r.run(ctx, e, name, &outcomes[i]) })
		}
	}
	if len(names) > 0 {
		r.run(ctx, e, names[0], &outcomes[0])
	}
}

// Once is Run for an event that no lease holds: its handlers get the handling time that an event has which was pulled
// just now, [HandlingTime].
func (r *Router) Once(ctx context.Context, e events.Event, names []string) []Outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, HandlingTime, errHandlingTime)
	defer cancel()
	return r.Run(ctx, e, names)
}

// An Outcome is what became of one handler in one delivery.
type Outcome struct {
	Handler string
	Kind    Kind
	Err     error // of the last try that says most of whose fault it is; nil if Kind is OK
	Tries   int
	Took    time.Duration // all tries and the pauses between them
}

// MarshalZerologObject puts it into a line of a log, with the stack of a handler that panicked.
func (o Outcome) MarshalZerologObject(line *zerolog.Event) {
	line.Str("handler", o.Handler).Stringer("outcome", o.Kind).Int("tries", o.Tries).Err(o.Err)
	if panicked, ok := errors.AsType[*PanicError](o.Err); ok {
		line.Bytes("stack", panicked.Stack)
	}
}

// A Kind classifies an Outcome.
type Kind int

// The kinds of outcome.
const (
	Failed      Kind = iota // every try failed: it may be the event's fault, or that of what the handler hands it to
	OK                      // it returned nil
	Rejected                // it returned a Permanent error
	Interrupted             // the worker stopped before it succeeded, or [ErrTaken]
	Expired                 // the handling time ended before it succeeded
	Unreached               // every try failed with an Unreachable error
)

var kindTexts = [...]string{"failed", "ok", "rejected", "interrupted", "expired", "unreached"}

func (k Kind) String() string { return kindTexts[k] }

// Kinds returns all of them.
func Kinds() (all []Kind) {
	for k := range kindTexts {
		all = append(all, Kind(k))
	}
	return all
}

// run fills in out as it goes, so that it holds even if the handler ends its goroutine.
func (r *Router) run(ctx context.Context, e events.Event, name string, out *Outcome) {
	h := r.handlers[name]
	began := time.Now()
	*out = Outcome{Handler: name, Err: errGone}
	defer func() { out.Took = time.Since(began) }()

	deadline, ends := ctx.Deadline()
	least := min(leastTry, deadline.Sub(began)/10)
	pauses := pause.Jitter(h.Retry.Initial, h.Retry.Max)
	failed := Unreached // until a try fails in another way
	for {
		out.Tries++
		err := h.try(ctx, e)
		if err == nil {
			out.Kind, out.Err = OK, nil
			return
		}
		if !IsUnreachable(err) {
			failed, out.Err = Failed, err
		} else if failed == Unreached {
			out.Err = err
		}
		switch {
		case IsPermanent(err):
			out.Kind = Rejected
			return
		case errors.Is(err, ErrTaken):
			out.Kind = Interrupted
			return
		case ctx.Err() != nil:
			out.Kind = ended(ctx, failed)
			return
		case out.Tries >= h.Retry.Tries:
			out.Kind = failed
			return
		}
		asked, _ := AskedPause(err)
		wait := pauses.NextBackOff()
		if failed == Unreached && out.Tries == 1 {
			wait /= 4 // where one connection in many is refused, the next one will do
		}
		wait = max(wait, asked)
		if ends && time.Until(deadline) <= wait+least {
			out.Kind = failed
			return
		}
		if !pause.For(ctx, wait) {
			out.Kind = ended(ctx, failed)
			return
		}
	}
}

// leastTry is what must be left for another try, but for a tenth where there is less time in all. One with less would find no
// answer, and that would count against the event, though all that is known is what the tries before it have found.
const leastTry = time.Second

// ended is what becomes of a handler whose tries have failed so when ctx ends.
func ended(ctx context.Context, failed Kind) Kind {
	switch {
	case !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Interrupted
	case failed == Unreached:
		return Unreached
	}
	return Expired
}

// try calls the handler once.
func (h Handler) try(ctx context.Context, e events.Event) (err error) {
	if h.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, h.Timeout, fmt.Errorf("its timeout of %v is over", h.Timeout))
		defer cancel()
	}
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	err = h.Handle(ctx, e)
	if cause := context.Cause(ctx); err != nil && cause != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause) // which of the deadlines it was
	}
	return err
}

// errWriterGone is what becomes of a letter whose writer did that.
var errWriterGone = errors.New("who writes dead letters ended its goroutine")

// errGone is the outcome of a handler that called runtime.Goexit, as testing.T's FailNow does.
var errGone = errors.New("the handler ended its goroutine")

// A PanicError is the error of a handler that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
