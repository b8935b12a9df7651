package worker

import (
	"time"

	"github.com/vodworker/vodworker/events"
)

// Hooks tell what a Worker does as it happens, for metrics or a display. Each may be nil. They are called
// concurrently and hold the Worker up: they must not block.
type Hooks struct {
	Pulled    func(PullInfo)    // after each PullEvents
	Handled   func(HandleInfo)  // for each handler of a delivery, after all of them have returned
	Left      func(LeftInfo)    // for each delivery that was not run; it will be handed out again
	Confirmed func(ConfirmInfo) // after each ConfirmEvents

	DeadLettered func(DeadLetter) // after one was written
	Down         func(DownInfo)   // when a handler goes down or comes back
	Rate         func(RateInfo)   // when a refused call lowered the rate
}

// PullInfo describes one PullEvents call.
type PullInfo struct {
	Events []events.Event
	Waited time.Duration // for the Limiter
	Took   time.Duration // from sending to answer: about 5 s for a poll that VOD held
	Err    error
}

// HandleInfo describes what became of one handler in one delivery.
type HandleInfo struct {
	Event   events.Event
	Outcome Outcome
	Waited  time.Duration // from the event's arrival until its handlers were started
}

// LeftInfo describes a delivery that was not run.
type LeftInfo struct {
	Event events.Event
	Why   LeftReason
}

// A LeftReason says why a delivery was not run.
type LeftReason string

// The reasons to leave a delivery to be handed out again.
const (
	LeftLate     LeftReason = "too little of its window is left"
	LeftStopping LeftReason = "the worker is stopping"
	LeftStuck    LeftReason = "a handler of an earlier delivery has not returned"
	LeftFailed   LeftReason = "it failed earlier in this drain"

	LeftSittingOut LeftReason = "it has failed before, and sits this delivery out"
	LeftDown       LeftReason = "a handler that it needs is down"
	LeftUnmatched  LeftReason = "no handler wants it"
)

// DownInfo describes a handler that went down or came back.
type DownInfo struct {
	Handler string
	Down    bool
	Err     error // the last one, when it went down
}

// RateInfo says to what a refused call lowered the rate. Time raises it again.
type RateInfo struct {
	Action    string // PullEvents or ConfirmEvents
	PerSecond float64
}

// ConfirmInfo describes one ConfirmEvents call.
type ConfirmInfo struct {
	Events    []events.Event
	Took      time.Duration
	LeaseLeft []time.Duration // of each event, when the call returned
	Err       error
}
