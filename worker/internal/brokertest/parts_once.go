package brokertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	atOnce    = 100         // events that are handed over at the same time
	enough    = time.Minute // for a try at a broker that is well, or is so soon
	rounds    = 5           // of each of these parts
	someTime  = 5 * time.Second
	closeTime = 10 * time.Second // what Close may take
)

// inTime has all contexts live for long enough.
func inTime(ctx context.Context) func(int) (context.Context, context.CancelFunc) {
	return func(int) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, enough, errOver)
	}
}

func tooLarge(ctx context.Context, r *run) error {
	return r.opened(r.Open, func(to sink.Sink) error {
		return r.oneAtFault(ctx, to, func() events.Event { return r.event(r.TooLarge) })
	})
}

func unnameable(ctx context.Context, r *run) error {
	if r.OpenNamed == nil {
		return fmt.Errorf("%w: its names are not made of fields that could be wrong", errCannot)
	}
	return r.opened(r.OpenNamed, func(to sink.Sink) error {
		return r.oneAtFault(ctx, to, func() events.Event { return event("New.*>Type", "1.*>", "") })
	})
}

// oneAtFault hands events over of which one is at fault, and sees that the others are accepted nevertheless.
func (r *run) oneAtFault(ctx context.Context, to sink.Sink, fault func() events.Event) error {
	accepted, handed, failed := map[string]bool{}, map[string][]byte{}, 0
	for round := range rounds {
		all := r.events(atOnce)
		at := rand.IntN(atOnce)
		all[at] = fault()
		outcomes, err := once(to, all, inTime(ctx))
		if err != nil {
			return err
		}
		for n, o := range outcomes {
			switch {
			case n == at && !worker.IsPermanent(o.err):
				return fmt.Errorf("round %d: this event will never be accepted, and its error is not permanent: %w", round, noError(o.err))
			case n != at && o.err != nil:
				return fmt.Errorf("round %d: nothing is wrong with this event, only with its neighbour: %w", round, o.err)
			}
		}
		ok, these, not := ids(outcomes)
		maps.Copy(accepted, ok)
		maps.Copy(handed, these)
		failed += not
	}
	return r.lie(accepted, handed, failed)
}

func noError(err error) error {
	if err == nil {
		return errors.New("it was accepted")
	}
	return err
}

func endsInFlight(ctx context.Context, r *run) error {
	return r.opened(r.Open, func(to sink.Sink) error {
		accepted, handed, failed := map[string]bool{}, map[string][]byte{}, 0
		for round := range rounds {
			isFrozen := round == rounds-1
			outcomes, err := r.someEnd(ctx, to, isFrozen)
			if err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			ok, these, not := ids(outcomes)
			maps.Copy(accepted, ok)
			maps.Copy(handed, these)
			failed += not
		}
		return r.lie(accepted, handed, failed)
	})
}

// someEnd hands events over, and ends the contexts of half of them at some moment; if the server is frozen, that of all of these
// before it answers.
func (r *run) someEnd(ctx context.Context, to sink.Sink, isFrozen bool) ([]outcome, error) {
	within := 10 * time.Millisecond // about what a try takes
	if isFrozen {
		within = time.Second
		r.Server.Freeze()
	}
	var ending sync.WaitGroup
	ending.Add(atOnce / 2)
	contexts := func(n int) (context.Context, context.CancelFunc) {
		if n%2 == 0 {
			return context.WithTimeoutCause(ctx, enough, errOver)
		}
		ctx, cancel := context.WithCancelCause(ctx)
		timer := time.AfterFunc(rand.N(within), func() { cancel(errOver) })
		return ctx, func() { timer.Stop(); cancel(nil); ending.Done() }
	}
	type result struct {
		outcomes []outcome
		err      error
	}
	done := make(chan result, 1)
	all := r.events(atOnce)
	go func() {
		outcomes, err := once(to, all, contexts)
		done <- result{outcomes, err}
	}()
	if isFrozen {
		ending.Wait()
		r.Server.Thaw()
	}
	got := <-done
	for n, o := range got.outcomes {
		switch {
		case o.err == nil:
		case n%2 == 0:
			return nil, fmt.Errorf("the contexts of others have ended, not that of this event: %w", o.err)
		default:
			if err := ended(o.err, errOver); err != nil {
				return nil, err
			}
		}
	}
	return got.outcomes, got.err
}

// givesNoAnswer has the server stand still for longer than the events have.
func givesNoAnswer(ctx context.Context, r *run) error {
	return r.opened(r.Open, func(to sink.Sink) error {
		before, err := once(to, r.events(1), inTime(ctx))
		if err != nil {
			return err
		}
		r.Server.Freeze()
		outcomes, err := once(to, r.events(atOnce), func(int) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, someTime, errOver)
		})
		r.Server.Thaw()
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if !worker.IsUnreachable(o.err) {
				return fmt.Errorf("the server gave no answer, and this does not say that it is to blame: %w", noError(o.err))
			}
		}
		accepted, handed, failed := ids(append(before, outcomes...))
		return r.lie(accepted, handed, failed)
	})
}

func closes(ctx context.Context, r *run) error {
	before := goroutines()
	err := r.opened(r.Open, func(to sink.Sink) error {
		_, err := once(to, r.events(atOnce), inTime(ctx))
		return err
	})
	if err != nil {
		return err
	}
	if err := before.left(); err != nil {
		return fmt.Errorf("closed: %w", err)
	}
	to := r.Open()
	if _, err := once(to, r.events(atOnce), inTime(ctx)); err != nil {
		return err
	}
	r.Server.Freeze()
	_, err = once(to, r.events(atOnce), func(int) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, time.Second, errOver)
	})
	closed := make(chan error, 1)
	go func() { closed <- to.Close() }()
	select {
	case closing := <-closed:
		err = errors.Join(err, closing)
	case <-time.After(closeTime):
		err = errors.Join(err, fmt.Errorf("nobody answers, and Close has not returned in %v", closeTime))
	}
	r.Server.Thaw()
	return errors.Join(err, before.left())
}
