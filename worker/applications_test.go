package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// applications runs a worker for each application, 1 and up, on one emulator and one limiter, for d.
func applications(t *testing.T, emulator *vodtest.Emulator, perSecond float64, d time.Duration, options ...worker.Options) {
	t.Helper()
	limiter := newLimiter(t, perSecond)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	ended := make(chan error)
	for i, opts := range options {
		opts.Limiter = limiter
		w, err := worker.New(emulated.Queue{Emulator: emulator, SubAppID: uint64(i + 1)}, handlersOf(i+1), &opts)
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- w.Run(ctx) }()
	}
	for range options {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// handlersOf returns the handler of an application: that of 2 always fails.
func handlersOf(app int) []worker.Handler {
	return handler(func(context.Context, events.Event) error {
		if app == 2 {
			return errTest
		}
		return nil
	})
}

// backlog queues n events for an application, all alike: only their number matters.
func backlog(t *testing.T, emulator *vodtest.Emulator, app uint64, n int) {
	t.Helper()
	for range n {
		if err := emulator.Send(app, []byte(`{"EventType":"X"}`)); err != nil {
			t.Fatal(err)
		}
	}
}

// One application's handler fails for everything, so all of its events come again and again. The other gets all done
// that fits into its half of the calls, and more of them while the failing one leaves them unused.
func TestAnApplicationThatFailsDoesNotSlowAnother(t *testing.T) {
	const half = 20 * 60 / 2 * worker.MaxBatch // events in a minute, at 20 calls a second
	for _, test := range []struct{ queued, least int }{
		{half * 95 / 100, half * 95 / 100},
		{3 * half, half * 3 / 2},
	} {
		inBubble(t, func(t *testing.T) {
			emulator := vodtest.New(vodtest.Config{RoundTrip: 20 * time.Millisecond})
			backlog(t, emulator, 1, test.queued)
			backlog(t, emulator, 2, 2000)
			applications(t, emulator, 20, time.Minute, worker.Options{}, worker.Options{})
			if n := emulator.Stats(2).Confirmed; n > 0 {
				t.Errorf("%d events were confirmed though their handler had failed", n)
			}
			if n := emulator.Stats(1).Confirmed; n < test.least {
				t.Errorf("%d of %d events confirmed in a minute, want at least %d", n, test.queued, test.least)
			}
		})
	}
}

// Application 1 has room for many polls, 3 for one at a time: each still gets its part of the calls.
func TestApplicationsShareTheQuotaFairly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		emulator := vodtest.New(vodtest.Config{RoundTrip: 20 * time.Millisecond})
		for app := range uint64(3) {
			backlog(t, emulator, app+1, 13_000)
		}
		applications(t, emulator, 30, time.Minute, worker.Options{Concurrency: 1700}, worker.Options{Concurrency: 64}, worker.Options{Concurrency: 16})
		var calls [3]int
		total := 0
		for i := range calls {
			calls[i] = emulator.Stats(uint64(i + 1)).Calls["PullEvents"]
			total += calls[i]
		}
		t.Logf("PullEvents in a minute: %v", calls)
		if total < 30*60*95/100 {
			t.Errorf("%d calls in a minute: the quota of 30 a second is not used", total)
		}
		for i, n := range calls {
			if n < total/3*9/10 && i != 1 { // 2 fails, and slows itself down
				t.Errorf("application %d made %d of %d calls", i+1, n, total)
			}
		}
		if calls[0] > calls[2]*105/100 {
			t.Errorf("room for more polls brings more calls: %v", calls)
		}
	})
}

func TestAHandlerGetsOnlyTheApplicationsThatItWants(t *testing.T) {
	router, err := worker.NewRouter([]worker.Handler{
		{Name: "all", Handle: succeed},
		{Name: "one", Handle: succeed, SubApps: []uint64{1}},
		{Name: "default", Handle: succeed, SubApps: []uint64{0}},
		{Name: "uploads of two", Handle: succeed, SubApps: []uint64{2}, Types: []string{"NewFileUpload"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for app, want := range map[uint64][]string{
		0: {"all", "default"}, 1: {"all", "one"}, 2: {"all", "uploads of two"}, 3: {"all"},
	} {
		if diff := cmp.Diff(want, router.Match(events.Event{SubAppID: app, Type: events.NewFileUpload})); diff != "" {
			t.Errorf("application %d (-want +got):\n%s", app, diff)
		}
	}
}
