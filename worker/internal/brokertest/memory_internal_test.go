package brokertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// A memory is a broker, and a sink of it as it should be.
type memory struct {
	mu       sync.Mutex
	messages []Message
	stopped  int // how often
	is       state
	changed  chan struct{} // closed when is changes
}

type state int

const (
	well state = iota
	away
	frozenState
	deleted
)

const (
	answerTime = time.Millisecond // of this server, about
	largest    = 10_000
)

var errAway = errors.New("nobody is there")

func (m *memory) Handle(ctx context.Context, e events.Event) error {
	return broker.InTime(ctx, func(ctx context.Context) error { return m.handle(ctx, e) })
}

func (m *memory) handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return say.Ended(ctx)
	}
	if err := m.refused(e); err != nil {
		return err
	}
	if err := m.wait(ctx); err != nil {
		return err
	}
	if err := m.answer(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	m.messages = append(m.messages, Message{ID: e.ID(), Body: e.Body()})
	m.mu.Unlock()
	return m.answer(ctx)
}

// answer takes a part of a try's time, in which the server may stop.
func (m *memory) answer(ctx context.Context) error {
	m.mu.Lock()
	stopped := m.stopped
	m.mu.Unlock()
	select {
	case <-time.After(rand.N(answerTime)):
	case <-ctx.Done():
		return say.Ended(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped != stopped {
		return worker.Unreachable(errors.New("it has not answered"))
	}
	return nil
}

func (m *memory) refused(e events.Event) error {
	if len(e.Raw) >= largest {
		return worker.Permanent(errors.New("too large"))
	}
	if e.Type != "NewFileUpload" {
		return worker.Permanent(errors.New("no name"))
	}
	return nil
}

// wait waits while the server stands still, and fails if it is away.
func (m *memory) wait(ctx context.Context) error {
	for {
		m.mu.Lock()
		is, changed := m.is, m.changed
		m.mu.Unlock()
		switch is {
		case well:
			return nil
		case away, deleted:
			return worker.Unreachable(errAway)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return say.Ended(ctx)
		}
	}
}

func (m *memory) Reach(context.Context) (string, error) { return "there", nil }
func (m *memory) String() string                        { return "memory" }
func (m *memory) Close() error                          { return nil }

func (m *memory) become(is state) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.is = is
	if is == away {
		m.stopped++
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) Stop()   { m.become(away) }
func (m *memory) Kill()   { m.become(away) }
func (m *memory) Start()  { m.become(well) }
func (m *memory) Freeze() { m.become(frozenState) }
func (m *memory) Thaw()   { m.become(well) }

func (m *memory) delete() {
	m.become(deleted)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = nil
}

func (m *memory) read() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.messages
}

// run returns that of a part with a sink of m.
func (m *memory) run(to sink.Sink, log func(string, ...any)) *run {
	open := func() sink.Sink { return to }
	return &run{many: 600, log: log, Harness: Harness{
		Open: open, Read: m.read, Server: m, Delete: m.delete, Make: m.Start, TooLarge: largest, OpenNamed: open,
	}}
}

func newMemory() *memory { return &memory{changed: make(chan struct{})} }

func TestARightSinkPasses(t *testing.T) {
	for _, p := range parts() {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				if err := p.try(t.Context(), m.run(m, t.Logf)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What can't be tried is said to be so.
func TestASinkWithoutNamesOfFieldsNeedNotRefuseThem(t *testing.T) {
	m := newMemory()
	r := m.run(m, t.Logf)
	r.OpenNamed = nil
	if err := unnameable(t.Context(), r); !errors.Is(err, errCannot) {
		t.Error(fmt.Errorf("got %w", err))
	}
}
