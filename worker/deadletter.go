package worker

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// A DeadLetter is an event that is given up, with what is to be known to handle it by hand later.
type DeadLetter struct {
	Event     events.Event
	Reason    Reason
	Missing   []string // the handlers that have not succeeded; the others have
	LastError string   // of one of those
	Attempts  int      // the most that one of them has used
	First     time.Time
	Last      time.Time // the first and the last failure
}

// MarshalZerologObject puts all but the event's bytes and the times into a line of a log.
func (d DeadLetter) MarshalZerologObject(line *zerolog.Event) {
	say.About(line, d.Event).Str("reason", d.Reason.Text()).Strs("missing", d.Missing).
		Int("attempts", d.Attempts).Str("last_error", d.LastError)
}

// DefaultAttempts is at which failed delivery an event may be given up unless a program says otherwise.
const DefaultAttempts = 5

// DefaultAfter is for how long an event may fail unless a program says otherwise: a day less than VOD keeps it.
const DefaultAfter = 72 * time.Hour

// DeadLetters say what becomes of events that handlers can't handle. But for its age, an event is given up only by a failure
// that it has just had, and only while what handles it handles others: else it may be the handler that is to blame.
type DeadLetters struct {
	// Attempts is how many deliveries of an event a handler must fail before it may be given up for that; failures that are
	// surely the handler's fault do not count. 0: only what fails with a [Permanent] error is, or what is too old.
	Attempts int

	// After is how long after it was first seen to fail an event is given up whatever the reason: 72 h, also if it is 0. VOD drops
	// it after 4 days, an inbox never.
	After time.Duration

	// Record, if not nil, keeps over restarts what is known of failures. It calls change with what was kept last, nil if
	// that is nothing, and keeps what change returns; nobody else's change comes between. Losing it costs time, not events.
	// It is called at the start, every 10 s while there is something new, and at the end; ctx gives it 5 s.
	Record func(ctx context.Context, change func(kept []byte) []byte) error

	// Write stores a letter durably: the event is confirmed when it returns nil. If the confirm then fails it is called
	// again with the same event, so it must be idempotent. It is called concurrently, up to four times, and must not panic; ctx
	// ends with the event's handling time.
	Write func(ctx context.Context, letter DeadLetter) error
}

// Unmatched is what becomes of events that no handler wants.
type Unmatched int

// What may become of them. With replicas that want different types, confirming would lose events for the others.
const (
	UnmatchedConfirm    Unmatched = iota // they are confirmed, counted, and logged once for each type
	UnmatchedLeave                       // they stay queued, and come again every 30 s for 4 days
	UnmatchedDeadLetter                  // they are written to the dead letters
)

func (u Unmatched) String() string { return [...]string{"confirm", "leave", "dead_letter"}[u] }
