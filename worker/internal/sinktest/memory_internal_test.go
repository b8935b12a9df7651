package sinktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// A memory is a sink as it should be, and its place.
type memory struct {
	mu      sync.Mutex
	arrived []Arrival
	traces  int
	held    int
	fault   error         // with which the place answers
	hangs   chan struct{} // not nil: it answers when this is closed
}

const secret = "hunter2"

func (m *memory) Handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("not kept: %w", say.Ended(ctx))
	}
	message, err := sink.NewMessage(e, sink.FormatCallback)
	if err != nil {
		return err
	}
	hangs, fault := m.state()
	if hangs != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not kept: %w", say.Ended(ctx))
		case <-hangs:
		}
	}
	if fault != nil {
		if errors.Is(fault, errAway) || errors.Is(fault, errFull) {
			fault = worker.Unreachable(fault)
		}
		return fmt.Errorf("not kept: %w", fault)
	}
	m.keep(Arrival{ID: message.ID, Body: message.Body})
	return nil
}

func (m *memory) keep(a Arrival) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrived = append(m.arrived, a)
	m.held = 1
}

func (m *memory) Reach(context.Context) (found string, err error) {
	if _, fault := m.state(); errors.Is(fault, errAway) {
		return "", fmt.Errorf("%w: %w", sink.ErrUnreached, fault)
	}
	return "the memory is there", nil
}

func (m *memory) String() string { return "memory" }

func (m *memory) Close() error {
	m.held = 0
	return nil
}

func (m *memory) state() (hangs <-chan struct{}, fault error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hangs, m.fault
}

func (m *memory) spoil(fault error, hangs chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault, m.hangs = fault, hangs
}

var (
	errAway = errors.New("nobody is there")
	errFull = errors.New("there is no room")
)

// answer makes the place answer with err.
func (m *memory) answer(err error) (over func()) {
	m.spoil(err, nil)
	return func() { m.spoil(nil, nil) }
}

func (m *memory) hang() (over func()) {
	hangs := make(chan struct{})
	m.spoil(nil, hangs)
	return func() {
		m.spoil(nil, nil)
		close(hangs)
	}
}

// harness is that of a sink whose place is m.
func (m *memory) harness(to sink.Sink) Harness {
	return Harness{
		Sink: to, HasIDs: true, Secrets: []string{secret},
		Arrived: func() ([]Arrival, error) { return m.arrived, nil },
		Refuse:  func() func() { return m.answer(worker.Permanent(errors.New("no"))) },
		Fail:    func() func() { return m.answer(errors.New("oops")) },
		Pause:   func(d time.Duration) func() { return m.answer(worker.RetryAfter(d, errors.New("later"))) },
		Leave:   func() func() { return m.answer(errAway) },
		Break:   func() func() { return m.answer(errFull) },
		Hang:    m.hang,
		Traces:  func() (string, error) { return fmt.Sprint(m.traces), nil },
		Held:    func() (int, error) { return m.held, nil },
	}
}

func TestASinkThatKeepsTheContractPasses(t *testing.T) {
	Run(t, func(*testing.T) Harness {
		m := &memory{}
		return m.harness(m)
	})
}

// Without what a rule needs it is skipped, and not passed.
func TestARuleSaysThatItCannotBeTried(t *testing.T) {
	m := &memory{}
	bare := Harness{Sink: m, Arrived: m.harness(m).Arrived}
	for _, rule := range []string{
		"an event arrives under its ID, however often", "the end of the time ends Handle, which says why",
		"what is refused for good is permanent", "what fails for no clear reason is nobody's fault, and works later",
		"what can take no event is unreachable, and works later",
		"a pause that is asked for is told", "a place where nobody is is not reached, and works later",
	} {
		if err := named(t, rule).try(t.Context(), bare); !errors.Is(err, ErrCannot) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
}

func named(t *testing.T, name string) Rule {
	t.Helper()
	for _, rule := range Rules() {
		if rule.Name == name {
			return rule
		}
	}
	t.Fatalf("there is no rule %q", name)
	return Rule{}
}
