package sim_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

var manyCompanies = flag.Int("companies", 0, "how many seeds of each surrounding to simulate, in all sizes; 0: one small one")

// A company is what surrounds a handler for some hours: how much comes, by how many it is handled, and what fails.
type company struct {
	seed     uint64
	replicas int
	lag      time.Duration // by which the queue hands out late
	perHour  float64
	tries    int
	lasts    time.Duration // the outage; after it only the poison fails
	poison   int           // events of one batch that nothing can handle
	fails    func(c *crowd, file string, number int) error
}

// A crowd is one run of a company.
type crowd struct {
	company
	*vodtest.Emulator
	begin time.Time

	mu       sync.Mutex
	dice     *rand.Rand
	number   map[string]int // of a file, by arrival
	arrived  map[string]time.Time
	lettered map[string]time.Time
	killed   time.Time // when the killer last did it
}

var errAnswer = errors.New("the server answered 500")

func (c *crowd) handle(_ context.Context, e events.Event) error {
	c.mu.Lock()
	file := e.FileID()
	number := c.number[file]
	took := time.Duration(10+c.dice.IntN(200)) * time.Millisecond
	c.mu.Unlock()
	time.Sleep(took)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case number < c.poison:
		return errAnswer
	case time.Since(c.begin) < c.lasts:
		return c.fails(c, file, number)
	}
	return nil
}

func (c *crowd) write(_ context.Context, letter worker.DeadLetter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lettered[letter.Event.FileID()] = time.Now()
	return nil
}

func (c *crowd) upload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	file := c.Upload(0, "a.mp4")
	c.number[file], c.arrived[file] = len(c.number), time.Now()
}

// run lets the company be for so long, and returns the events that were given up though others were to blame; and how long
// the poison took to be given up, 0 if it was not.
func (c company) run(t *testing.T, lasts time.Duration) (innocent []string, poison []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &crowd{
			company: c, begin: time.Now(), dice: rand.New(rand.NewPCG(c.seed, 1)),
			Emulator: vodtest.New(vodtest.Config{Window: 30*time.Second + c.lag, RoundTrip: 20 * time.Millisecond}),
			number:   map[string]int{}, arrived: map[string]time.Time{}, lettered: map[string]time.Time{},
		}
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		defer cancel()
		for range c.poison {
			w.upload()
		}
		var running sync.WaitGroup
		for range c.replicas {
			r, err := worker.New(emulated.Queue{Emulator: w.Emulator}, []worker.Handler{{
				Name: "h", Handle: w.handle, Retry: worker.Retry{Tries: c.tries},
			}}, &worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, Write: w.write}})
			if err != nil {
				t.Fatal(err)
			}
			running.Go(func() { _ = r.Run(ctx) })
		}
		arrivals := rand.New(rand.NewPCG(c.seed, 2))
		for ctx.Err() == nil {
			timer := time.NewTimer(time.Duration(arrivals.ExpFloat64() / c.perHour * float64(time.Hour)))
			select {
			case <-timer.C:
				w.upload()
			case <-ctx.Done():
			}
		}
		running.Wait()
		for file, number := range w.number {
			at, given := w.lettered[file]
			switch {
			case number >= c.poison && given && number != killer:
				innocent = append(innocent, fmt.Sprintf("number %d after %v", number, at.Sub(w.arrived[file]).Round(time.Second)))
			case number < c.poison && given:
				poison = append(poison, at.Sub(w.arrived[file]))
			case number < c.poison:
				poison = append(poison, 0)
			}
		}
	})
	return innocent, poison
}

func flaps(c *crowd, _ string, _ int) error {
	if c.dice.IntN(10) < 9 {
		return errAnswer
	}
	return nil
}

func refusesATenantInThree(_ *crowd, _ string, number int) error {
	if number*7919%3 == 0 {
		return errAnswer
	}
	return nil
}

func answers500(*crowd, string, int) error { return errAnswer }

func isNotReached(*crowd, string, int) error { return worker.Unreachable(errAnswer) }

const killer = 7

// isKilled is a receiver which one event kills, and which needs 10 s to start again.
func isKilled(c *crowd, _ string, number int) error {
	if number == killer {
		c.killed = time.Now()
	}
	if time.Since(c.killed) < 10*time.Second {
		return errAnswer
	}
	return nil
}

// surroundings are what may be the matter with a receiver for some hours, through no fault of an event's.
var surroundings = map[string]func(*crowd, string, int) error{
	"answers 500": answers500, "is not reached": isNotReached, "flaps": flaps, "refuses one tenant in three": refusesATenantInThree,
	"is killed by an event": isKilled,
}

func TestSimulationOfOutagesThatCostNoEvent(t *testing.T) {
	for name, fails := range surroundings {
		t.Run(name, func(t *testing.T) {
			for _, c := range companies(company{lasts: 3 * time.Hour, fails: fails}) {
				if name == "refuses one tenant in three" && (c.replicas > 3 || c.perHour < 60) {
					continue // who sees two or three of a tenant's events can't know that they are its only ones
				}
				if innocent, _ := c.run(t, c.lasts+time.Hour); len(innocent) > 0 {
					t.Errorf("%v: given up: %s", c, strings.Join(innocent, ", "))
				}
			}
		})
	}
}

func TestSimulationOfPoisonThatIsGivenUpInTwoHours(t *testing.T) {
	for _, n := range []int{1, 5} {
		for _, c := range companies(company{poison: n}) {
			c.perHour = 10 * float64(c.replicas)
			limit := 2 * time.Hour
			if n > 1 && c.replicas > 3 && c.lag > time.Minute {
				limit = 3 * time.Hour // each replica sees each of them every 25 minutes
			}
			innocent, took := c.run(t, 3*time.Hour)
			for _, d := range took {
				if d == 0 || d > limit {
					t.Errorf("%v, %d poisonous: given up after %v", c, n, took)
					break
				}
			}
			if len(innocent) > 0 {
				t.Errorf("%v: given up: %s", c, strings.Join(innocent, ", "))
			}
		}
	}
}

// A handler is down for five days. What VOD still has after three of them is written, before VOD drops it.
func TestSimulationOfFiveDaysDown(t *testing.T) {
	n, after := 1000, 90*time.Minute // as many windows as it takes to see it
	if *manyCompanies > 0 {
		n, after = 100_000, worker.DefaultAfter
	}
	synctest.Test(t, func(t *testing.T) {
		e := vodtest.New(vodtest.Config{RoundTrip: 20 * time.Millisecond})
		for range n {
			e.Upload(0, "a.mp4")
		}
		w, err := worker.New(emulated.Queue{Emulator: e}, []worker.Handler{{
			Name: "h", Handle: func(context.Context, events.Event) error { return errAnswer }, Retry: worker.Retry{Tries: 1},
		}}, &worker.Options{DeadLetters: &worker.DeadLetters{
			Attempts: 5, After: after, Write: func(context.Context, worker.DeadLetter) error { return nil },
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), after*5/3)
		defer cancel()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if s := e.Stats(0); s.Dropped > 0 || s.Confirmed != n || w.Status().DeadLettered != n {
			t.Errorf("%d of %d are written, VOD has dropped %d", w.Status().DeadLettered, n, s.Dropped)
		}
	})
}

// companies are c in all sizes, with so many seeds each, or in a small one.
func companies(c company) (all []company) {
	if *manyCompanies == 0 {
		c.replicas, c.perHour, c.tries, c.lasts = 1, 60, 1, min(c.lasts, time.Hour)
		return []company{c}
	}
	for _, c.replicas = range []int{1, 3, 10} {
		for _, c.perHour = range []float64{2, 10, 60} {
			for c.seed = range uint64(*manyCompanies) {
				c.tries, c.lag = []int{1, 3}[c.seed%2], time.Duration(c.seed%3)*time.Minute
				all = append(all, c)
			}
		}
	}
	return all
}

func (c company) String() string {
	return fmt.Sprintf("seed %d: %d replicas, lag %v, %v an hour, %d tries", c.seed, c.replicas, c.lag, c.perHour, c.tries)
}
