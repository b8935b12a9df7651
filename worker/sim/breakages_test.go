package sim_test

import (
	"context"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A source is a Source of functions; those that are nil are the next one's.
type source struct {
	worker.Source
	pull    func(context.Context) (worker.Batch, error)
	confirm func(context.Context, []string) error
}

func (s source) Pull(ctx context.Context) (worker.Batch, error) {
	if s.pull == nil {
		return s.Source.Pull(ctx)
	}
	return s.pull(ctx)
}

func (s source) Confirm(ctx context.Context, handles []string) error {
	if s.confirm == nil {
		return s.Source.Confirm(ctx, handles)
	}
	return s.confirm(ctx, handles)
}

func confirmsAtOnce(_ *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		if len(batch.Events) > 0 && batch.Events[0].Handle != "" {
			_ = next.Confirm(ctx, []string{batch.Events[0].Handle})
		}
		return batch, err
	}}
}

func neverConfirms(_ *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(context.Context, []string) error { return nil }}
}

func losesOne(_ *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		for i := range batch.Events {
			if numberOf(batch.Events[i]) == 0 {
				batch.Events[i].Handle = ""
			}
		}
		return batch, err
	}}
}

func confirmsLate(l *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(ctx context.Context, handles []string) error {
		time.AfterFunc(l.world.plan.window+time.Second, func() {
			ctx, cancel := context.WithTimeout(l.death, time.Second)
			defer cancel()
			_ = next.Confirm(ctx, handles)
		})
		return next.Confirm(ctx, handles)
	}}
}

func makesUpHandles(_ *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(ctx context.Context, handles []string) error {
		return next.Confirm(ctx, append(handles[:len(handles)-1:len(handles)-1], "made up"))
	}}
}

func repeatsHandles(_ *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(ctx context.Context, handles []string) error {
		return next.Confirm(ctx, append(handles[:len(handles):len(handles)], handles...))
	}}
}

func confirmsNothing(_ *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(ctx context.Context, handles []string) error {
		_ = next.Confirm(ctx, nil)
		return next.Confirm(ctx, handles)
	}}
}

func confirmsOften(_ *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(ctx context.Context, handles []string) error {
		for range 10 {
			_ = next.Confirm(ctx, handles)
		}
		return next.Confirm(ctx, handles)
	}}
}

func pullsBeside(_ *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		var beside sync.WaitGroup
		for range 5 {
			beside.Go(func() { _, _ = next.Pull(ctx) })
		}
		defer beside.Wait()
		return next.Pull(ctx)
	}}
}

// stopped returns a context that ends when the process is asked to stop, and what else ends ctx.
func stopped(ctx context.Context, l *life) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(l.asked, cancel)
	return ctx, func() { unhook(); cancel() }
}

func dropsPollAtStop(l *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		ctx, cancel := stopped(ctx, l)
		defer cancel()
		return next.Pull(ctx)
	}}
}

func pullsAtStop(l *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		if l.asked.Err() != nil {
			return next.Pull(ctx)
		}
		return batch, err
	}}
}

func confirmsForEver(l *life, next worker.Source) worker.Source {
	return source{Source: next, confirm: func(_ context.Context, handles []string) error {
		return next.Confirm(l.death, handles)
	}}
}

// disguises makes each delivery of an event another event to the worker.
func disguises(l *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		for i := range batch.Events {
			batch.Events[i].SubAppID = uint64(l.countCall("disguise"))
		}
		return batch, err
	}}
}

// mixesUp hands a delivery to the handlers of another type.
func mixesUp(_ *life, next worker.Source) worker.Source {
	return source{Source: next, pull: func(ctx context.Context) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		for i := range batch.Events {
			batch.Events[i].Type = events.FileDeleted
		}
		return batch, err
	}}
}

func swallowsErrors(_ *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		_ = next(ctx, e)
		return nil
	}
}

func passesOver(_ *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		if numberOf(e) == 0 {
			return nil
		}
		return next(ctx, e)
	}
}

func startsLate(l *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		if wait(ctx, l.world.plan.handling()*4/5, false) != nil {
			return nil
		}
		return next(ctx, e)
	}
}

func cancelsAtStop(l *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		ctx, cancel := stopped(ctx, l)
		defer cancel()
		return next(ctx, e)
	}
}

func givesUp(_ *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error { return worker.Permanent(next(ctx, e)) }
}

func losesLetters(*life, write) write {
	return func(context.Context, worker.DeadLetter) error { return nil }
}

func triesOn(_ *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		for next(ctx, e) != nil && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		return nil
	}
}

func runsTwice(_ *life, next handle) handle {
	return func(ctx context.Context, e events.Event) error {
		if err := next(ctx, e); err != nil {
			return err
		}
		return next(ctx, e)
	}
}
