package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// Name is that of the handler that stores events: what logs and metrics call it.
const Name = "inbox"

// Options are the settings of an Inbox. The zero value of each field but URL is its default.
type Options struct {
	// URL says where events are stored: sqlite:///path/to/a/file, which only one process at a time may use, or
	// postgres://user:password@host/database, for any number of them. Required.
	URL string

	// Keep is for how long what is done stays, to be looked at, and so that it is known if VOD hands it out again: 24 h.
	Keep time.Duration

	// Window is for how long a handler may take for one event, with all its tries: 1 h. Its context ends a sixth of it earlier.
	Window time.Duration

	// Concurrency is how many events each handler is given at once: 64.
	Concurrency int

	// MaxBytes bounds the bodies of the events that are being handled: 64 MiB, shared by the handlers.
	MaxBytes int

	// StopGrace is how long handlers may go on after a stop was asked for: 20 s. What they have not finished by then waits
	// for the next process.
	StopGrace time.Duration

	// Attempts and After say when an event is given up: see [worker.DeadLetters]. The letters stay in the same database until
	// they are purged. Attempts 0: for no number of failures. After 0: 72 h.
	Attempts int
	After    time.Duration

	// Log is silent by default.
	Log zerolog.Logger

	// Hooks tell what becomes of events behind the inbox. Those that speak of calls of the API tell nothing.
	Hooks worker.Hooks
}

func (o Options) withDefaults() (Options, error) {
	defaults := worker.Defaults()
	o.Keep = cmp.Or(o.Keep, 24*time.Hour)
	o.Window = cmp.Or(o.Window, time.Hour)
	o.Concurrency = cmp.Or(o.Concurrency, defaults.Concurrency)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaults.MaxBytes)
	o.StopGrace = cmp.Or(o.StopGrace, defaults.StopGrace)
	if o.Keep < 0 {
		return o, fmt.Errorf("keep is %v: it must not be negative", o.Keep)
	}
	return o, nil
}

// An Inbox stores events, and hands them to handlers for as long as these take. Open it with [Open], have a [worker.Worker],
// or a receiver of callbacks, store into it by its [Inbox.Handler], run it, and close it when all who store into it have
// ended.
type Inbox struct {
	opts    Options
	router  *worker.Router
	hub     *hub
	workers []*worker.Worker // one for each handler, as the hub's keepers
	house   house
	closed  sync.Once
	running bool // a Run or Drain goes on; under the hub's mu
}

// Open opens the inbox of these handlers, and makes its tables if they are not there. It fails if there is no handler, if
// [worker.NewRouter] would fail, if one is named as the inbox is, if the options are wrong, if the database can't be reached,
// and if another process has the file of a SQLite one.
func Open(ctx context.Context, handlers []worker.Handler, o Options) (*Inbox, error) {
	i, err := prepare(handlers, o)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, o.URL, store.Options{})
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	if err := i.start(ctx, st); err != nil {
		return nil, fmt.Errorf("open the inbox: %w", errors.Join(err, st.Close()))
	}
	return i, nil
}

// prepare makes all that needs no database.
func prepare(handlers []worker.Handler, o Options) (*Inbox, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(handlers) == 0 {
		return nil, errors.New("no handler: nothing would be stored")
	}
	if slices.ContainsFunc(handlers, func(h worker.Handler) bool { return h.Name == Name }) {
		return nil, fmt.Errorf("a handler is named %q, as the inbox itself is: give it another name", Name)
	}
	i := &Inbox{opts: o, hub: newHub(o.Log, o.Hooks)}
	if i.router, err = worker.NewRouter(handlers); err != nil {
		return nil, err
	}
	for _, h := range handlers {
		k := &keeper{hub: i.hub, handler: h, most: o.Concurrency, ripe: true, out: map[string]*run{}}
		w, err := worker.New(k, []worker.Handler{k.inner()}, i.workerOptions(k, max(1, o.MaxBytes/len(handlers))))
		if err != nil {
			return nil, err
		}
		i.hub.keepers = append(i.hub.keepers, k)
		i.workers = append(i.workers, w)
	}
	return i, nil
}

// workerOptions are those of a handler's worker. What it pulls and confirms are turns, which nobody counts, and which gather by
// themselves what comes while one goes on.
func (i *Inbox) workerOptions(k *keeper, maxBytes int) *worker.Options {
	const often, soon = 10_000, time.Millisecond
	limiter, _ := worker.NewLimiter(often)
	o := i.opts
	return &worker.Options{
		Concurrency: o.Concurrency, MaxBytes: maxBytes, StopGrace: o.StopGrace, Window: o.Window, Linger: soon, Limiter: limiter,
		DeadLetters: &worker.DeadLetters{Attempts: o.Attempts, After: o.After, Write: k.bury},
		Log:         o.Log, Hooks: k.told(o.Hooks),
	}
}

// start begins to make turns, in a store that Close will close.
func (i *Inbox) start(ctx context.Context, st store.Store) error {
	i.hub.store = st
	if err := i.hub.join(ctx); err != nil {
		return err
	}
	go i.hub.loop()
	i.house.begin(st, i.router, i.opts)
	return nil
}

// Handler returns the handler that stores the events which a handler of the inbox wants. It returns when they lie in the
// database. Its errors are [worker.Unreachable]: whatever keeps them from being stored is not theirs.
func (i *Inbox) Handler() worker.Handler {
	return worker.Handler{Name: Name, Behind: i.router, Handle: func(ctx context.Context, e events.Event) error {
		wanted := i.router.Match(e)
		if len(wanted) == 0 {
			return nil
		}
		if err := i.hub.keep(ctx, toStore(e, wanted)); err != nil {
			return worker.Unreachable(fmt.Errorf("store in the inbox: %w", err))
		}
		return nil
	}}
}

// DeadLetters are for a Worker, or a receiver, that stores into the inbox: what it gives up is written here, as what handlers
// behind the inbox give up.
func (i *Inbox) DeadLetters() *worker.DeadLetters {
	return &worker.DeadLetters{Attempts: i.opts.Attempts, After: i.opts.After, Write: i.write}
}

// Run hands out what is stored until ctx ends, then lets handlers go on for StopGrace. It returns nil after such a stop. One
// Run or Drain can go on at a time.
func (i *Inbox) Run(ctx context.Context) error {
	_, err := i.each(ctx, false, func(w *worker.Worker) (worker.Summary, error) { return worker.Summary{}, w.Run(ctx) })
	return err
}

// Drain hands out what is stored until nothing is left that may be handed out now, and returns what became of it. What
// another process is handling is not waited for. What failed before, and must not be tried again yet, is Failed too. The limits
// of o are each handler's. Its error wraps [worker.ErrUnavailable] if the database is away for too long.
func (i *Inbox) Drain(ctx context.Context, o worker.DrainOptions) (worker.Summary, error) {
	sum, err := i.each(ctx, true, func(w *worker.Worker) (worker.Summary, error) { return w.Drain(ctx, o) })
	if err == nil && i.house.count(context.WithoutCancel(ctx)) {
		sum.Failed = max(sum.Failed, i.house.rest())
	}
	return sum, err
}

// A work is what a worker is to do.
type work func(*worker.Worker) (worker.Summary, error)

// each has all workers work side by side, and sums up what they did.
func (i *Inbox) each(ctx context.Context, draining bool, work work) (sum worker.Summary, err error) {
	i.hub.mu.Lock()
	if i.running {
		i.hub.mu.Unlock()
		return sum, errors.New("this inbox is running already")
	}
	i.running = true
	for _, k := range i.hub.keepers {
		k.signal, k.draining, k.down = ctx, draining, false
	}
	i.hub.mu.Unlock()
	defer i.ended()
	var working sync.WaitGroup
	var mu sync.Mutex
	for _, w := range i.workers {
		working.Go(func() {
			did, failed := work(w)
			mu.Lock()
			defer mu.Unlock()
			sum, err = add(sum, did), errors.Join(err, failed)
		})
	}
	working.Wait()
	return sum, err
}

// ended ends a Run or Drain.
func (i *Inbox) ended() {
	i.hub.mu.Lock()
	defer i.hub.mu.Unlock()
	i.running = false
	for _, k := range i.hub.keepers {
		k.round++
		k.giveAllBack()
	}
}

func add(a, b worker.Summary) worker.Summary {
	a.Pulled += b.Pulled
	a.Handled += b.Handled
	a.Unmatched += b.Unmatched
	a.Confirmed += b.Confirmed
	a.Failed += b.Failed
	a.Left += b.Left
	a.DeadLettered += b.DeadLettered
	a.Abandoned += b.Abandoned
	a.Dropped += b.Dropped
	a.Unconfirmed += b.Unconfirmed
	a.Down = append(a.Down, b.Down...)
	a.Limited = a.Limited || b.Limited
	return a
}

// Contents are what lies in it, to be looked at until Close. They must not be closed.
func (i *Inbox) Contents() *Contents { return &Contents{i.hub.store} }

// Close writes what handlers have finished, for 5 s at most, and gives back what they have not. Nothing may be stored any more.
// Status then tells what is left.
func (i *Inbox) Close() (err error) {
	i.closed.Do(func() {
		i.house.end()
		i.hub.close()
		if i.hub.failing == nil { // nobody else has the hub now
			ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
			i.house.count(ctx)
			cancel()
		}
		err = i.hub.store.Close()
	})
	return err
}
