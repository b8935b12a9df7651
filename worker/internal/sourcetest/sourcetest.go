// Package sourcetest is what every [worker.Source] passes: the promises of that interface, a rule each, tried on an
// emulator of the API.
//
//	func TestTheSourceKeepsItsContract(t *testing.T) {
//		sourcetest.Run(t, func(e *vodtest.Emulator, subAppID uint64) (worker.Source, func()) {
//			return New(e, subAppID), func() {}
//		})
//	}
//
// Each rule runs in a synctest bubble, so that it can say to the nanosecond how long a call takes. A Source that needs
// a network must have one in memory.
package sourcetest

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// An Open makes the Source of one application of an emulator, and what closes it.
type Open func(e *vodtest.Emulator, subAppID uint64) (source worker.Source, close func())

// A Rule is one promise. Check returns how a Source breaks it, and nil if it does not. It must run in a bubble.
type Rule struct {
	Name  string
	Check func(ctx context.Context, open Open) error
}

// Run holds a Source to all rules.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := rule.Check(t.Context(), open); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Rules returns all of them.
func Rules() []Rule {
	return []Rule{
		{"events come byte for byte, with their application", eventsComeWhole},
		{"an answer has at most MaxBatch events", answersAreBounded},
		{"an empty queue is no error, in whatever form", emptyIsNoError},
		{"a lease begins no later than it does for VOD", leasesArePessimistic},
		{"what is confirmed does not come again", confirmedIsGone},
		{"a handle that is not accepted is refused", badHandlesAreRefused},
		{"an error is of the kind that it is", errorsAreClassified},
		{"a call is one attempt", callsAreMadeOnce},
		{"a call ends with its context", callsEndWithTheirContext},
		{"any number of calls may be out", callsRunSideBySide},
	}
}

// app is the application of the Source under test.
const app = 1500000001

// A rig is a Source and what is behind it.
type rig struct {
	worker.Source
	emulator *vodtest.Emulator
	close    func()
}

func newRig(open Open, config vodtest.Config) *rig {
	e := vodtest.New(config)
	source, end := open(e, app)
	return &rig{source, e, func() {
		end()
		e.Close()
	}}
}

// upload queues n events.
func (r *rig) upload(n int) {
	for range n {
		r.emulator.Upload(app, "a.mp4")
	}
}

func handlesOf(batch worker.Batch) (handles []string) {
	for _, e := range batch.Events {
		handles = append(handles, e.Handle)
	}
	return handles
}
