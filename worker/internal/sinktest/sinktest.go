// Package sinktest is the suite that every [sink.Sink] passes: the rules of its contract, each tried on a place that can be
// made to refuse, to fail, to hang and to go away.
//
// To join, a sink's test says in a [Harness] how to look into its place and how to spoil it:
//
//	func TestItIsASink(t *testing.T) {
//		sinktest.Run(t, func(t *testing.T) sinktest.Harness {
//			place := newPlace(t)
//			return sinktest.Harness{Sink: open(t, place), Arrived: place.events, HasIDs: true, Fail: place.fail}
//		})
//	}
package sinktest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

// A Harness is a sink at work, with what the rules need to know of its place. A function that is nil is something that can't
// be done to this place; the rules that need it are skipped.
type Harness struct {
	// Sink is what is tested. No rule but its own Close ends it.
	Sink sink.Sink

	// Arrived returns what lies where the sink promises events to be once Handle has returned nil: no more than what would be
	// there after a crash of this process. The order does not matter. Required.
	Arrived func() ([]Arrival, error)

	// Body returns what arrives of an event. Nil: its body, byte for byte.
	Body func(events.Event) []byte

	// HasIDs says that events arrive with their IDs.
	HasIDs bool

	// Secrets are what no error and no text of the sink may show. A place that answers with an error should quote them in it,
	// if the sink has sent them there.
	Secrets []string

	// Each of these spoils the place until the function that it returns is called.
	Refuse func() (over func())              // it refuses every event for good
	Fail   func() (over func())              // it fails with an event, and does not say whether that is the event's fault
	Pause  func(time.Duration) (over func()) // it takes no event at the moment, and asks for this pause: whole seconds
	Hang   func() (over func())              // it takes events, and never says whether it has them
	Leave  func() (over func())              // nobody is there any more
	Break  func() (over func())              // somebody is, but can take nothing: it is full, may not, or the like

	// Traces describes what [sink.Sink.Reach] might leave at the place. The text is only compared.
	Traces func() (string, error)

	// Held returns how many connections and files the sink holds open. It waits a little for what is being closed.
	Held func() (int, error)
}

// An Arrival is an event as it lies at the place.
type Arrival struct {
	ID   string // empty if it has none there
	Body []byte
}

// A Rule is a part of the contract.
type Rule struct {
	Name string

	// Check returns how the sink breaks the rule, or nil, or an error that wraps [ErrCannot]. Each call needs a new Harness.
	Check func(ctx context.Context, h Harness) error
}

// ErrCannot says that a rule is about what the Harness can't do.
var ErrCannot = errors.New("not for this sink")

// Run checks all rules, each on a new Harness.
func Run(t *testing.T, open func(*testing.T) Harness) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			err := rule.try(t.Context(), open(t))
			if errors.Is(err, ErrCannot) {
				t.Skip(err)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// try checks the rule, and closes the sink unless the rule has done that.
func (r Rule) try(ctx context.Context, h Harness) error {
	closed := &closer{Sink: h.Sink}
	h.Sink = closed
	err := r.Check(ctx, h)
	if !closed.is {
		err = errors.Join(err, closed.Close())
	}
	return err
}

// A closer knows whether its sink was closed.
type closer struct {
	sink.Sink
	is bool
}

func (c *closer) Close() error {
	c.is = true
	return c.Sink.Close()
}
