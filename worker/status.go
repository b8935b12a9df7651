package worker

import (
	"time"

	"github.com/rs/zerolog"
)

// A Summary counts what became of deliveries: an event that is handed out twice counts twice.
type Summary struct {
	Pulled       int // deliveries received
	Handled      int // all handlers that wanted it succeeded
	Unmatched    int // no handler wanted it: confirmed unseen, see UnmatchedConfirm
	Confirmed    int // removed from the queue for good
	Failed       int // a handler failed: stays queued
	Left         int // not run: stays queued
	DeadLettered int // written to the dead letters, then confirmed

	Abandoned int // handlers did not end before the worker did: stays queued
	Dropped   int // elements of an EventSet without a handle: they can't be confirmed

	// Unconfirmed counts deliveries that were handled but are not known to be confirmed: the calls failed until the
	// lease ended, or the handle was refused though no earlier call can have confirmed it. They may be handed out again.
	Unconfirmed int

	// Down are the handlers that were down when a Drain ended; in Run there are none, see Status.DownNow.
	Down []string

	// Limited says that a Drain was ended by one of its limits or by its context, so more may be queued.
	Limited bool
}

// MarshalZerologObject puts the counts into a line of a log.
func (s Summary) MarshalZerologObject(line *zerolog.Event) {
	line.Int("pulled", s.Pulled).Int("handled", s.Handled).Int("unmatched", s.Unmatched).Int("confirmed", s.Confirmed).
		Int("failed", s.Failed).Int("left", s.Left).Int("dead_lettered", s.DeadLettered).
		Int("abandoned", s.Abandoned).Int("unconfirmed", s.Unconfirmed)
}

// Clean reports whether every delivery was handled, or wanted by no handler, and confirmed.
func (s Summary) Clean() bool {
	return s.Failed == 0 && s.Left == 0 && s.Abandoned == 0 && s.Unconfirmed == 0 && len(s.Down) == 0
}

// A State is what a Worker is about.
type State string

// The states of a Worker.
const (
	Idle     State = "idle" // before Run or Drain
	Running  State = "running"
	Stopping State = "stopping" // no new poll; what is in flight is brought to its end
	Stopped  State = "stopped"
)

// A Status is a Worker at one moment.
type Status struct {
	Summary
	State State

	Waiting     int       // events that were pulled and wait for a place to be handled
	Handling    int       // events being handled, the stuck ones included
	Stuck       int       // events whose handlers have outlived their lease
	Writing     int       // events that were given up: being written to the dead letters, or waiting for that
	Confirming  int       // events that are handled and wait to be confirmed
	Bytes       int       // of the bodies of all these: see Options.MaxBytes
	EarliestEnd time.Time // of a lease that is held; zero if none is

	LastPoll time.Time // when a PullEvents last returned, whatever came of it; zero if none has
	DownNow  []string  // the handlers that are down

	// ProbeAt is when each of DownNow is tried next, at the earliest; one in the past is being tried, or waits for an event.
	ProbeAt []time.Time

	// Blocked says that handlers which have outlived their leases hold every place, or MaxBytes: nothing is pulled until one of
	// them returns.
	Blocked bool

	// OldestFailing is when the event that fails for longest was first seen to; zero if none fails, as far as is known.
	OldestFailing time.Time

	// Failing is why the last PullEvents, or else the last ConfirmEvents, failed; nil if neither did.
	Failing error
}
