package letters

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A Store keeps letters until their events are handled after all, or thrown away. [Dir] is one.
//
// It is safe for concurrent use, by every process that has it open. A change is made whole or not at all, whatever crashes,
// and to the letter as it is then, not as somebody has read it: no change undoes part of another. Any call may be made again
// after an error. One that has to wait waits as long as ctx lasts.
type Store interface {
	// Write stores a letter: once it has returned nil the letter is there, also after a crash or a loss of power. After an
	// error it may be there or not. A letter of the same event, by [events.Event.ID], is replaced, but the earlier First of the
	// two stays. It is a Write for [worker.DeadLetters].
	Write(ctx context.Context, letter worker.DeadLetter) error

	// List returns an entry for each letter, the one that failed last at the end. What cannot be read as a letter has an
	// entry too, in front, whose Err says why. An error means that nothing could be listed.
	List(ctx context.Context) ([]Entry, error)

	// Show returns a letter by the Name of its Entry, with its event byte for byte. If there is none the error wraps
	// [io/fs.ErrNotExist].
	Show(ctx context.Context, name string) (worker.DeadLetter, error)

	// Settle records, as durably as Write, what became of handlers that were run on a letter once more. Those that succeeded
	// are missing no longer; when none is missing the letter is removed, and gone is true, as it is if there is no
	// such letter any more. Of the others the last error is kept; the time of the last failure is now, but for those that
	// were [worker.Interrupted]. What has been written since the letter was read stays written: only what succeeded is
	// taken away. A letter that no handler wanted is now missing those that were run and failed. Without outcomes it stays as
	// it is. What can't be read as a letter is an error.
	Settle(ctx context.Context, name string, outcomes []worker.Outcome) (gone bool, err error)

	// Purge throws away what List has an Entry for, by its Name, whether it can be read or not. If there is no such thing
	// any more the error wraps [io/fs.ErrNotExist].
	Purge(ctx context.Context, name string) error
}

// An Entry is one row of a [Store.List]: all there is to say of a letter but its event.
type Entry struct {
	// Name is what the Store calls the letter. It holds no secret, and stays the same for as long as the letter is there.
	Name string

	Key       string // the event's, as all of these are up to Handle
	SubAppID  uint64
	Type      events.Type
	File      string
	Task      string
	Handle    string
	Reason    worker.Reason
	Missing   []string // handlers; none: no handler wanted the event
	LastError string   // of one of those
	Attempts  int      // the most that one of them has used
	First     time.Time
	Last      time.Time // the first and the last failure

	// Err says why this is no letter, or can't be read. Then only Name is set.
	Err error
}
