package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/internal/sourcetest"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func open(e *vodtest.Emulator, subAppID uint64) (worker.Source, func()) {
	return emulated.Queue{Emulator: e, SubAppID: subAppID}, func() {}
}

func TestTheEmulatedQueueKeepsTheContract(t *testing.T) { sourcetest.Run(t, open) }

// A broken Source is a good one, but for one thing.
type broken struct {
	worker.Source
	pull    func(ctx context.Context, next worker.Source) (worker.Batch, error)
	confirm func(ctx context.Context, next worker.Source, handles []string) error
	one     chan struct{} // not nil: holds the call that is out
}

func (b broken) Pull(ctx context.Context) (worker.Batch, error) {
	if b.one != nil {
		b.one <- struct{}{}
		defer func() { <-b.one }()
	}
	if b.pull != nil {
		return b.pull(ctx, b.Source)
	}
	return b.Source.Pull(ctx)
}

func (b broken) Confirm(ctx context.Context, handles []string) error {
	if b.confirm != nil {
		return b.confirm(ctx, b.Source, handles)
	}
	return b.Source.Confirm(ctx, handles)
}

// pulled changes what is pulled.
func pulled(change func(*worker.Batch)) broken {
	return broken{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		change(&batch)
		return batch, err
	}}
}

// confirmed changes what a confirm fails with.
func confirmed(change func(error) error) broken {
	return broken{confirm: func(ctx context.Context, next worker.Source, handles []string) error {
		if err := next.Confirm(ctx, handles); err != nil {
			return change(err)
		}
		return nil
	}}
}

var mutants = map[string][]broken{
	"events come byte for byte, with their application": {
		pulled(func(b *worker.Batch) { b.Events[0].SubAppID = 0 }),
		pulled(func(b *worker.Batch) { b.Events[1].Raw = append([]byte(" "), b.Events[1].Raw...) }),
		pulled(func(b *worker.Batch) { b.Events[2].Handle = b.Events[1].Handle }),
	},
	"an answer has at most MaxBatch events": {{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		more, _ := next.Pull(ctx)
		batch.Events = append(batch.Events, more.Events...)
		return batch, err
	}}},
	"an empty queue is no error, in whatever form": {
		{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
			batch, err := next.Pull(ctx)
			if err == nil && len(batch.Events) == 0 {
				err = errors.New("no event")
			}
			return batch, err
		}},
		{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			batch, err := next.Pull(short)
			if short.Err() != nil {
				return worker.Batch{}, nil
			}
			return batch, err
		}},
	},
	"a lease begins no later than it does for VOD": {
		pulled(func(b *worker.Batch) { b.Leased = time.Now() }),
		pulled(func(b *worker.Batch) { b.Leased = b.Leased.Add(-2 * time.Second) }),
	},
	"what is confirmed does not come again": {
		{confirm: func(context.Context, worker.Source, []string) error { return nil }},
		{confirm: func(ctx context.Context, next worker.Source, handles []string) error {
			return next.Confirm(ctx, handles[:8])
		}},
	},
	"a handle that is not accepted is refused": {
		{confirm: func(ctx context.Context, next worker.Source, handles []string) error {
			if err := next.Confirm(ctx, handles); !errors.Is(err, worker.ErrRefused) {
				return err
			}
			return nil
		}},
		{confirm: func(ctx context.Context, next worker.Source, handles []string) error {
			if err := next.Confirm(ctx, handles); len(handles) > 1 || !errors.Is(err, worker.ErrRefused) {
				return err
			}
			return nil // for one whose window is over
		}},
	},
	"an error is of the kind that it is": {
		{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
			batch, err := next.Pull(ctx)
			if errors.Is(err, worker.ErrThrottled) {
				err = errors.New(err.Error())
			}
			return batch, err
		}},
		confirmed(func(err error) error { // a key that is refused ends the program
			if strings.Contains(err.Error(), "AuthFailure.") {
				return fmt.Errorf("%w: %w", worker.ErrFatal, err)
			}
			return err
		}),
		confirmed(func(err error) error { // only what is documented is refused
			if errors.Is(err, worker.ErrRefused) && !strings.Contains(err.Error(), "InvalidParameterValue:") {
				return errors.New(err.Error())
			}
			return err
		}),
		confirmed(func(err error) error { // all but what is documented is refused
			if strings.Contains(err.Error(), "InternalError") {
				return fmt.Errorf("%w: %w", worker.ErrRefused, err)
			}
			return err
		}),
	},
	"a call is one attempt": {{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
		batch, err := next.Pull(ctx)
		if err != nil {
			batch, err = next.Pull(ctx)
		}
		return batch, err
	}}},
	"any number of calls may be out": {{one: make(chan struct{})}},
	"a call ends with its context": {
		{confirm: func(ctx context.Context, next worker.Source, handles []string) error {
			own, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			return next.Confirm(own, handles)
		}},
		{pull: func(ctx context.Context, next worker.Source) (worker.Batch, error) {
			batch, _ := next.Pull(ctx)
			return batch, nil
		}},
	},
}

// A suite that nothing fails proves nothing: each rule catches a Source that breaks it, and only it is asked.
func TestEachRuleCatchesASourceThatBreaksIt(t *testing.T) {
	for _, rule := range sourcetest.Rules() {
		if len(mutants[rule.Name]) == 0 {
			t.Errorf("nothing breaks the rule that %s", rule.Name)
		}
		for _, mutant := range mutants[rule.Name] {
			t.Run(rule.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					err := rule.Check(t.Context(), func(e *vodtest.Emulator, subAppID uint64) (worker.Source, func()) {
						mutant.Source, _ = open(e, subAppID)
						if mutant.one != nil {
							mutant.one = make(chan struct{}, 1) // of this bubble
						}
						return mutant, func() {}
					})
					if err == nil {
						t.Error("it is not caught")
					}
				})
			})
		}
	}
}
