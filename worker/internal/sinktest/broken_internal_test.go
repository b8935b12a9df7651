package sinktest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/vodworker/vodworker/events"
)

// A broken sink is a good one, but for the functions that are not nil.
type broken struct {
	*memory
	handle func(context.Context, events.Event) error
	reach  func(context.Context) (string, error)
	name   string
	close  func() error
}

func (b broken) Handle(ctx context.Context, e events.Event) error {
	if b.handle != nil {
		return b.handle(ctx, e)
	}
	return b.memory.Handle(ctx, e)
}

func (b broken) Reach(ctx context.Context) (string, error) {
	if b.reach != nil {
		return b.reach(ctx)
	}
	return b.memory.Reach(ctx)
}

func (b broken) String() string { return b.name + b.memory.String() }

func (b broken) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.memory.Close()
}

// errs breaks the errors of Handle.
func errs(change func(error) error) func(*memory) broken {
	return func(m *memory) broken {
		return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
			if err := m.Handle(ctx, e); err != nil {
				return change(err)
			}
			return nil
		}}
	}
}

// kept breaks what lies at the place.
func kept(change func(events.Event, *Arrival)) func(*memory) broken {
	return func(m *memory) broken {
		return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
			err := m.Handle(ctx, e)
			if err == nil {
				change(e, &m.arrived[len(m.arrived)-1])
			}
			return err
		}}
	}
}

// withoutEnd knows no end of the time.
func withoutEnd(m *memory) broken {
	return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
		return m.Handle(context.WithoutCancel(ctx), e)
	}}
}

// staysBroken is never well again.
func staysBroken(m *memory) broken {
	var once error
	return broken{memory: m, handle: func(ctx context.Context, e events.Event) error {
		if once == nil {
			once = m.Handle(ctx, e)
		}
		return once
	}}
}

// again returns a body as it is after a program has decoded and encoded it.
func again(body []byte) []byte {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return body
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return body
	}
	return encoded
}

// A hidden error shows what it wraps to those who unwrap it.
type hidden struct{ error }

func (hidden) Error() string { return "not kept" }

func (h hidden) Unwrap() error { return h.error }

func TestEachRuleFindsASinkThatBreaksIt(t *testing.T) {
	for _, rule := range Rules() {
		if len(breakages[rule.Name]) == 0 {
			t.Errorf("no broken sink shows that this rule can fail: %s", rule.Name)
		}
		for how, breaks := range breakages[rule.Name] {
			t.Run(rule.Name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &memory{}
					err := rule.try(t.Context(), m.harness(breaks(m)))
					if err == nil || errors.Is(err, ErrCannot) {
						t.Errorf("not found: %v", err)
					}
					t.Log(err)
				})
			})
		}
	}
}
