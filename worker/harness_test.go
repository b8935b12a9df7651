package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A rig is a worker on an emulator, and what is known of both.
type rig struct {
	*vodtest.Emulator
	t      *testing.T
	worker *worker.Worker
	begin  time.Time
	ended  chan error
	cancel context.CancelFunc
	log    *bytes.Buffer // to be read when the worker has stopped

	mu    sync.Mutex
	calls []vodtest.Call
	left  []worker.LeftInfo
	// outcomes of handlers, by event file
	outcomes map[string][]worker.Outcome

	level zerolog.Level // of the log
}

// inBubble runs a test in a bubble, where time passes only when everybody waits.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func newRig(t *testing.T, config vodtest.Config) *rig {
	r := &rig{
		t: t, begin: time.Now(), ended: make(chan error, 1), outcomes: map[string][]worker.Outcome{},
		log: &bytes.Buffer{}, level: zerolog.InfoLevel, // lines for debugging make each test slower
	}
	config.Observe = func(call vodtest.Call) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, call)
	}
	r.Emulator = vodtest.New(config)
	return r
}

func (r *rig) new(handlers []worker.Handler, opts worker.Options) *worker.Worker {
	r.t.Helper()
	opts.Log = zerolog.New(r.log).Level(r.level)
	opts.Hooks.Left = func(info worker.LeftInfo) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.left = append(r.left, info)
	}
	opts.Hooks.Handled = func(info worker.HandleInfo) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.outcomes[info.Event.FileID()] = append(r.outcomes[info.Event.FileID()], info.Outcome)
	}
	w, err := worker.New(emulated.Queue{Emulator: r.Emulator}, handlers, &opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.worker = w
	return w
}

// run starts the worker; stop ends it.
func (r *rig) run(handlers []worker.Handler, opts worker.Options) {
	r.t.Helper()
	w := r.new(handlers, opts)
	ctx, cancel := context.WithCancel(r.t.Context())
	r.cancel = cancel
	go func() { r.ended <- w.Run(ctx) }()
}

func (r *rig) stop() {
	r.t.Helper()
	r.cancel()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
}

func (r *rig) drain(handlers []worker.Handler, opts worker.Options, how worker.DrainOptions) worker.Summary {
	r.t.Helper()
	if how.MaxDuration == 0 {
		how.MaxDuration = time.Hour // so that a drain that does not end fails instead of hanging
	}
	summary, err := r.new(handlers, opts).Drain(r.t.Context(), how)
	if err != nil {
		r.t.Errorf("Drain: %v", err)
	}
	if time.Since(r.begin) >= time.Hour {
		r.t.Error("the drain did not end by itself")
	}
	return summary
}

// upload queues n uploads and returns their files.
func (r *rig) upload(n int) (files []string) {
	for i := range n {
		files = append(files, r.Upload(0, fmt.Sprintf("%d.mp4", i)))
	}
	return files
}

func (r *rig) sleepUntil(d time.Duration) {
	time.Sleep(time.Until(r.begin.Add(d)))
	synctest.Wait()
}

func (r *rig) wantStats(waiting, inFlight, confirmed int) {
	r.t.Helper()
	if s := r.Stats(0); s.Waiting != waiting || s.InFlight != inFlight || s.Confirmed != confirmed {
		r.t.Errorf("after %v: %d waiting, %d in flight, %d confirmed; want %d, %d, %d",
			time.Since(r.begin), s.Waiting, s.InFlight, s.Confirmed, waiting, inFlight, confirmed)
	}
}

func (r *rig) lefts() []worker.LeftInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.left)
}

func (r *rig) callsOf(action string) (calls []vodtest.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, call := range r.calls {
		if call.Action == action {
			calls = append(calls, call)
		}
	}
	return calls
}

// handler returns the one handler of a test.
func handler(handle func(context.Context, events.Event) error) []worker.Handler {
	return []worker.Handler{{Name: "test", Handle: handle, Retry: worker.Retry{Tries: 1}}}
}

func succeed(context.Context, events.Event) error { return nil }

var errTest = errors.New("it broke")

// handled counts the runs of each file.
type counter struct {
	mu   sync.Mutex
	runs map[string]int
}

func (c *counter) add(e events.Event) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs == nil {
		c.runs = map[string]int{}
	}
	c.runs[e.FileID()]++
	return c.runs[e.FileID()]
}

func (c *counter) of(file string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[file]
}

func (c *counter) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.runs)
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantSummary(t *testing.T, got, want worker.Summary) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// A source is what a test says, call by call.
type source struct {
	pull    func(ctx context.Context, n int) (worker.Batch, error) // n counts from 1
	confirm func(ctx context.Context, handles []string) error      // nil: succeeds
	pulls   atomic.Int64
}

func (s *source) Pull(ctx context.Context) (worker.Batch, error) {
	return s.pull(ctx, int(s.pulls.Add(1)))
}

func (s *source) Confirm(ctx context.Context, handles []string) error {
	if s.confirm == nil {
		return nil
	}
	return s.confirm(ctx, handles)
}

// nth is a pull that does not care which it is.
func nth(pull func(context.Context) (worker.Batch, error)) func(context.Context, int) (worker.Batch, error) {
	return func(ctx context.Context, _ int) (worker.Batch, error) { return pull(ctx) }
}

// batch holds an upload for each file, under the file as its handle.
func batch(files ...string) (b worker.Batch) {
	for _, file := range files {
		b.Events = append(b.Events, events.Event{
			Handle: file, Type: events.NewFileUpload,
			Raw: fmt.Appendf(nil, `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q}}`, file),
		})
	}
	return b
}

// combinations yields each combination of switches, by a name that says which are on.
func combinations(switches ...string) iter.Seq2[string, map[string]bool] {
	return func(yield func(string, map[string]bool) bool) {
		for bits := range 1 << len(switches) {
			on := map[string]bool{}
			for i, name := range switches {
				on[name] = bits&(1<<i) != 0
			}
			if !yield(fmt.Sprint(on), on) {
				return
			}
		}
	}
}

// numbered returns a batch of n files that are named after prefix.
func numbered(prefix string, n int) worker.Batch {
	var files []string
	for i := range n {
		files = append(files, fmt.Sprint(prefix, "-", i))
	}
	return batch(files...)
}

// nothing is an empty answer after the hold.
func nothing() (worker.Batch, error) {
	time.Sleep(5 * time.Second)
	return worker.Batch{}, nil
}

// runFor runs a worker on src for d and returns its last status.
func runFor(t *testing.T, d time.Duration, src worker.Source, handlers []worker.Handler, opts worker.Options) worker.Status {
	t.Helper()
	w, err := worker.New(src, handlers, &opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer time.AfterFunc(d, cancel).Stop()
	if err := w.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
	return w.Status()
}

func newLimiter(t *testing.T, perSecond float64) *worker.Limiter {
	t.Helper()
	limiter, err := worker.NewLimiter(perSecond)
	if err != nil {
		t.Fatal(err)
	}
	return limiter
}
