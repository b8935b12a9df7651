package worker

import (
	"time"

	"github.com/vodworker/vodworker/events"
)

// Hooks tell what a Worker does as it happens, for metrics or a display. Each may be nil. They are called
// concurrently and hold the Worker up: they must neither block nor panic. They may ask for its Status.
type Hooks struct {
	Pulled    func(PullInfo)    // after each PullEvents
	Handled   func(HandleInfo)  // for each handler of a delivery, after all of them have returned
	Left      func(LeftInfo)    // for each delivery that was not run; it will be handed out again
	Confirmed func(ConfirmInfo) // after each ConfirmEvents
	Failed    func(FailInfo)    // for each handler that failed a delivery, once it is known when it is to run again
	LeaseLost func(LeaseInfo)   // when an event was not confirmed within its lease, though no handler failed it

	DeadLettered func(DeadLetter) // after one was written
	Down         func(DownInfo)   // when a handler goes down or comes back
	Rate         func(RateInfo)   // when a refused call lowered the rate
}

// Join returns Hooks that call those of h, and then those of other.
func (h Hooks) Join(other Hooks) Hooks {
	return Hooks{
		Pulled:       JoinHook(h.Pulled, other.Pulled),
		Handled:      JoinHook(h.Handled, other.Handled),
		Left:         JoinHook(h.Left, other.Left),
		Confirmed:    JoinHook(h.Confirmed, other.Confirmed),
		Failed:       JoinHook(h.Failed, other.Failed),
		LeaseLost:    JoinHook(h.LeaseLost, other.LeaseLost),
		DeadLettered: JoinHook(h.DeadLettered, other.DeadLettered),
		Down:         JoinHook(h.Down, other.Down),
		Rate:         JoinHook(h.Rate, other.Rate),
	}
}

// JoinHook returns a hook that calls both; either may be nil.
func JoinHook[Info any](first, second func(Info)) func(Info) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(info Info) {
		first(info)
		second(info)
	}
}

// PullInfo describes one PullEvents call.
type PullInfo struct {
	SubAppID uint64
	Events   []events.Event
	Waited   time.Duration // for the Limiter
	Took     time.Duration // from sending to answer: about 5 s for a poll that VOD held
	Err      error
}

// HandleInfo describes what became of one handler in one delivery. The Event says of which application.
type HandleInfo struct {
	Event   events.Event
	Outcome Outcome
	Nth     int           // of the handlers of this delivery, from 0: what is counted once for each delivery takes the first
	Waited  time.Duration // from the event's arrival until its handlers were started
}

// LeftInfo describes a delivery that was not run. The Event says of which application.
type LeftInfo struct {
	Event events.Event
	Why   LeftReason
}

// FailInfo says what the Worker makes of a failure, of which Handled told before.
type FailInfo struct {
	Key      string // of the event
	Handler  string
	Attempts int       // its failures that count against the event: see [DeadLetters]
	Until    time.Time // it sits out what is handed out of the event until then; zero: nothing
}

// LeaseInfo describes a delivery whose lease was lost. The Event says of which application.
type LeaseInfo struct {
	Event events.Event
	Stage Stage
}

// DownInfo describes a handler that went down or came back.
type DownInfo struct {
	SubAppID uint64 // of the Worker: a handler can be down for one application alone
	Handler  string
	Down     bool
	Err      error // the last one, when it went down
}

// RateInfo says to what a refused call lowered the rate, which workers share that share a Limiter. Time raises it again.
type RateInfo struct {
	SubAppID  uint64 // whose call was refused
	Action    string // PullEvents or ConfirmEvents
	PerSecond float64
}

// ConfirmInfo describes one ConfirmEvents call.
type ConfirmInfo struct {
	SubAppID  uint64
	Events    []events.Event
	Waited    time.Duration // for the Limiter
	Took      time.Duration
	LeaseLeft []time.Duration // of each event, when the call returned
	Err       error
}
