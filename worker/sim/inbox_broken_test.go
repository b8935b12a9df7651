package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// TestTheCheckerSeesEachBrokenPromiseOfAnInbox proves that each of its rules can fail.
func TestTheCheckerSeesEachBrokenPromiseOfAnInbox(t *testing.T) {
	tests := []struct {
		name   string
		rule   string
		broken breakage
	}{
		{"it confirms what it has not stored", storedRule, breakage{source: confirmsAtOnce}},
		{"it takes a failure for a success", allRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return finishes{k} }}},
		{"it forgets what it was handed", allRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return loses{k} }}},
		{"it ends an event twice", endsRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return repeats{k} }}},
		{"it forgets failures", endsRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return forgets{k} }}},
		{"it does not tell of a late success", onceRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return undoes{k} }}},
		{"it returns what it still runs", besideRule, breakage{keeper: func(k worker.Keeper) worker.Keeper { return shares{k} }}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantBroken(t, simulateInbox, test.broken, test.rule) })
	}
}

type finishes struct{ worker.Keeper }

func (k finishes) Return(r worker.Returned) {
	r.Done = true
	k.Keeper.Return(r)
}

type loses struct{ worker.Keeper }

func (k loses) Return(r worker.Returned) {
	if r.Failed.Count == 0 {
		k.Keeper.Return(r)
	}
}

type repeats struct{ worker.Keeper }

func (k repeats) Return(r worker.Returned) {
	k.Keeper.Return(r)
	k.Keeper.Return(r)
}

type forgets struct{ worker.Keeper }

func (k forgets) Return(r worker.Returned) {
	if r.Failed.Count > 1 {
		r.Failed = worker.Failures{}
	}
	k.Keeper.Return(r)
}

type undoes struct{ worker.Keeper }

func (k undoes) Confirm(_ context.Context, handles []string) error {
	for _, handle := range handles {
		k.Return(worker.Returned{Handle: handle, Pause: 10 * time.Minute})
	}
	return nil
}

type shares struct{ worker.Keeper }

func (k shares) Pull(ctx context.Context) (worker.Batch, error) {
	b, err := k.Keeper.Pull(ctx)
	for _, e := range b.Events {
		time.AfterFunc(5*time.Second, func() { k.Return(worker.Returned{Handle: e.Handle, Pause: time.Second}) })
	}
	return b, err
}
