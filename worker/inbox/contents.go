package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/letters"
)

// Contents are what lies in an inbox: to be looked at, by any process and while others work. For its dead letters see
// [Contents.Letters].
type Contents struct{ store store.Store }

// Look opens the contents of an inbox that is there. They are to be closed. It makes nothing, and takes no lock. An error wraps
// [ErrUnreached] if no database answers, and shows no password.
func Look(ctx context.Context, url string) (*Contents, error) {
	opened, err := store.Open(ctx, url, store.Options{Look: true})
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	return &Contents{opened}, nil
}

// A State is what a job is at: an event for one handler.
type State string

// The states of a job.
const (
	Waiting State = "waiting" // for its turn, or for the time to try again
	Running State = "running"
	Failed  State = "failed" // waiting, after a failure
	Done    State = "done"
	Dead    State = "dead" // given up
)

// A Job is an event for one handler.
type Job struct {
	ID      string // of the event: events.Event.ID
	App     uint64
	Type    string
	File    string
	Task    string
	Stored  time.Time
	Handler string // empty: nobody wanted the event

	State     State
	Since     time.Time // it is in this State, but Failed and Waiting: when it may run
	Process   string    // that runs it
	Runs      int
	Attempts  int // failures that count against the event
	LastError string
	Reason    worker.Reason // it is Dead
}

// An Event is one with its jobs.
type Event struct {
	Jobs []Job // at least one
	Body []byte
}

// List returns jobs, of this state and handler unless they are empty: of no state are all but those that are Done. Those that
// are Failed are Waiting, too. The one that was stored first is in front. If there are more of a state than most they are those
// that were stored first; of Done those that were done last.
func (c *Contents) List(ctx context.Context, state State, handler string, most int) ([]Job, error) {
	filter := store.Filter{Handler: handler, Failed: state == Failed, Most: most}
	switch state {
	case "":
		filter.States = []store.State{store.Waiting, store.Running, store.Dead}
	case Waiting, Failed:
		filter.States = []store.State{store.Waiting}
	case Running:
		filter.States = []store.State{store.Running}
	case Done:
		filter.States = []store.State{store.Finished}
	case Dead:
		filter.States = []store.State{store.Dead}
	default:
		return nil, fmt.Errorf("list the inbox: there is no state %q", state)
	}
	found, err := c.store.List(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list the inbox: %w", err)
	}
	return jobs(found), nil
}

// Find returns the events of a file or task, or whose ID begins with id, the one that was stored first in front; most at the
// most.
func (c *Contents) Find(ctx context.Context, id string, most int) ([]Event, error) {
	if !isText(id) {
		return nil, nil
	}
	found, err := c.store.Find(ctx, id, most)
	if err != nil {
		return nil, fmt.Errorf("look into the inbox: %w", err)
	}
	var all []Event
	for _, e := range found {
		if len(e.Jobs) > 0 { // else it was removed meanwhile
			all = append(all, Event{jobs(e.Jobs), e.Body})
		}
	}
	return all, nil
}

// Letters returns the dead letters in it: an Entry for each event that has jobs which are Dead, by the event's ID. They are a
// [letters.Requeuer]. Write fails: letters get into an inbox by [Inbox.DeadLetters].
func (c *Contents) Letters() letters.Requeuer { return deadLetters{c.store} }

// Close closes what Look has opened.
func (c *Contents) Close() error { return c.store.Close() }

func jobs(of []store.Job) []Job {
	now := time.Now()
	all := make([]Job, len(of))
	for i, j := range of {
		e := j.Event
		all[i] = Job{
			ID: e.ID, App: e.App, Type: e.Type, File: e.File, Task: e.Task, Stored: now.Add(-e.Age), Handler: j.Handler,
			State: stateOf(j), Since: now.Add(-j.For), Process: j.Owner, Runs: int(j.Run), Attempts: j.Failed.Attempts,
			LastError: j.Failed.Error, Reason: worker.Reason(j.Reason),
		}
	}
	return all
}

func stateOf(j store.Job) State {
	switch {
	case j.State == store.Running:
		return Running
	case j.State == store.Finished:
		return Done
	case j.State == store.Dead:
		return Dead
	case j.Failed.Count > 0:
		return Failed
	}
	return Waiting
}

// isText reports whether a column of text can hold it: no other is in one.
func isText(s string) bool { return strings.ToValidUTF8(s, "") == s && !strings.Contains(s, "\x00") }
