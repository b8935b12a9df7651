package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	vodTries = 3                // that VOD makes for an event
	nextTry  = 30 * time.Second // after which none comes any more; nothing is documented

	// lateAnswer is how late a 200 may have come too late.
	lateAnswer = 4 * time.Second

	// rememberTime is how long an event that nobody, or too late, was told of is known to have been handled.
	rememberTime = time.Minute

	maxRuns       = 1024     // events at a time
	maxRunBytes   = 32 << 20 // of their bodies
	maxRemembered = 1024
	maxHeld       = 1024 // requests that wait for an answer
	maxKeys       = 4    // computed at a time
)

// A run is one event on its way: all the requests that VOD makes for it, and what its handlers have made of it. A pass is one
// time that the handlers run which have not succeeded yet; each request is worth one, up to vodTries. The Callback's lock
// guards a run.
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
	failed              Outcome // the last one

	settled  chan struct{} // closed once it is handled, or lies in the dead letters
	over     bool          // settled or lost
	last     bool          // VOD will not ask again
	answered bool          // in time, as far as is known
	kept     bool          // remembered

	timer *time.Timer // for when nobody asks any more
	turn  int         // counts requests: a timer that was set before the last one is void
}

// runs are the events on their way, by Key. Of events that repeat there may be several with the same.
type runs struct {
	byKey      map[string][]*run
	count      int // that are not over
	bytes      int
	held       int // requests
	working    int // passes, and letters that are being written
	remembered int
}

func newRuns() runs { return runs{byKey: map[string][]*run{}} }

// enter counts a request in, unless too many are held.
func (c *Callback) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs.held >= maxHeld {
		c.status.Overloaded++
		return false
	}
	c.status.Received++
	c.runs.held++
	return true
}

// join finds or begins the run that a request belongs to; nil if there is no room for it now, or no time. Then the request
// is held too: that is what makes VOD try again.
func (c *Callback) join(ctx context.Context, e events.Event) *run {
	wanted := c.router.Match(e)
	if len(wanted) == 0 && c.opts.Unmatched == UnmatchedConfirm {
		c.onUnmatched(e)
		return handledRun
	}
	key, ok := c.key(ctx, e)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.unlock()
	r := c.runs.find(key, e.Repeats())
	if r == nil && (c.stopping || c.runs.count >= maxRuns || c.runs.bytes+len(e.Raw) > maxRunBytes) {
		return c.turnAway(e)
	}
	if r == nil {
		r = c.runs.add(key, e, wanted)
	} else {
		c.status.Joined++
		c.runs.forget(r)
	}
	r.requests++
	r.open++
	r.turn++
	if !r.over && !r.passing && !r.burying && !c.stopping {
		c.begin(r)
	}
	return r
}

// key computes an event's Key, in turn.
func (c *Callback) key(ctx context.Context, e events.Event) (string, bool) {
	select {
	case c.keys <- struct{}{}:
		defer func() { <-c.keys }()
		return e.Key(), true
	case <-ctx.Done():
		return "", false
	}
}

// turnAway says that there is no room. The lock must be held.
func (c *Callback) turnAway(e events.Event) *run {
	if !c.stopping {
		c.status.Overloaded++
		count, bytes := c.runs.count, c.runs.bytes
		c.tell(func() {
			say.About(c.logs.overloaded.Warn(), e).Int("events", count).Int("bytes", bytes).
				Msg("no room for an event; it is not answered, so that it comes again")
		})
	}
	return nil
}

// find returns the run of the same event. Events that repeat are taken for the same only if VOD has given up on the
// earlier request: it does not try again before it has.
func (t *runs) find(key string, repeats bool) *run {
	for _, r := range t.byKey[key] {
		if !repeats || r.open == 0 {
			return r
		}
	}
	return nil
}

func (t *runs) add(key string, e events.Event, wanted []string) *run {
	r := &run{key: key, event: e, repeats: e.Repeats(), wanted: wanted, size: len(e.Raw), arrived: time.Now(), settled: make(chan struct{})}
	if r.repeats {
		r.event.Handle = "callback-" + rand.Text() // to tell it from the others with this Key
	}
	t.byKey[key] = append(t.byKey[key], r)
	t.count++
	t.bytes += r.size
	return r
}

// end takes an event out of the count. Its body may go.
func (t *runs) end(r *run) {
	r.over = true
	r.event = events.Event{}
	t.count--
	t.bytes -= r.size
}

func (t *runs) remove(r *run) {
	t.byKey[r.key] = slices.DeleteFunc(t.byKey[r.key], func(other *run) bool { return other == r })
	if len(t.byKey[r.key]) == 0 {
		delete(t.byKey, r.key)
	}
}

// forget undoes what was to happen if no request had come.
func (t *runs) forget(r *run) {
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.kept {
		r.kept = false
		t.remembered--
	}
}

// handledRun stands for an event that needs no handling.
var handledRun = func() *run {
	r := &run{settled: make(chan struct{})}
	close(r.settled)
	return r
}()

// wait waits until r is settled, and reports whether somebody is there to be told. There is no end to wait for if r is nil.
func (r *run) wait(hold, alive context.Context) bool {
	var settled chan struct{}
	if r != nil {
		settled = r.settled
	}
	select {
	case <-settled:
	case <-hold.Done():
	case <-alive.Done():
	}
	return r != nil && r.handled() && !errors.Is(hold.Err(), context.Canceled)
}

// leave takes a request off its run.
func (c *Callback) leave(r *run, answered bool, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answered {
		c.status.Answered++
	} else {
		c.status.Unanswered++
	}
	c.runs.held--
	c.tellShutdown()
	if r == nil || r == handledRun {
		return
	}
	r.open--
	// A new event may say the same as one that repeats: better run that twice than not at all.
	r.answered = r.answered || answered && (r.repeats || took < lateAnswer)
	c.rest(r)
}

// rest says what happens to a run that nobody waits for if nobody asks again.
func (c *Callback) rest(r *run) {
	switch {
	case r.open > 0:
	case r.handled() && !r.answered && c.runs.remembered < maxRemembered:
		c.after(r, rememberTime, func() { c.runs.forget(r); c.runs.remove(r) })
		r.kept = true
		c.runs.remembered++
	case r.over:
		c.runs.remove(r)
	case r.stuck && !r.burying, !r.passing && !r.burying:
		c.after(r, nextTry, func() { c.giveUp(r, ReasonNoRetry) })
	}
}

// handled reports whether requests are to be answered with 200.
func (r *run) handled() bool {
	select {
	case <-r.settled:
		return true
	default:
		return false
	}
}

// after calls then, with the lock held, unless a request comes first.
func (c *Callback) after(r *run, d time.Duration, then func()) {
	c.runs.forget(r)
	turn := r.turn
	r.timer = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.unlock()
		if turn == r.turn && !c.stopping {
			then()
		}
	})
}
