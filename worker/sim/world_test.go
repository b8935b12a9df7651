package sim_test

import (
	"slices"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A world is one run of a plan: replicas, which come and go, on one emulator. It lives in a bubble.
type world struct {
	plan     *plan
	broken   breakage
	emulator *vodtest.Emulator
	depot    *depot          // nil: handlers get events as they are pulled
	limiter  *worker.Limiter // shared by the replicas; nil if each has its own
	begin    time.Time
	finish   chan struct{}
	ghosts   sync.WaitGroup // of killed processes

	mu      sync.Mutex // guards the rest
	history []entry
	lives   []*life
	current []*life // of each replica; nil while it has none
	runs    map[[2]int]int
	numbers map[string]int  // of events, by the handles that anybody was given
	buried  map[[2]int]bool // event and the handler that is missing, of dead letters
	restAt  time.Duration   // when all was confirmed
}

const (
	patience = time.Hour // after the chaos, for all events to be confirmed
	quiet    = time.Minute
)

func newWorld(p *plan, broken breakage) *world {
	w := &world{
		plan:    p,
		broken:  broken,
		begin:   time.Now(),
		finish:  make(chan struct{}),
		current: make([]*life, len(p.concurrency)),
		runs:    map[[2]int]int{},
		numbers: map[string]int{},
		buried:  map[[2]int]bool{},
	}
	config := p.emulator
	config.Observe = func(call vodtest.Call) {
		if len(call.Confirmed) > 0 {
			w.record(entry{life: -1, what: removed, handles: call.Confirmed, events: w.numbersOf(call.Confirmed)})
		}
	}
	w.emulator = vodtest.New(config)
	if p.sharedLimiter {
		w.limiter, _ = worker.NewLimiter(p.rate)
	}
	return w
}

func (w *world) now() time.Duration { return time.Since(w.begin) }

func (w *world) send(content []byte) {
	if err := w.emulator.Send(0, content); err != nil {
		panic(err)
	}
}

// run lets everything happen: the chaos, coming to rest, a while of rest, and the end.
func (w *world) run() {
	var replicas sync.WaitGroup
	for i := range w.current {
		replicas.Go(func() { w.supervise(i) })
	}
	for _, s := range w.plan.steps {
		time.Sleep(s.at - w.now())
		s.do(w)
		if w.plan.dice.of("sample", int(s.at)).oneIn(4) {
			w.sample(sampled)
		}
	}
	time.Sleep(w.plan.chaos + 4*w.plan.window - w.now()) // by then the last stubborn handler has returned
	for w.now() < w.plan.chaos+patience && !w.atRest() {
		time.Sleep(5 * time.Second)
	}
	w.restAt = w.now()
	time.Sleep(quiet)
	w.sample(rested)
	close(w.finish)
	replicas.Wait()
	w.ghosts.Wait()
	w.record(entry{life: -1, what: over, stats: w.emulator.Stats(0)})
}

// atRest asks the depot without w.mu, which the depot takes while it holds its own lock.
func (w *world) atRest() bool {
	w.mu.Lock()
	allLive := !slices.Contains(w.current, nil)
	w.mu.Unlock()
	s := w.emulator.Stats(0)
	return allLive && s.Waiting+s.InFlight == 0 && (w.depot == nil || w.depot.atRest())
}

// sample looks at the Status of each process.
func (w *world) sample(as what) {
	w.mu.Lock()
	current := slices.Clone(w.current)
	w.mu.Unlock()
	for _, l := range current {
		if l != nil {
			l.record(entry{what: as, status: l.status()})
		}
	}
}

func (w *world) setCurrent(replica int, l *life) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.current[replica] = l
}

func (w *world) isDead(life int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lives[life].dead
}

// countRun returns how often a handler was run for an event, by whomever, from 1.
func (w *world) countRun(handler, event int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	run := [2]int{handler, event}
	w.runs[run]++
	return w.runs[run]
}

func (w *world) numbersOf(handles []string) []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return numbersIn(w.numbers, handles)
}

// lastAt is when the last entry was made.
func (w *world) lastAt() time.Duration {
	if len(w.history) == 0 {
		return 0
	}
	return w.history[len(w.history)-1].at
}
