package metrics_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A stage is a worker on an emulator, whose metrics are looked at.
type stage struct {
	*vodtest.Emulator
	*metrics.Metrics
	t     *testing.T
	began time.Time
}

var one = metrics.Options{Version: "v1", Commit: "c0ffee", Applications: []metrics.Application{
	{Name: "default", Handlers: []string{"a", "b"}, Pulled: true},
}}

// play has a worker run in a bubble for a minute, after which what was counted is looked at; while it runs too, with act.
func play(t *testing.T, options worker.Options, handlers []worker.Handler, prepare, act func(s *stage)) *stage {
	t.Helper()
	var s *stage
	synctest.Test(t, func(t *testing.T) {
		s = &stage{Emulator: vodtest.New(vodtest.Config{}), Metrics: metrics.New(one), t: t, began: time.Now()}
		prepare(s)
		options.Hooks, options.Limiter = s.Worker(), limiter(t)
		w, err := worker.New(metricstest.Queue{Emulator: s.Emulator}, handlers, &options)
		if err != nil {
			t.Fatal(err)
		}
		s.Begin(metrics.Process{Status: map[uint64]func() worker.Status{0: w.Status}, Limiter: options.Limiter})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		act(s)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

func limiter(t *testing.T) *worker.Limiter {
	t.Helper()
	limiter, err := worker.NewLimiter(worker.DefaultRate)
	if err != nil {
		t.Fatal(err)
	}
	return limiter
}

func (s *stage) at(d time.Duration) {
	time.Sleep(time.Until(s.began.Add(d)))
	synctest.Wait()
}

func (s *stage) want(series string, value float64) {
	s.t.Helper()
	if got, is := metricstest.Scrape(s.t, s.Handler())[series]; !is || got != value {
		s.t.Errorf("after %v: %s is %v (there: %t), want %v", time.Since(s.began), series, got, is, value)
	}
}

func to(name string, handle func(context.Context, events.Event) error) worker.Handler {
	return worker.Handler{Name: name, Handle: handle, Retry: worker.Retry{Tries: 1}}
}

func done(context.Context, events.Event) error { return nil }
