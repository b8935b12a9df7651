package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Options are the settings of a Worker. The zero value of each field is its default; [Defaults] tells them.
type Options struct {
	// SubAppID is the application whose queue the Source pulls, as hooks tell it. Give the number that the Source has; nothing
	// compares them. 0 is the default application.
	SubAppID uint64

	// Concurrency is how many events are handled at once: 64. Any number from 1 to MaxConcurrency works. Up to 16 more are
	// pulled ahead.
	Concurrency int

	// MaxBytes bounds the bodies of the events in flight: 64 MiB. The size of an answer can't be limited, so one answer may
	// exceed the bound once, and so may those under way when the first large event comes.
	MaxBytes int

	// StopGrace is how long handlers may go on after a stop was asked for: 20 s. Confirming what they finished
	// gets 5 s more, so the default stays under the 30 s that Kubernetes gives.
	StopGrace time.Duration

	// Window is how long VOD waits for a confirm: 30 s. Only an emulator has another, of 4 days at most: none keeps an event longer.
	Window time.Duration

	// Margin is the part of Window that is kept for confirming: a sixth of it, 5 s. The rest is handling time.
	Margin time.Duration

	// Linger is how long a handled event waits for others to be confirmed with it while more are being handled:
	// 100 ms. Where calls wait for the Limiter it waits behind them, up to Margin.
	Linger time.Duration

	// Unmatched is what becomes of events that no handler wants: UnmatchedConfirm by default.
	Unmatched Unmatched

	// DeadLetters, if not nil, is where events go that can't be handled. Without it nothing is given up: such an event
	// stays queued until VOD drops it after 4 days, and is tried less and less often.
	DeadLetters *DeadLetters

	// Limiter spaces the calls. Nil means one of its own at [DefaultRate]; share one between the workers of an
	// account.
	Limiter *Limiter

	// Log is silent by default.
	Log zerolog.Logger

	Hooks Hooks
}

// MaxConcurrency is more than an account can have in flight: 100 polls a second × 16 events × 30 s are 48,000.
const MaxConcurrency = 100_000

// Defaults are the numbers that stand for a zero in Options: the same in a configuration file.
func Defaults() Options {
	return Options{
		Concurrency: 64,
		MaxBytes:    64 << 20,
		StopGrace:   20 * time.Second,
		Window:      defaultWindow,
		Margin:      defaultWindow / marginShare, // of another Window, a sixth of that
		Linger:      100 * time.Millisecond,
	}
}

func (o *Options) withDefaults() (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	defaults := Defaults()
	opts.Concurrency = cmp.Or(opts.Concurrency, defaults.Concurrency)
	opts.MaxBytes = cmp.Or(opts.MaxBytes, defaults.MaxBytes)
	opts.StopGrace = cmp.Or(opts.StopGrace, defaults.StopGrace)
	opts.Window = cmp.Or(opts.Window, defaults.Window)
	opts.Margin = cmp.Or(opts.Margin, opts.Window/marginShare)
	opts.Linger = cmp.Or(opts.Linger, defaults.Linger)
	if opts.DeadLetters != nil && opts.DeadLetters.After == 0 {
		dead := *opts.DeadLetters
		dead.After = DefaultAfter
		opts.DeadLetters = &dead
	}
	if opts.Limiter == nil {
		opts.Limiter, _ = NewLimiter(DefaultRate)
	}
	switch {
	case opts.Limiter.pull == nil:
		return opts, errors.New("a Limiter must be made with NewLimiter")
	case opts.Concurrency < 0 || opts.Concurrency > MaxConcurrency:
		return opts, fmt.Errorf("concurrency of %d: it must be at least 1 and at most %d", opts.Concurrency, MaxConcurrency)
	case opts.MaxBytes < 0:
		return opts, fmt.Errorf("max bytes is %d: it must be positive", opts.MaxBytes)
	case opts.Window > 4*24*time.Hour:
		return opts, fmt.Errorf("window %v: no event is kept for more than 4 days", opts.Window)
	case opts.StopGrace < 0 || opts.Linger < 0:
		return opts, errors.New("stop grace and linger must not be negative")
	case opts.DeadLetters != nil && (opts.DeadLetters.Write == nil || opts.DeadLetters.Attempts < 0 || opts.DeadLetters.After < 0):
		return opts, errors.New("dead letters need a place to write to; attempts and after must not be negative")
	case opts.Unmatched < UnmatchedConfirm || opts.Unmatched > UnmatchedDeadLetter:
		return opts, fmt.Errorf("unmatched is %d: it must be one of the constants", int(opts.Unmatched))
	case opts.Unmatched == UnmatchedDeadLetter && opts.DeadLetters == nil:
		return opts, errors.New("unmatched events can't be written to the dead letters without any")
	}
	return opts, opts.terms().validate()
}

func (o *Options) terms() terms { return terms{window: o.Window, margin: o.Margin} }

// A Worker consumes one application's queue. Create it with [New].
type Worker struct {
	source Source
	router *Router
	opts   Options

	mu      sync.Mutex
	running bool
	status  Status
}

// New returns a Worker that hands the events of src to handlers. opts may be nil. It fails if there is no handler,
// if [NewRouter] would fail, and if the options contradict each other.
func New(src Source, handlers []Handler, opts *Options) (*Worker, error) {
	if src == nil {
		return nil, errors.New("no source to pull events from")
	}
	if len(handlers) == 0 {
		return nil, errors.New("no handler: every event would be confirmed unseen")
	}
	if _, is := src.(Keeper); is && len(handlers) != 1 {
		return nil, fmt.Errorf("a Keeper's events are for one handler, not for %d", len(handlers))
	}
	router, err := NewRouter(handlers)
	if err != nil {
		return nil, err
	}
	options, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Worker{source: src, router: router, opts: options, status: Status{State: Idle}}, nil
}

// Run consumes the queue until ctx ends. Then it begins no new poll, lets the one that VOD holds end, lets handlers
// go on for StopGrace and confirms what they finished: it returns within StopGrace + 5 s. It returns nil after
// such a stop, and an error that wraps [ErrFatal] if the first call already could not succeed as configured.
// Everything else, it tries again for ever.
//
// One Run or Drain of a Worker can go on at a time.
func (w *Worker) Run(ctx context.Context) error {
	_, err := w.start(ctx, nil)
	return err
}

func (w *Worker) start(ctx context.Context, d *drain) (Summary, error) {
	w.mu.Lock()
	if w.running {
		w.mu.Unlock()
		return Summary{}, errors.New("this worker is running already")
	}
	w.running = true
	w.mu.Unlock()

	err := newEngine(ctx, w, d).loop()

	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	return w.status.Summary, err
}

func (w *Worker) publish(s Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status = s
}

// Status returns what the Worker is doing now, or what it did last. It may be called at any time.
func (w *Worker) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}
