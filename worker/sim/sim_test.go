package sim_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// One seed decides everything that goes wrong. What it does not decide is the order of what happens in the same
// nanosecond, and the jitter of the engine's pauses; so a seed that fails may need a few runs to fail again:
//
//	go test ./worker/sim -run TestSimulation -seed=12345 -count=20
var (
	oneSeed = flag.Uint64("seed", 0, "run only this seed, and tell its story if it fails")
	seeds   = flag.Int("seeds", 100, "how many seeds to run")
	chaos   = flag.Duration("chaos", 0, "how long things go wrong in each; 0: 20 s to 1 h, as the seed says")
	first   = flag.Uint64("first", 1, "the first of them")
)

// TestSimulation runs workers against an emulated API in a time that takes no time, lets go wrong whatever may, and
// checks that every event comes to its end as promised.
func TestSimulation(t *testing.T) { runSeeds(t, runSeed) }

// runSeeds runs those that the flags choose.
func runSeeds(t *testing.T, run func(t *testing.T, seed uint64) (kept bool)) {
	if *oneSeed > 0 {
		run(t, *oneSeed)
		return
	}
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		t.Run(fmt.Sprint("part ", part+1), func(t *testing.T) {
			t.Parallel()
			failed := 0
			for i := part; i < *seeds && failed < 3; i += parts {
				if !run(t, *first+uint64(i)) {
					failed++
				}
			}
		})
	}
}

func runSeed(t *testing.T, seed uint64) bool {
	if testing.Verbose() {
		t.Log("seed ", seed) // in time: a panic of the engine ends everything
	}
	w, violations := simulate(t, seed, breakage{})
	if len(violations) == 0 {
		return true
	}
	var text strings.Builder
	fmt.Fprintf(&text, "go test ./worker/sim -run TestSimulation -seed=%d\n", seed)
	for _, v := range violations {
		fmt.Fprintf(&text, "\n%v\n", v)
		if v.event >= 0 {
			event := w.plan.events[v.event]
			fmt.Fprintf(&text, "\tevent %d: %s, %d copies\n", v.event, event.content, event.copies)
			text.WriteString(w.story(v.event))
		}
	}
	t.Error(text.String())
	return false
}

// simulate runs one seed, perhaps with a worker that was broken on purpose, and returns what it did wrong.
func simulate(t *testing.T, seed uint64, broken breakage) (w *world, violations []violation) {
	defer func() {
		// A bubble that can't end panics. So does the engine, but in a goroutine of its own.
		if problem := recover(); problem != nil {
			violations = append(violations, violation{leakRule, fmt.Sprint(problem), w.lastAt(), "-", -1})
		}
	}()
	p := newPlan(seed)
	synctest.Test(t, func(*testing.T) {
		w = newWorld(p, broken)
		w.run()
	})
	return w, w.check()
}
