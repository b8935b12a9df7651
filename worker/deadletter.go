package worker

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/events"
)

// A DeadLetter is an event that is given up, with what is to be known to handle it by hand later.
type DeadLetter struct {
	Event     events.Event
	Reason    string   // why it is given up
	Missing   []string // the handlers that have not succeeded; the others have
	LastError string   // of one of those
	Attempts  int      // the most that one of them has used
	First     time.Time
	Last      time.Time // the first and the last failure
}

// DeadLetters say what becomes of events that handlers can't handle.
type DeadLetters struct {
	// Attempts is how many deliveries of an event a handler may fail before it is given up. 0: only what fails
	// with a [Permanent] error is.
	Attempts int

	// Write stores a letter durably: the event is confirmed when it returns nil. If the confirm then fails it is called
	// again with the same event, so it must be idempotent. It is called concurrently; ctx ends with the event's handling
	// time.
	Write func(ctx context.Context, letter DeadLetter) error
}

// Unmatched is what becomes of events that no handler wants.
type Unmatched int

// What may become of them. With replicas that want different types, confirming would lose events for the others.
const (
	Confirm             Unmatched = iota // they are confirmed, counted, and logged once for each type
	Leave                                // they stay queued, and come again every 30 s for 4 days
	DeadLetterUnmatched                  // they are written to the dead letters
)

func (u Unmatched) String() string { return [...]string{"confirm", "leave", "dead_letter"}[u] }
