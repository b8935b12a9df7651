//go:build unix

package metrics_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A backlog is given out at once, and knows when all of it is confirmed.
type backlog struct {
	full      worker.Batch
	confirmed atomic.Int64
	most      int64
	end       func()
}

func (s *backlog) Pull(context.Context) (worker.Batch, error) { return s.full, nil }

func (s *backlog) Confirm(_ context.Context, handles []string) error {
	if s.confirmed.Add(int64(len(handles))) >= s.most {
		s.end()
	}
	return nil
}

// BenchmarkBacklog compares what an event costs with and without metrics: in the engine alone, where source and handler return at
// once, and through a webhook, to a receiver in this process.
func BenchmarkBacklog(b *testing.B) {
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	webhook, err := sink.NewWebhook(sink.WebhookOptions{URL: receiver.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = webhook.Close() }()
	sample, err := vodtest.Fixture(string(events.NewFileUpload))
	if err != nil {
		b.Fatal(err)
	}
	var full worker.Batch
	for i := range worker.MaxBatch {
		full.Events = append(full.Events, events.Event{Handle: fmt.Sprint(i), Type: events.NewFileUpload, Raw: sample})
	}
	for _, kind := range []struct {
		name   string
		handle func(context.Context, events.Event) error
	}{{"engine", done}, {"webhook", webhook.Handle}} {
		for _, counted := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/metrics=%t", kind.name, counted), func(b *testing.B) {
				ctx, cancel := context.WithCancel(b.Context())
				defer cancel()
				limiter, err := worker.NewLimiter(1e6)
				if err != nil {
					b.Fatal(err)
				}
				options := worker.Options{Limiter: limiter}
				if counted {
					options.Hooks = metrics.New(one).Worker()
				}
				queue := &backlog{full: full, most: int64(b.N), end: cancel}
				w, err := worker.New(queue, []worker.Handler{to("a", kind.handle)}, &options)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				before := cpu(b)
				if err := w.Run(ctx); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// BenchmarkHooks is what metrics add to an event, alone: it came with others, one handler took it, and it was confirmed with them.
func BenchmarkHooks(b *testing.B) {
	hooks := metrics.New(one).Worker()
	event := events.Event{Type: events.NewFileUpload}
	batch := slices.Repeat([]events.Event{event}, worker.MaxBatch)
	left := slices.Repeat([]time.Duration{29 * time.Second}, worker.MaxBatch)
	before := cpu(b)
	for i := 0; i < b.N; i++ {
		if i%worker.MaxBatch == 0 {
			hooks.Pulled(worker.PullInfo{Events: batch})
			hooks.Confirmed(worker.ConfirmInfo{Events: batch, LeaseLeft: left})
		}
		hooks.Handled(worker.HandleInfo{Event: event, Outcome: worker.Outcome{Handler: "a", Kind: worker.OK}})
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
}

// cpu is what this process has used so far: the time that passes tells more of who else uses the machine.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
