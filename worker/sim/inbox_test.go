package sim_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vodworker/vodworker/worker"
)

// TestSimulationOfAnInbox is TestSimulation with an inbox between VOD and the handlers. It takes the same flags.
func TestSimulationOfAnInbox(t *testing.T) { runSeeds(t, runInboxSeed) }

func runInboxSeed(t *testing.T, seed uint64) bool {
	w, violations := simulateInbox(t, seed, breakage{})
	for _, v := range violations {
		story := ""
		if v.event >= 0 {
			event := w.plan.events[v.event]
			story = fmt.Sprintf("\tevent %d: %s, %d copies\n%s", v.event, event.content, event.copies, w.story(v.event))
		}
		t.Errorf("go test ./worker/sim -run TestSimulationOfAnInbox -seed=%d\n\n%v\n%s", seed, v, story)
	}
	return len(violations) == 0
}

// simulateInbox runs one seed, perhaps with a worker that was broken on purpose, and returns what it did wrong.
func simulateInbox(t *testing.T, seed uint64, broken breakage) (w *world, violations []violation) {
	defer func() {
		if problem := recover(); problem != nil {
			violations = append(violations, violation{leakRule, fmt.Sprint(problem), w.lastAt(), "-", -1})
		}
	}()
	p := newPlan(seed)
	synctest.Test(t, func(*testing.T) {
		w = newWorld(p, broken)
		w.depot = newDepot(w)
		w.run()
	})
	return w, w.checkInbox()
}

const (
	storedRule  = "inbox: nothing is confirmed before it is stored"
	onceRule    = "inbox: nothing runs twice but what ran, or was not written, when its process was gone"
	besideRule  = "inbox: nothing runs beside itself"
	endsRule    = "inbox: each event that is handed out is ended once, and its failures are kept"
	allRule     = "inbox: every event is handled by all that want it, or given up by the rules"
	wantedRule  = "inbox: an event goes to those that want it"
	boundedRule = "inbox: no more at once than Concurrency"
)

// A course is what has happened to an event for one handler.
type course struct {
	runs, wins        int
	fails, crashes    int
	permanent         bool
	run               *entry // the last one's begin
	goesOn, succeeded bool   // it does, or has
	failed            bool   // it has, and by itself
	excused           bool   // it was given back since
	written           bool
}

// An inboxCheck goes through the history.
type inboxCheck struct {
	*world
	seen       map[string]bool
	violations []violation
	courses    map[*byte][]*course // by where the event's content is, and handler
	stored     map[string]bool     // handles
	events     map[int]bool        // that are stored, or have letters
	stopping   map[int]bool        // lives
	busy       map[[2]int]int      // by life and handler
}

func (w *world) checkInbox() []violation {
	c := &inboxCheck{
		world: w, seen: map[string]bool{}, courses: map[*byte][]*course{}, stored: map[string]bool{}, events: map[int]bool{},
		stopping: map[int]bool{}, busy: map[[2]int]int{},
	}
	for _, j := range w.depot.jobs {
		c.courses[&j.event.Raw[0]] = nil
	}
	for raw := range c.courses {
		for range w.plan.handlers {
			c.courses[raw] = append(c.courses[raw], &course{})
		}
	}
	for i := range w.history {
		c.look(&w.history[i])
	}
	c.lookAtEnd()
	return c.violations
}

func (c *inboxCheck) report(rule string, e *entry, event int, why string, args ...any) {
	if !c.seen[rule] {
		c.seen[rule] = true
		c.violations = append(c.violations, violation{rule, fmt.Sprintf(why, args...), e.at, c.lifeName(e.life), event})
	}
}

func (c *inboxCheck) look(e *entry) {
	switch e.what {
	case stored:
		c.stored[e.handle], c.events[e.event] = true, true
	case buried:
		c.stored[e.handle], c.events[e.event] = true, true
	case confirming:
		for i, number := range e.events {
			if number < 0 {
				continue
			}
			event := c.plan.events[number]
			if (event.wants() > 0 || c.plan.unmatched == worker.UnmatchedDeadLetter) && !c.events[number] ||
				event.wants() > 0 && event.repeats && !c.stored[e.handles[i]] {
				c.report(storedRule, e, number, "…%s is not", tail(e.handles[i]))
			}
		}
	case begins:
		c.begin(e)
	case ends:
		c.end(e)
	case written:
		c.courses[e.raw][e.handler].written = true
	case givenBack:
		course := c.courses[e.raw][e.handler]
		course.excused, course.failed = true, false
		course.crashes++
	case taken:
		c.courses[e.raw][e.handler].failed = false
	case resting:
		if course := c.courses[e.raw][e.handler]; course.failed && course.run.life == e.life && !c.stopping[e.life] {
			c.report(endsRule, e, e.event, "handler %d has failed, and nothing is known of it", e.handler)
		}
	case stop:
		c.stopping[e.life] = true
	case wrong:
		c.report(endsRule, e, e.event, "%v", e.err)
	}
}

func (c *inboxCheck) begin(e *entry) {
	all := c.courses[e.raw]
	if all == nil || !c.plan.events[e.event].wanted[e.handler] {
		c.report(wantedRule, e, e.event, "handler %d does not, or nobody has stored it", e.handler)
		return
	}
	course := all[e.handler]
	name := c.plan.handlers[e.handler].name
	switch {
	case course.written:
		c.report(onceRule, e, e.event, "handler %s had succeeded, and that was written", name)
	case course.succeeded && !course.excused:
		c.report(onceRule, e, e.event, "handler %s had succeeded in process %s", name, c.lifeName(course.run.life))
	case course.goesOn && !course.excused:
		c.report(besideRule, e, e.event, "handler %s still ran in process %s", name, c.lifeName(course.run.life))
	}
	course.runs++
	course.run, course.goesOn, course.succeeded, course.excused = e, true, false, false
	if c.busy[[2]int{e.life, e.handler}]++; c.busy[[2]int{e.life, e.handler}] > c.lives[e.life].concurrency {
		c.report(boundedRule, e, e.event, "%d of handler %s", c.busy[[2]int{e.life, e.handler}], name)
	}
}

func (c *inboxCheck) end(e *entry) {
	c.busy[[2]int{e.life, e.handler}]--
	if c.courses[e.raw] == nil {
		return
	}
	course := c.courses[e.raw][e.handler]
	last := course.run.life == e.life && course.run.call == e.call
	course.goesOn = course.goesOn && !last
	course.failed = last && e.err == errHandler && !e.cut && !course.excused
	if e.err != nil {
		course.fails++
		course.permanent = course.permanent || e.permanent
		return
	}
	course.wins++
	course.succeeded = course.succeeded || last // else somebody has begun another run
}

func (c *inboxCheck) failuresOfAlike(number, handler int) (fails int, permanent bool) {
	for _, j := range c.depot.jobs {
		if course := c.courses[&j.event.Raw[0]][handler]; numberOf(j.event) == number && c.plan.handlerNumber(j.handler) == handler {
			fails, permanent = fails+course.fails, permanent || course.permanent
		}
	}
	return fails, permanent
}

// lookAtEnd sees to it that all came to its end.
func (c *inboxCheck) lookAtEnd() {
	last := &c.history[len(c.history)-1]
	for _, j := range c.depot.jobs {
		number := numberOf(j.event)
		course := *c.courses[&j.event.Raw[0]][c.plan.handlerNumber(j.handler)]
		if j.event.Repeats() { // those that say the same are given up as one
			course.fails, course.permanent = c.failuresOfAlike(number, c.plan.handlerNumber(j.handler))
		}
		var why error
		switch {
		case j.state == finished && course.wins == 0:
			why = errors.New("it is done, and has not succeeded")
		case j.state == finished:
		case j.state != dead:
			why = fmt.Errorf("it is %d still, after %d runs", j.state, course.runs)
		case j.reason == worker.ReasonAttempts && course.fails >= c.plan.attempts && c.plan.attempts > 0:
		case j.reason == worker.ReasonPermanent && course.permanent:
		case j.reason == worker.ReasonCrashes && course.crashes >= crashes:
		default:
			why = fmt.Errorf("it was given up for %q after %d failures and %d crashes", j.reason, course.fails, course.crashes)
		}
		if why != nil {
			c.report(allRule, last, number, "handler %s: %v", j.handler, why)
		}
	}
	for number := range c.plan.events {
		if !c.events[number] && c.plan.events[number].wants() > 0 {
			c.report(allRule, last, number, "it was never stored")
		}
	}
	if s := last.stats; s.Confirmed != s.Sent || s.Waiting+s.InFlight > 0 {
		c.report(allRule, last, -1, "the emulator has %s", strings.TrimSpace(fmt.Sprintf("%+v", s)))
	}
}
