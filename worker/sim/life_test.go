package sim_test

import (
	"context"
	"fmt"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
)

// A life is one process of a replica: a Worker from its start to the end of Run, or until it is killed. A killed
// process does nothing any more that anybody could see: its calls break off, later ones go nowhere, and what its
// handlers return is lost. Its goroutines can't be ended from outside; they are stopped and come to their end unseen.
type life struct {
	world           *world
	replica, number int
	id              int // in world.lives
	name            string
	concurrency     int
	limiter         int // whose rate it shares
	worker          *worker.Worker
	asked           context.Context // ends when it is asked to stop
	cancel          context.CancelFunc
	death           context.Context
	die             context.CancelFunc

	// The world's lock guards these.
	dead    bool
	calls   map[string]int
	numbers map[string]int // of events, by handle
}

// begin starts a process. What Run returned comes on ended.
func (w *world) beginLife(replica, number int) (l *life, ended chan error) {
	p := w.plan
	l = &life{
		world: w, replica: replica, number: number,
		name:        fmt.Sprintf("%d.%d", replica+1, number+1),
		concurrency: p.concurrency[replica],
		calls:       map[string]int{},
		numbers:     map[string]int{},
	}
	l.asked, l.cancel = context.WithCancel(context.Background())
	l.death, l.die = context.WithCancel(context.Background())
	w.mu.Lock()
	l.id = len(w.lives)
	w.lives = append(w.lives, l)
	w.mu.Unlock()

	limiter := w.limiter
	if limiter == nil {
		limiter, _ = worker.NewLimiter(p.rate)
		l.limiter = l.id
	}
	var source worker.Source = spy{l, network{l, emulated.Queue{Emulator: w.emulator}}}
	if w.broken.source != nil {
		source = w.broken.source(l, source)
	}
	handlers := make([]worker.Handler, len(p.handlers))
	for i, h := range p.handlers {
		handlers[i] = worker.Handler{
			Name: h.name, Types: h.types, Timeout: h.timeout, Retry: worker.Retry{Tries: h.tries}, Handle: l.handle(i),
		}
		if w.broken.handler != nil {
			handlers[i].Handle = w.broken.handler(l, handlers[i].Handle)
		}
	}
	var run func(context.Context) error
	if w.depot != nil {
		handlers, run = l.behind(w.depot.open(l), handlers)
	}
	opts := &worker.Options{
		Concurrency: l.concurrency, StopGrace: p.stopGrace, Window: p.window, Linger: p.linger, Limiter: limiter,
		Unmatched: p.unmatched,
	}
	if p.attempts >= 0 {
		opts.DeadLetters = &worker.DeadLetters{Attempts: p.attempts, Write: l.write}
		if w.broken.letters != nil {
			opts.DeadLetters.Write = w.broken.letters(l, l.write)
		}
	}
	var err error
	l.worker, err = worker.New(source, handlers, opts)
	if err != nil {
		panic(err)
	}
	if run == nil {
		run = l.worker.Run
	}
	l.record(entry{what: born})
	ended = make(chan error, 1)
	go func() {
		err := run(l.asked)
		if w.broken.returns != nil {
			w.broken.returns(l)
		}
		l.record(entry{what: returned, err: err, status: l.status()})
		l.end()
		ended <- err
	}()
	return l, ended
}

// stop asks the process to end.
func (l *life) stop() {
	l.record(entry{what: stop})
	l.cancel()
}

// kill ends the process.
func (l *life) kill() {
	l.record(entry{what: killed})
	l.end()
	l.cancel()
}

func (l *life) end() {
	l.world.mu.Lock()
	l.dead = true
	l.world.mu.Unlock()
	l.die()
}

// whileAlive returns a context that ends with the process.
func (l *life) whileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(l.death, cancel)
	return ctx, func() { unhook(); cancel() }
}

func (l *life) record(e entry) bool {
	e.life = l.id
	return l.world.record(e)
}

func (l *life) status() worker.Status {
	s := l.worker.Status()
	if l.world.broken.status != nil {
		l.world.broken.status(&s)
	}
	return s
}

// countCall returns the number of a call, from 1.
func (l *life) countCall(what string) int {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	l.calls[what]++
	return l.calls[what]
}

func (l *life) learn(handles []string, numbers []int) {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	for i, handle := range handles {
		l.numbers[handle], l.world.numbers[handle] = numbers[i], numbers[i]
	}
}

// eventsOf returns the numbers of events, -1 for a handle that the process was never given.
func (l *life) eventsOf(handles []string) []int {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	return numbersIn(l.numbers, handles)
}

func numbersIn(known map[string]int, handles []string) []int {
	numbers := make([]int, len(handles))
	for i, handle := range handles {
		number, ok := known[handle]
		if !ok {
			number = -1
		}
		numbers[i] = number
	}
	return numbers
}
