// Package store is what an inbox keeps in a database: its tables, and each change of them as one transaction. When to make
// which, package inbox knows.
//
// An event is there once, by its ID, with a job for each handler that wants it; beside them there is a row for each
// process. A job's run is counted up each time that it is claimed, and whatever ends it, or holds it, names that run: who was
// taken for dead, and wakes up, can't undo what another has begun since. What was given back waits where it waited before, in
// front of what was stored since. Times are milliseconds of the database's clock.
// What comes in and goes out is how long ago something was, or how long it is to wait, so that nobody else's clock matters.
package store

import (
	"context"
	"errors"
	"time"
)

// A Store is an inbox's tables. It is safe for concurrent use; turns are for one goroutine.
type Store interface {
	// Turn makes all changes of a turn, in this order, in one transaction: Beat, GiveBack, Forgotten, Events, Ends, Claims,
	// Leave. After an error they may have been made or not: then the next Turn must be Forgotten, and say what is Held.
	Turn(ctx context.Context, t Turn) (Done, error)

	// Counts returns what there is of each handler's jobs that are not done.
	Counts(ctx context.Context) ([]Count, error)

	// List returns jobs, the one that came first in front. If there are more than Most in a State, those that came first;
	// of the Finished ones those that ended last.
	List(ctx context.Context, filter Filter) ([]Job, error)

	// Find returns the events of which ID, file or task is id, or whose ID begins with it, the one that came first in
	// front; not more than most. Their Jobs have no Body.
	Find(ctx context.Context, id string, most int) ([]Event, error)

	// Dead returns the events that have dead jobs, by when one failed last, each with those; if id is not empty, only that
	// of this ID. With bodies only if they are asked for.
	Dead(ctx context.Context, id string, bodies bool) ([]Event, error)

	// Revive has the dead jobs of an event wait again, as if they had never failed: those of handlers. If it has one of
	// nobody (whose Handler is empty) jobs of handlers take its place. It returns how many wait, and ErrNone if none is
	// dead.
	Revive(ctx context.Context, id string, handlers []string) (n int, err error)

	// Settle ends dead jobs: as done, or dead still, with another error; those of handlers take the place of that of
	// nobody. It returns how many are dead still: 0, too, if there is no such event.
	Settle(ctx context.Context, id string, ends []DeadEnd) (left int, err error)

	// Purge removes the dead jobs of an event, and the event if it has no others. It returns ErrNone if there are none.
	Purge(ctx context.Context, id string) error

	// Clean removes the events of which all is done, and has been for longer than keep. It removes some at a time, and
	// reports whether there may be more.
	Clean(ctx context.Context, keep time.Duration) (more bool, err error)

	// About says for people where the store is, and which version of what: without what is secret.
	About() string

	Close() error
}

// ErrNone says that there is no such event, or that it has no dead jobs.
var ErrNone = errors.New("there is no such event")

// MaxStarts is at how many starts without an outcome a job is given up, for ReasonCrashes: what handles it may be what ends
// the process.
const (
	MaxStarts     = 5
	ReasonCrashes = "crashes"
)

// Suspect is from how many starts without an outcome on a process runs a job alone of its kind, so that those which only
// ran beside it are not taken for it.
const Suspect = 2

// Silence is for how long a process has not written when it counts as dead: four beats.
const (
	Beat    = 5 * time.Second
	Silence = 4 * Beat
)

// longestRest is more than any job rests: one that waits for longer does so since the clock was set back.
const longestRest = time.Hour

// A Turn is what a process wants changed.
type Turn struct {
	Me string // the process, by a name that no other ever has

	Beat      bool    // it lives. In Join it says so for the first time
	Join      bool    // nobody has heard of Me before
	GiveBack  bool    // dead processes' jobs are to wait again, in front, or to be dead at MaxStarts
	Forgotten bool    // runs of Me that are not among Held are to wait again, in front: an earlier Turn may have claimed them
	Held      []Ref   // what Me knows that it runs, or how that has ended
	Events    []Event // to be stored; of two of one ID the first
	Ends      []End   // no two of one job and run
	Claims    []Claim // one for each handler
	Leave     bool    // Me ends: what it runs is to wait again, in front, without having been started
}

// A Ref is one run of a job. The same Turn may end a job's run and claim it anew: only Run tells these two apart.
type Ref struct{ Job, Run int64 }

// An Event is one with its jobs.
type Event struct {
	ID     string // events.Event.ID
	App    uint64
	Type   string
	File   string // VOD's ids, to find it by: their first 1,000 bytes
	Task   string
	Handle string // of its delivery
	Body   []byte

	// In Turn.Events: a job is made for each of Handlers, none of an event that is there already. With a Reason the jobs are
	// Dead from the start, and have failed so; then a Handler may be empty: nobody wants it. Of an event that is there already
	// such a job is made for handlers that have none, since it would be lost else.
	Handlers []string
	Reason   string
	Failed   Failures

	// What Find and Dead tell; List and a claim tell its Age.
	Age  time.Duration // since it was stored
	Jobs []Job
}

// A State is what a job is at.
type State int

// The states of a job. Their numbers are in databases.
const (
	Waiting  State = 0
	Running  State = 1
	Finished State = 2
	Dead     State = 3
)

// A Job is an event for one handler.
type Job struct {
	Number  int64
	Run     int64 // how often it was claimed
	Handler string
	State   State
	For     time.Duration // how long it has been in its State, or, if it was given back, stored; less than 0: not to be claimed yet
	Owner   string
	Starts  int // without an outcome since
	Failed  Failures
	Reason  string // it is Dead

	Event Event // without Jobs; its Body only of a claimed one
}

// Failures are what is known of how a handler failed an event.
type Failures struct {
	Attempts    int
	Count       int
	First, Last time.Duration // ago
	Error       string
}

// An End is what became of a run.
type End struct {
	Job, Run int64
	To       State // Waiting, Finished or Dead

	// Finished counts as long as nobody has begun another run; anything else, while this one is running.
	After  time.Duration // Waiting: not to be claimed for so long
	Failed Failures      // Waiting, Dead: all that is known; the zero value: nothing
	Reason string        // Dead
}

// A Claim asks for jobs of one handler: those that may be claimed for longest, or, of a handler that is down, those that
// have failed least.
type Claim struct {
	Handler string
	Most    int
	Suspect bool // one job of Suspect starts may be among them, if none is among those of the claims before
	Least   bool // by failures
}

// Done is what a Turn has changed.
type Done struct {
	Lost    bool    // Me was taken for dead: nothing else was done. All that it runs is lost
	Stored  int     // of Events, those that were not there yet
	Claimed [][]Job // for each of Claims, in its order
	Jumped  bool    // the clock, since the last beat of Me: nobody was taken for dead, and nobody is to be for a while
	Gave    int     // jobs that were given back
	Dead    []Job   // of those, the ones that are given up
}

// A DeadEnd is what became of a handler that was run on a dead job once more.
type DeadEnd struct {
	Handler string
	Done    bool
	Error   string // why it has failed now; empty: it has not
}

// A Count is what there is of a handler's jobs.
type Count struct {
	Handler                        string
	Waiting, Running, Failed, Dead int           // Failed: of Waiting, those that have failed
	Oldest                         time.Duration // since the oldest that is waiting or running was stored
}

// A Filter chooses jobs.
type Filter struct {
	States  []State // none: all
	Failed  bool    // of Waiting, only those that have failed
	Handler string  // empty: all
	Most    int
}
