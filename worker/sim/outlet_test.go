package sim_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// An outlet is the Keeper of one handler.
type outlet struct {
	*hub
	handler string
}

func (o outlet) Pull(ctx context.Context) (worker.Batch, error) {
	c := &claim{handler: o.handler, got: make(chan []job, 1)}
	o.mu.Lock()
	c.most = min(worker.MaxBatch, o.life.concurrency)
	for _, held := range o.held {
		if held.handler == o.handler {
			c.most--
		}
	}
	if c.most = min(c.most, worker.MaxBatch); c.most > 0 && !slices.ContainsFunc(o.claims, func(other *claim) bool {
		return other.handler == o.handler
	}) {
		o.claims = append(o.claims, c)
	}
	o.mu.Unlock()
	o.wake()
	timer := time.NewTimer(5 * time.Second)
	defer timer.Stop()
	var jobs []job
	select {
	case jobs = <-c.got:
	case <-timer.C:
	case <-ctx.Done():
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if at := slices.Index(o.claims, c); at >= 0 {
		o.claims = slices.Delete(o.claims, at, at+1)
	} else if len(jobs) == 0 && len(c.got) > 0 {
		jobs = <-c.got
	}
	b := worker.Batch{Failed: map[string]worker.Failures{}}
	for _, j := range jobs {
		event := j.event
		event.Handle = handleOf(j)
		b.Events = append(b.Events, event)
		if j.failed.Count > 0 {
			b.Failed[event.Handle] = j.failed
		}
	}
	return b, nil
}

func (o outlet) Confirm(_ context.Context, handles []string) error {
	for _, handle := range handles {
		o.finish(handle, end{to: finished})
	}
	return nil
}

func (o outlet) Return(r worker.Returned) {
	if r.Done {
		o.finish(r.Handle, end{to: finished})
		return
	}
	o.finish(r.Handle, end{after: r.Pause, failed: r.Failed})
}

// finish has the end of a run written in the next turn.
func (o outlet) finish(handle string, e end) {
	o.mu.Lock()
	defer o.mu.Unlock()
	held := o.held[handle]
	if held == nil {
		o.life.record(entry{what: wrong, event: -1, err: errors.New(handle + " is ended twice")})
		return
	}
	delete(o.held, handle)
	e.number, e.run = held.number, held.run
	if held.lettered != "" && e.to == finished {
		e.to, e.reason = dead, held.lettered
	}
	o.ends = append(o.ends, e)
	o.wake()
}

// write notes a letter: it lies where the job does, and is stored with its end.
func (o outlet) write(_ context.Context, letter worker.DeadLetter) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if held := o.held[letter.Event.Handle]; held != nil {
		held.lettered = letter.Reason
	}
	return nil
}

// handing is a handler that gets the event as it came, and whose context ends when it is taken away.
func (o outlet) handing(next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		o.mu.Lock()
		held := o.held[e.Handle]
		silent := time.Since(o.last) >= silence
		o.mu.Unlock()
		if silent || held == nil || held.runs.Err() != nil {
			if held != nil {
				o.life.record(entry{what: taken, raw: &held.event.Raw[0], handler: o.life.world.plan.handlerNumber(o.handler)})
			}
			return worker.ErrTaken // somebody else may have run it meanwhile
		}
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(held.runs, func() { cancel(context.Cause(held.runs)) })()
		err := next(ctx, held.event)
		if err != nil && errors.Is(context.Cause(held.runs), worker.ErrTaken) {
			return worker.ErrTaken
		}
		return err
	}
}
