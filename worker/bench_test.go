package worker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
)

// BenchmarkEngine measures what the engine adds to each event: source and handler return at once.
func BenchmarkEngine(b *testing.B) {
	limiter, err := worker.NewLimiter(1e6)
	if err != nil {
		b.Fatal(err)
	}
	for _, handlers := range []int{1, 4} {
		b.Run(fmt.Sprintf("handlers=%d", handlers), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			var all []worker.Handler
			for i := range handlers {
				all = append(all, worker.Handler{Name: fmt.Sprint(i), Handle: succeed})
			}
			var confirmed atomic.Int64
			full := numbered("f", worker.MaxBatch)
			source := &source{
				pull: func(context.Context, int) (worker.Batch, error) { return full, nil },
				confirm: func(_ context.Context, handles []string) error {
					if confirmed.Add(int64(len(handles))) >= int64(b.N) {
						cancel()
					}
					return nil
				},
			}
			w, err := worker.New(source, all, &worker.Options{Limiter: limiter})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := w.Run(ctx); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	router, err := worker.NewRouter([]worker.Handler{
		{Name: "all", Handle: succeed},
		{Name: "other", Types: []string{"FileDeleted", "PullComplete"}, Handle: succeed},
		{Name: "globs", Types: []string{"*Complete", "NewFile*"}, Handle: succeed},
		{Name: "asks", Where: []condition.Condition{{JSON: "FileUploadEvent.FileId", In: []string{"f1"}}}, Handle: succeed},
	})
	if err != nil {
		b.Fatal(err)
	}
	e := events.Event{Type: events.NewFileUpload, Raw: batch("f1").Events[0].Raw}
	b.ReportAllocs()
	for b.Loop() {
		if names := router.Match(e); len(names) != 3 {
			b.Fatal(names)
		}
	}
}
