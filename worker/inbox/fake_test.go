package inbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A fake is a database in memory, for any number of processes. It fails as it is told.
type fake struct {
	mu        sync.Mutex
	events    map[string]store.Event
	jobs      []*fakeJob
	processes map[string]time.Time // seen
	turns     []store.Turn
	when      []time.Time // of turns
	fail      func(store.Turn) fault
	cleaned   int
	endless   bool // there is always more to clean
	hidden    bool // Dead hangs
	jumps     bool // its clock does
}

type fakeJob struct {
	store.Job
	at, stored time.Time

	first, last time.Time
}

// A fault is what becomes of a turn.
type fault int

const (
	none   fault = iota
	failed       // nothing was done
	lied         // it failed, but took effect
	hung         // until its context ends
	slow         // it takes its time, but not too long
)

var errAway = errors.New("the database is away")

func newFake() *fake {
	return &fake{events: map[string]store.Event{}, processes: map[string]time.Time{}}
}

func (f *fake) Turn(ctx context.Context, t store.Turn) (store.Done, error) {
	f.mu.Lock()
	f.turns, f.when = append(f.turns, t), append(f.when, time.Now())
	how := none
	if f.fail != nil {
		how = f.fail(t)
	}
	f.mu.Unlock()
	if how == hung {
		<-ctx.Done()
		return store.Done{}, ctx.Err()
	}
	if how == slow {
		time.Sleep(turnLimit * 9 / 10)
	}
	if how == failed {
		return store.Done{}, errAway
	}
	if err := ctx.Err(); err != nil {
		return store.Done{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	done := f.turn(t)
	if how == lied {
		return store.Done{}, errAway
	}
	return done, nil
}

func (f *fake) Counts(context.Context) (counts []store.Count, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range f.jobs {
		i := slices.IndexFunc(counts, func(c store.Count) bool { return c.Handler == j.Handler })
		if i < 0 {
			i, counts = len(counts), append(counts, store.Count{Handler: j.Handler})
		}
		switch j.State {
		case store.Waiting:
			counts[i].Waiting++
			if j.Failed.Count > 0 {
				counts[i].Failed++
			}
		case store.Running:
			counts[i].Running++
		case store.Dead:
			counts[i].Dead++
		}
	}
	return counts, nil
}

func (f *fake) Dead(ctx context.Context, id string, _ bool) (dead []store.Event, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hidden {
		f.mu.Unlock()
		<-ctx.Done()
		f.mu.Lock()
		return nil, ctx.Err()
	}
	for _, j := range f.jobs {
		if j.State == store.Dead && (id == "" || id == j.Event.ID) {
			dead = append(dead, j.Event)
		}
	}
	return dead, nil
}

func (f *fake) Clean(context.Context, time.Duration) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cleaned++
	return f.endless || f.cleaned%3 != 0, nil
}

func (f *fake) List(context.Context, store.Filter) ([]store.Job, error)             { return nil, nil }
func (f *fake) Find(context.Context, string, int) ([]store.Event, error)            { return nil, nil }
func (f *fake) Revive(context.Context, string, []string) (int, error)               { return 0, nil }
func (f *fake) Settle(context.Context, string, []store.DeadEnd) (left int, e error) { return 0, nil }
func (f *fake) Purge(context.Context, string) error                                 { return nil }
func (f *fake) About() string                                                       { return "memory" }
func (f *fake) Close() error                                                        { return nil }

// break has turns go as fail says; nil: well.
func (f *fake) breakBy(fail func(store.Turn) fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func always(how fault) func(store.Turn) fault { return func(store.Turn) fault { return how } }

func (f *fake) hideDead() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hidden = true
}

// once has the first turn that is so go wrong.
func once(how fault, so func(store.Turn) bool) func(store.Turn) fault {
	return func(t store.Turn) fault {
		if how == none || !so(t) {
			return none
		}
		was := how
		how = none
		return was
	}
}

// made returns the turns until now.
// gaveBack is how many turns have asked who is dead.
func gaveBack(turns []store.Turn) (n int) {
	for _, t := range turns {
		if t.GiveBack {
			n++
		}
	}
	return n
}

func (f *fake) made() []store.Turn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.turns)
}

// state counts jobs.
func (f *fake) state(s store.State) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range f.jobs {
		if j.State == s {
			n++
		}
	}
	return n
}

func (f *fake) job(n int) store.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs[n-1].seen(time.Now())
}

// change changes a job from outside.
func (f *fake) change(n int, change func(*fakeJob)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.jobs[n-1])
}

// kill has a process count as dead.
func (f *fake) kill(t *testing.T, id string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, is := f.processes[id]; !is {
		t.Errorf("no process %s", id)
	}
	delete(f.processes, id)
	now := time.Now()
	for _, j := range f.jobs {
		if j.State == store.Running && j.Owner == id {
			j.State, j.Owner, j.at = store.Waiting, "", now
		}
	}
}
