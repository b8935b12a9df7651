package sim_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

type handle = func(context.Context, events.Event) error

// A breakage makes a worker break a promise, from outside. Its zero value breaks none.
type breakage struct {
	source  func(l *life, next worker.Source) worker.Source
	handler func(l *life, next handle) handle
	letters func(l *life, next write) write
	keeper  func(next worker.Keeper) worker.Keeper
	returns func(l *life) // before Run returns
	status  func(s *worker.Status)
}

// enough is how many seeds it may take to find out.
const enough = 100

// TestTheCheckerSeesEachBrokenPromise proves that each rule can fail: that a green simulation says something.
func TestTheCheckerSeesEachBrokenPromise(t *testing.T) {
	tests := []struct {
		name   string
		rule   string
		broken breakage
	}{
		{"it confirms what it has only pulled", "calls: an event is confirmed only after its handlers have succeeded",
			breakage{source: confirmsAtOnce}},
		{"it takes a failure for a success", "calls: an event is confirmed only after its handlers have succeeded",
			breakage{handler: swallowsErrors}},
		{"it passes an event over", "calls: an event is confirmed only after its handlers have succeeded",
			breakage{handler: passesOver}},
		{"it never confirms", handledRule, breakage{source: neverConfirms}},
		{"it loses an event", handledRule, breakage{source: losesOne}},
		{"it sends dead handles", "calls: a handle is sent only in its own lease", breakage{source: confirmsLate}},
		{"it makes up handles", "calls: a handle is sent only in its own lease", breakage{source: makesUpHandles}},
		{"it sends too many handles", "calls: 1 to 16 handles, each once", breakage{source: repeatsHandles}},
		{"it sends no handle", "calls: 1 to 16 handles, each once", breakage{source: confirmsNothing}},
		{"it ignores the Limiter", rateRule, breakage{source: confirmsOften}},
		{"it pulls without slots", "calls: a poll has the slots for what it may bring", breakage{source: pullsBeside}},
		{"it gives its poll up at the stop", "calls: none is cut short before its time", breakage{source: dropsPollAtStop}},
		{"it polls while it stops", "calls: no poll begins after the stop", breakage{source: pullsAtStop}},
		{"its confirms wait for ever", "calls: confirming takes 5 s at most", breakage{source: confirmsForEver}},
		{"it starts events late", "handlers: none starts with too little time", breakage{handler: startsLate}},
		{"it cancels handlers at the stop", "handlers: the context ends with the handling time, and not before",
			breakage{handler: cancelsAtStop}},
		{"it tries too often", "handlers: no more at once than Concurrency, nor tries than asked for", breakage{handler: triesOn}},
		{"it runs a handler again", "handlers: none runs again after it has succeeded", breakage{handler: runsTwice}},
		{"it forgets what has succeeded", "handlers: none runs again after it has succeeded", breakage{source: disguises}},
		{"it gives events up too early", "dead letters: only what its handlers have given up", breakage{handler: givesUp}},
		{"it loses dead letters", "calls: an event is confirmed only after its handlers have succeeded", breakage{letters: losesLetters}},
		{"it runs a handler beside itself", "handlers: an event does not run beside itself when its lease is over",
			breakage{source: disguises}},
		{"it calls the wrong handler", "handlers: an event goes to those that want it", breakage{source: mixesUp}},
		{"it stops too slowly", "stop: within its bound", breakage{returns: func(*life) { time.Sleep(time.Minute) }}},
		{"it miscounts", "status: the counts add up", breakage{status: func(s *worker.Status) { s.Failed-- }}},
		{"it does not rest", "rest: nothing is left, and nothing hurries", breakage{status: func(s *worker.Status) { s.Stuck++ }}},
		{"it leaves a goroutine behind", leakRule, breakage{returns: func(*life) { go func() { select {} }() }}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantBroken(t, simulate, test.broken, test.rule) })
	}
}

// wantBroken fails unless a breakage breaks a rule within enough seeds.
func wantBroken(t *testing.T, simulate func(*testing.T, uint64, breakage) (*world, []violation), broken breakage, rule string) {
	t.Parallel()
	for seed := uint64(1); seed <= enough; seed++ {
		_, violations := simulate(t, seed, broken)
		if slices.ContainsFunc(violations, func(v violation) bool { return v.rule == rule }) {
			return
		}
	}
	t.Errorf("%d seeds did not break %q", enough, rule)
}
