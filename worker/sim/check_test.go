package sim_test

import (
	"fmt"
	"time"
)

// A violation is a rule that was broken.
type violation struct {
	rule  string
	why   string
	at    time.Duration
	life  string
	event int // -1: none in particular
}

func (v violation) String() string {
	return fmt.Sprintf("%s: %s (process %s, at %v)", v.rule, v.why, v.life, v.at)
}

// A rule looks at each entry, knowing what came before it, and says why the entry breaks it, and about which event.
type rule struct {
	name   string
	broken func(p *process, e *entry) (why string, event int)
}

var rules = []rule{
	{"calls: 1 to 16 handles, each once", handleCount},
	{"calls: a handle is sent only in its own lease", handleAlive},
	{"calls: an event is confirmed only after its handlers have succeeded", confirmedAfterSuccess},
	{"calls: a poll has the slots for what it may bring", slotsBeforePolls},
	{"calls: no poll begins after the stop", noPollAfterStop},
	{"calls: none is cut short before its time", callsLast},
	{"calls: confirming takes 5 s at most", confirmsEnd},
	{"dead letters: only what its handlers have given up", buriedIfSpent},
	{"handlers: an event goes to those that want it", wantedOnly},
	{"handlers: none starts with too little time", startInTime},
	{"handlers: the context ends with the handling time, and not before", contextEnds},
	{"handlers: none runs again after it has succeeded", notAgain},
	{"handlers: an event does not run beside itself when its lease is over", notBesideItself},
	{"handlers: no more at once than Concurrency, nor tries than asked for", bounded},
	{"stop: within its bound", stopBound},
	{"status: the counts add up", countsAddUp},
	{"rest: nothing is left, and nothing hurries", atRest},
}

const (
	rateRule    = "calls: no more in a second than the Limiter admits"
	handledRule = "rest: every event was handled by all that want it"
	leakRule    = "rest: no goroutine is left"
)

// check returns what was broken, once for each rule, in the order in which it happened.
func (w *world) check() (violations []violation) {
	seen := map[string]bool{}
	report := func(v violation) {
		if !seen[v.rule] {
			seen[v.rule] = true
			violations = append(violations, v)
		}
	}
	processes := make([]*process, len(w.lives))
	for i, l := range w.lives {
		processes[i] = newProcess(w, l)
	}
	rates := rates{}
	for i := range w.history {
		e := &w.history[i]
		if e.life < 0 {
			continue
		}
		p := processes[e.life]
		for _, r := range rules {
			if why, event := r.broken(p, e); why != "" {
				report(violation{r.name, why, e.at, p.life.name, event})
			}
		}
		if why := rates.add(p, e); why != "" {
			report(violation{rateRule, why, e.at, p.life.name, -1})
		}
		p.apply(e)
	}
	if why, event := w.allHandled(processes); why != "" {
		report(violation{handledRule, why, w.lastAt(), "-", event})
	}
	return violations
}
