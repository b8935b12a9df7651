package bench

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

type libraryOptions struct {
	Endpoint    string
	Rate        float64 // 0: the default
	Concurrency int     // 0: the default
	Handling    time.Duration
	Latencies   bool // are measured, which costs some CPU
}

// What a library process says at its end.
type libraryReport struct {
	ConfirmP99 time.Duration // from the end of an event's handler until its confirm was sent
}

// runLibrary runs a worker with a handler in process until it is told to end.
func runLibrary(o libraryOptions) error {
	ctx, cancel := untilStopped()
	defer cancel()
	source, err := tencent.New(tencent.Options{Endpoint: o.Endpoint, Credentials: &tencent.Credentials{
		SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey,
	}})
	if err != nil {
		return err
	}
	options := &worker.Options{Concurrency: o.Concurrency}
	if o.Rate > 0 {
		if options.Limiter, err = worker.NewLimiter(o.Rate); err != nil {
			return err
		}
	}
	var times latencies
	if o.Latencies {
		options.Hooks.Confirmed = times.confirmed
	}
	w, err := worker.New(source, []worker.Handler{{Name: "sleep", Handle: func(_ context.Context, e events.Event) error {
		if o.Handling > 0 {
			time.Sleep(o.Handling)
		}
		if o.Latencies {
			times.handled(e)
		}
		return nil
	}}}, options)
	if err != nil {
		return err
	}
	if err := w.Run(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(libraryReport{times.p99()})
}

// Latencies are how long handled events waited until their confirm was sent.
type latencies struct {
	mu    sync.Mutex
	ended map[string]time.Time // by handle
	took  []time.Duration
}

func (l *latencies) handled(e events.Event) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.ended = map[string]time.Time{}
	}
	l.ended[e.Handle] = now
}

func (l *latencies) confirmed(info worker.ConfirmInfo) {
	sent := time.Now().Add(-info.Took)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range info.Events {
		l.took = append(l.took, sent.Sub(l.ended[e.Handle]))
		delete(l.ended, e.Handle)
	}
}

func (l *latencies) p99() time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	slices.Sort(l.took)
	return l.took[len(l.took)*99/100]
}
