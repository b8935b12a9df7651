package sim_test

import (
	"context"
	"slices"

	"github.com/vodworker/vodworker/worker"
)

// A spy is a process's Source that writes down what the worker asks, and what it is answered. A dead process is
// answered nothing.
type spy struct {
	life *life
	next worker.Source
}

func (s spy) Pull(ctx context.Context) (worker.Batch, error) {
	l := s.life
	call, sent := l.countCall("call"), l.world.now()
	if !l.record(entry{what: pulling, call: call}) {
		return worker.Batch{}, unanswered(ctx)
	}
	batch, err := s.next.Pull(ctx)
	e := entry{what: pulled, call: call, err: err, cut: ctx.Err() != nil, sent: sent, leased: batch.Leased.Sub(l.world.begin)}
	for _, event := range batch.Events {
		if event.Handle != "" {
			e.handles = append(e.handles, event.Handle)
			e.events = append(e.events, numberOf(event))
			e.raws = append(e.raws, &event.Raw[0])
		}
	}
	l.learn(e.handles, e.events)
	if !l.record(e) {
		return worker.Batch{}, unanswered(ctx)
	}
	return batch, err
}

func (s spy) Confirm(ctx context.Context, handles []string) error {
	l := s.life
	call := l.countCall("call")
	e := entry{what: confirming, call: call, handles: slices.Clone(handles), events: l.eventsOf(handles)}
	if !l.record(e) {
		return unanswered(ctx)
	}
	err := s.next.Confirm(ctx, handles)
	e.what, e.err, e.cut = confirmed, err, ctx.Err() != nil
	if !l.record(e) {
		return unanswered(ctx)
	}
	return err
}

func unanswered(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
