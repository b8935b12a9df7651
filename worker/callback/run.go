package callback

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

const (
	vodTries = 3                // that VOD makes for an event
	nextTry  = 30 * time.Second // after which none comes any more; nothing is documented

	// rememberTime is how long an event that nobody, or too late, was told of is known to have been handled.
	rememberTime = time.Minute

	maxRuns       = 1024     // events at a time
	maxRunBytes   = 32 << 20 // of their bodies; four of the largest, see maxBody
	maxRemembered = 1024
)

// A run is one event on its way: all the requests that VOD makes for it, and what its handlers have made of it. A pass runs
// the handlers that have not succeeded yet; each request is worth one pass, up to vodTries.
type run struct {
	key     string
	event   events.Event
	repeats bool
	wanted  []string
	size    int
	arrived time.Time

	requests, open int // requests that came; those that wait for an answer
	passes         int // begun

	passing, stuck bool // a pass goes on; for too long
	burying        bool // a letter is being written

	succeeded, rejected []string
	failed              worker.Outcome // the last one

	answer answer // given once it is handled, or lies in the dead letters
	over   bool   // that, or lost
	last   bool   // VOD will not ask again
	told   bool   // of the answer, in time, as far as is known
	kept   bool   // remembered

	timer *time.Timer // for when nobody asks any more; nil: there is none
}

// missing returns the handlers that have not succeeded.
func (run *run) missing() []string {
	return slices.DeleteFunc(slices.Clone(run.wanted), func(name string) bool { return slices.Contains(run.succeeded, name) })
}

// due returns those that are to be tried again: if a letter can be written, not those that rejected the event.
func (run *run) due(letters bool) []string {
	return slices.DeleteFunc(run.missing(), func(name string) bool { return letters && slices.Contains(run.rejected, name) })
}

// runs are the events on their way, by Key. Of events that repeat there may be several with the same.
type runs struct {
	byKey      map[string][]*run
	count      int // that are not over
	bytes      int // of their bodies
	remembered int
}

func newRuns() runs { return runs{byKey: map[string][]*run{}} }

// find returns the run of the same event. Events that repeat are taken for the same only if VOD waits no longer for the
// earlier one: it does not try again before that.
func (t *runs) find(key string, repeats bool) *run {
	for _, run := range t.byKey[key] {
		if !repeats || run.open == 0 {
			return run
		}
	}
	return nil
}

// fits reports whether there is room for one more.
func (t *runs) fits(e events.Event) bool {
	return t.count < maxRuns && t.bytes+cap(e.Raw) <= maxRunBytes
}

func (t *runs) add(key string, e events.Event, wanted []string) *run {
	run := &run{
		key: key, event: e, repeats: e.Repeats(), wanted: wanted, size: cap(e.Raw), arrived: time.Now(), answer: make(answer),
	}
	if run.repeats {
		run.event.Handle = "callback-" + rand.Text() // to tell it from the others with this Key
	}
	t.byKey[key] = append(t.byKey[key], run)
	t.count++
	t.bytes += run.size
	return run
}

// end takes an event out of the count. Its body may go.
func (t *runs) end(run *run) {
	run.over = true
	run.event = events.Event{}
	t.count--
	t.bytes -= run.size
}

func (t *runs) remove(gone *run) {
	t.byKey[gone.key] = slices.DeleteFunc(t.byKey[gone.key], func(run *run) bool { return run == gone })
	if len(t.byKey[gone.key]) == 0 {
		delete(t.byKey, gone.key)
	}
}

// remember keeps one that is over until it is forgotten.
func (t *runs) remember(run *run) {
	run.kept = true
	t.remembered++
}

// forget undoes what was to happen if no request had come.
func (t *runs) forget(run *run) {
	if run.timer != nil {
		run.timer.Stop()
		run.timer = nil
	}
	if run.kept {
		run.kept = false
		t.remembered--
	}
}
