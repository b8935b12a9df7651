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

var onlyCompany = flag.String("company", "", "")
var companies = flag.Int("companies", 0, "how many seeds of each surrounding to simulate")

// A company is what surrounds a handler for some hours: how much comes, by how many it is handled, and what fails.
type company struct {
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
func (c company) run(t *testing.T, seed uint64, lasts time.Duration) (innocent []string, poison []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &crowd{
			company: c, begin: time.Now(), dice: rand.New(rand.NewPCG(seed, 1)),
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
		arrivals := rand.New(rand.NewPCG(seed, 2))
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
			case number >= c.poison && given:
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

// isKilled is a receiver which one event kills, and which needs 10 s to start again.
func isKilled(c *crowd, _ string, number int) error {
	if number == 7 {
		c.killed = time.Now()
	}
	if time.Since(c.killed) < 10*time.Second {
		return errAnswer
	}
	return nil
}

func TestSimulationOfCompanies(t *testing.T) {
	seeds := max(1, *companies)
	only := *onlyCompany
	began := time.Now()
	for name, fails := range map[string]func(*crowd, string, int) error{
		"flaps": flaps, "tenant": refusesATenantInThree, "500": answers500, "unreached": isNotReached, "killed": isKilled,
	} {
		for _, replicas := range []int{1, 3, 10} {
			for _, perHour := range []float64{2, 10, 60, 600} {
				var bad []string
				if only != "" && only != fmt.Sprintf("%s/%d/%v", name, replicas, perHour) {
					continue
				}
				for seed := range uint64(seeds) {
					c := company{replicas: replicas, perHour: perHour, tries: []int{1, 3}[seed%2], lasts: 3 * time.Hour, fails: fails,
						lag: time.Duration(seed%3) * time.Minute}
					innocent, _ := c.run(t, seed, 4*time.Hour)
					bad = append(bad, innocent...)
				}
				t.Logf("%v %s R%d %v/h: %d %s", time.Since(began).Round(time.Second), name, replicas, perHour, len(bad), strings.Join(bad, ", "))
			}
		}
	}
	for _, replicas := range []int{1, 3, 10} {
		for _, n := range []int{1, 5} {
			for _, perHour := range []float64{10, 10 * float64(replicas)} {
				var took []time.Duration
				if only != "" && only != fmt.Sprintf("poison%d/%d/%v", n, replicas, perHour) {
					continue
				}
				for seed := range uint64(seeds) {
					c := company{replicas: replicas, perHour: perHour, tries: 1, poison: n, lag: time.Duration(seed%3) * time.Minute}
					_, p := c.run(t, seed, 3*time.Hour)
					for _, d := range p {
						took = append(took, d.Round(time.Minute))
					}
				}
				t.Logf("poison %d R%d %v/h: %v", n, replicas, perHour, took)
			}
		}
	}
}
