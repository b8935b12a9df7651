package callback

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// Options are the settings of a Receiver. The zero value of each field is its default.
type Options struct {
	// SubAppID is the application that the events are of, since they do not say it. 0 is the default application.
	SubAppID uint64

	// SignKeys are what VOD signs with, as set with ModifyEventConfig: see [ValidSignKey]. VOD has one; while it is being
	// changed, there are two, the old one and the new one. What is signed with none of them is refused. Without any, anybody
	// who reaches the receiver may post events.
	SignKeys []string

	// Concurrency is how many events are handled at once: 64. Others wait: at most 1,024 events, and 32 MiB, are kept at
	// a time, those that wait for VOD's next try included.
	Concurrency int

	// Unmatched is what becomes of events that no handler wants: UnmatchedConfirm, which answers 200, by default, or
	// UnmatchedDeadLetter. UnmatchedLeave is an error: nobody else would get them.
	Unmatched worker.Unmatched

	// DeadLetters, if not nil, is where events go that can't be handled: those that a handler rejects at once, the others
	// after VOD's last try. Attempts means nothing here: VOD tries three times. Write gets 10 s for a letter. Without it
	// such an event is lost, and the log has it whole.
	DeadLetters *worker.DeadLetters

	// Log is silent by default.
	Log zerolog.Logger

	Hooks Hooks
}

// Hooks tell what a Receiver does as it happens, for metrics or a display. Each may be nil. They are called concurrently and
// must not block. They may ask for its Status.
type Hooks struct {
	Received     func(RequestInfo)       // after each POST
	Handled      func(worker.HandleInfo) // for each handler that was run, after all of an event have returned
	DeadLettered func(worker.DeadLetter) // after one was written
	Lost         func(worker.DeadLetter) // an event that is given up, and is not written
}

// Join returns Hooks that call those of h, and then those of other.
func (h Hooks) Join(other Hooks) Hooks {
	return Hooks{
		Received:     worker.JoinHook(h.Received, other.Received),
		Handled:      worker.JoinHook(h.Handled, other.Handled),
		DeadLettered: worker.JoinHook(h.DeadLettered, other.DeadLettered),
		Lost:         worker.JoinHook(h.Lost, other.Lost),
	}
}

// RequestInfo describes one POST.
type RequestInfo struct {
	SubAppID uint64      // of the Receiver
	Type     events.Type // empty if the request was refused
	Status   int         // of the answer; 0: none was given, so that VOD tries again
	Took     time.Duration
}

func (o *Options) withDefaults() (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Concurrency == 0 {
		opts.Concurrency = worker.Defaults().Concurrency
	}
	switch {
	case opts.Concurrency < 0 || opts.Concurrency > worker.MaxConcurrency:
		return opts, fmt.Errorf("concurrency of %d: it must be at least 1 and at most %d", opts.Concurrency, worker.MaxConcurrency)
	case slices.ContainsFunc(opts.SignKeys, func(key string) bool { return !ValidSignKey(key) }):
		return opts, errors.New("the sign key must be up to 32 letters and digits, as VOD's are")
	case len(opts.SignKeys) > 2 || len(opts.SignKeys) == 2 && opts.SignKeys[0] == opts.SignKeys[1]:
		return opts, errors.New("VOD has one sign key: a second one, for as long as it is being changed, must be another")
	case opts.DeadLetters != nil && opts.DeadLetters.Write == nil:
		return opts, errors.New("dead letters need a place to write to")
	case opts.Unmatched != worker.UnmatchedConfirm && opts.Unmatched != worker.UnmatchedDeadLetter:
		return opts, errors.New("unmatched must be UnmatchedConfirm or UnmatchedDeadLetter: " +
			"a callback can't be left for others, VOD would drop it")
	case opts.Unmatched == worker.UnmatchedDeadLetter && opts.DeadLetters == nil:
		return opts, errors.New("unmatched events can't be written to the dead letters without any")
	}
	return opts, nil
}
