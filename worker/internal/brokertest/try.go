package brokertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// errOver is why the time of a try ends.
var errOver = errors.New("the lease is over")

// patience is what Handle may take after that: its second, and what a machine that is busy takes.
const patience = 5 * time.Second

// try hands e over once, and waits no longer than Handle may take. A breach is what Handle may never answer.
func try(ctx context.Context, to sink.Sink, e events.Event) (err, breach error) {
	done := make(chan error, 1)
	go func() { done <- to.Handle(ctx, e) }()
	select {
	case err = <-done:
		return err, wrong(ctx, err)
	case <-ctx.Done():
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case err = <-done:
		return err, wrong(ctx, err)
	case <-late.C:
		return nil, fmt.Errorf("Handle has not returned %v after the end of its context", patience)
	}
}

// wrong returns what no sink of a broker may answer, whatever the broker does.
func wrong(ctx context.Context, err error) error {
	switch {
	case err == nil || worker.IsPermanent(err) || worker.IsUnreachable(err):
		return nil
	case ctx.Err() == nil:
		return fmt.Errorf("the context lives, and this says neither that the event is to blame nor that the place is: %w", err)
	}
	return ended(err, context.Cause(ctx))
}

// ended returns what is wrong with the error of a Handle whose context has ended because of cause.
func ended(err, cause error) error {
	switch {
	case worker.IsPermanent(err) || worker.IsUnreachable(err):
		return fmt.Errorf("the context has ended, but this says whose fault it is: %w", err)
	case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) || !errors.Is(err, cause):
		return fmt.Errorf("the context has ended, but this does not say so, and why: %w", err)
	}
	return nil
}

// An outcome is what has come of an event that was handed over once.
type outcome struct {
	event events.Event
	err   error
}

// once hands events over, all at the same time and each once, in contexts that are made by how many were before. It returns when all
// have an outcome.
func once(to sink.Sink, all []events.Event, contexts func(n int) (context.Context, context.CancelFunc)) ([]outcome, error) {
	outcomes, breaches := make([]outcome, len(all)), make([]error, len(all))
	done := make(chan struct{})
	for i, e := range all {
		go func() {
			defer func() { done <- struct{}{} }()
			ctx, cancel := contexts(i)
			defer cancel()
			outcomes[i].event = e
			outcomes[i].err, breaches[i] = try(ctx, to, e)
		}()
	}
	for range all {
		<-done
	}
	return outcomes, errors.Join(breaches...)
}

// ids returns which of these were accepted, which were handed over, and how many were not accepted.
func ids(outcomes []outcome) (accepted map[string]bool, handed map[string][]byte, failed int) {
	accepted, handed = map[string]bool{}, map[string][]byte{}
	for _, o := range outcomes {
		handed[o.event.ID()] = o.event.Body()
		if o.err == nil {
			accepted[o.event.ID()] = true
		} else {
			failed++
		}
	}
	return accepted, handed, failed
}
