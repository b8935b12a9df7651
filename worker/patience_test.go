package worker_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// What its tries have found is the outcome: no try begins that has too little time to find anything.
func TestAPlaceThatGivesNoAnswerIsToBlameAfterAllItsTries(t *testing.T) {
	hangs := func(ctx context.Context, _ events.Event) error {
		return broker.InTime(ctx, func(ctx context.Context) error { <-ctx.Done(); return say.Ended(ctx) })
	}
	for name, h := range map[string]worker.Handler{
		"as usual":                 {},
		"a time of its own":        {Timeout: 3 * time.Second},
		"many tries":               {Retry: worker.Retry{Tries: 100, Initial: time.Millisecond}},
		"with a time for each try": {Timeout: time.Second, Retry: worker.Retry{Tries: 100}},
	} {
		synctest.Test(t, func(t *testing.T) {
			h.Name, h.Handle = "broker", hangs
			router, err := worker.NewRouter([]worker.Handler{h})
			if err != nil {
				t.Fatal(err)
			}
			if out := router.Once(t.Context(), events.Event{}, []string{"broker"})[0]; out.Kind != worker.Unreached {
				t.Errorf("%s: %v after %d tries and %v: %v", name, out.Kind, out.Tries, out.Took, out.Err)
			}
		})
	}
}
