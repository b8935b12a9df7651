package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// full is a Source with no end of events. It checks that nobody pulls more than they have slots for.
type full struct {
	t       *testing.T
	slots   int64
	rtt     time.Duration
	held    atomic.Int64 // events handed out and not yet released, polls out counting as 16
	most    atomic.Int64
	polls   atomic.Int64 // out
	numbers atomic.Int64
}

func (f *full) Pull(ctx context.Context) (worker.Batch, error) {
	f.most.Store(max(f.most.Load(), f.polls.Add(1)))
	defer f.polls.Add(-1)
	if held := f.held.Add(worker.MaxBatch); held > f.slots {
		f.t.Errorf("%d slots would be taken, there are %d", held, f.slots)
	}
	time.Sleep(f.rtt)
	var batch worker.Batch
	for range worker.MaxBatch {
		n := f.numbers.Add(1)
		batch.Events = append(batch.Events, events.Event{
			Handle: fmt.Sprint(n), Type: events.NewFileUpload,
			Raw: fmt.Appendf(nil, `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, n),
		})
	}
	return batch, nil
}

func (f *full) Confirm(context.Context, []string) error { return nil }

func TestSlotsAreReservedBeforePulls(t *testing.T) {
	for _, concurrency := range []int{1, 15, 16, 17, 64, 1700} {
		t.Run(fmt.Sprint(concurrency), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				src := &full{t: t, slots: int64(concurrency + worker.MaxBatch), rtt: 20 * time.Millisecond}
				var running, most atomic.Int64
				handle := func(context.Context, events.Event) error {
					most.Store(max(most.Load(), running.Add(1)))
					time.Sleep(500 * time.Millisecond)
					running.Add(-1)
					src.held.Add(-1)
					return nil
				}
				limiter, err := worker.NewLimiter(1000)
				if err != nil {
					t.Fatal(err)
				}
				w, err := worker.New(src, handler(handle), &worker.Options{Concurrency: concurrency, Limiter: limiter})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				wantEqual(t, "most events handled at once", most.Load(), int64(concurrency))
				s := w.Status()
				wantEqual(t, "confirmed", s.Confirmed, s.Pulled)
				if s.Pulled < 8*concurrency {
					t.Errorf("%d events in 5 s: the places were not kept busy", s.Pulled)
				}
			})
		})
	}
}

func TestEveryConcurrencyHandlesABacklogOnce(t *testing.T) {
	for _, concurrency := range []int{1, 16, 64, 1700} {
		t.Run(fmt.Sprint(concurrency), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
				files := r.upload(500)
				var runs counter
				summary := r.drain(handler(func(_ context.Context, e events.Event) error {
					time.Sleep(10 * time.Millisecond)
					runs.add(e)
					return nil
				}), worker.Options{Concurrency: concurrency}, worker.DrainOptions{})
				for _, file := range files {
					wantEqual(t, "runs of "+file, runs.of(file), 1)
				}
				wantEqual(t, "confirmed", summary.Confirmed, 500)
				r.wantStats(0, 0, 500)
			})
		})
	}
}

func TestOnePollIsOutWhenIdleAndMoreUnderBacklog(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 200 * time.Millisecond})
		polls := func(from, to time.Duration) (n int) {
			for _, call := range r.callsOf("PullEvents") {
				if at := call.Start.Sub(r.begin); at >= from && at < to {
					n++
				}
			}
			return n
		}
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(time.Minute)
		// Each is held for 5 s and takes 0.2 s more; the one that is out is not observed yet.
		wantEqual(t, "polls in an idle minute", polls(0, time.Minute), 11)

		r.upload(3000)
		r.sleepUntil(time.Minute + 10*time.Second)
		r.wantStats(0, 0, 3000)
		if n := polls(time.Minute, time.Minute+4*time.Second); n < 60 {
			t.Errorf("%d polls in the first 4 s of a backlog: one at a time would be 20", n)
		}
		r.sleepUntil(2 * time.Minute)
		wantEqual(t, "polls in the idle half minute after it", polls(90*time.Second, 2*time.Minute), 5)
		r.stop()
	})
}

func TestPullingPausesWhileTooMuchIsUnconfirmed(t *testing.T) {
	tests := map[string]struct {
		size, events int
		most         int // unconfirmed, with a full poll that was out
	}{
		"by count": {size: 10, events: 1300, most: 1024 + 64 + 16 + 16},
		"by bytes": {size: 64 << 10, events: 700, most: 32<<20/(64<<10) + 64 + 16 + 16},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				filler := strings.Repeat("x", test.size)
				for range test.events {
					if err := r.Send(0, []byte(`{"EventType":"NewFileUpload","Filler":"`+filler+`"}`)); err != nil {
						t.Fatal(err)
					}
				}
				r.Script(vodtest.Fault{Action: "ConfirmEvents", Kind: vodtest.FaultHang})
				r.run(handler(succeed), worker.Options{})
				r.sleepUntil(4 * time.Second) // no call has failed yet
				if s := r.worker.Status(); s.Confirming > test.most || s.Confirming < 32 {
					t.Errorf("%d events wait to be confirmed, want at most %d", s.Confirming, test.most)
				}
				r.Script()
				r.sleepUntil(2 * time.Minute)
				r.wantStats(0, 0, test.events)
				r.stop()
			})
		})
	}
}

func TestEmptyIsNotAnError(t *testing.T) {
	for _, form := range []vodtest.Empty{vodtest.EmptyNotFound, vodtest.EmptyNull, vodtest.EmptyList, vodtest.EmptyAbsent} {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{Empty: form})
				r.run(handler(succeed), worker.Options{})
				r.sleepUntil(61 * time.Second)
				wantEqual(t, "polls in a minute, each followed by the next at once", len(r.callsOf("PullEvents")), 12)
				r.upload(1)
				r.sleepUntil(61*time.Second + 200*time.Millisecond)
				r.wantStats(0, 0, 1)
				wantEqual(t, "failing", r.worker.Status().Failing, nil)
				r.stop()
				if strings.Contains(r.log.String(), `"warn"`) {
					t.Errorf("log: %s", r.log)
				}
			})
		})
	}
}

func TestEmptyAnswersThatCameEarlyAreFollowedByAGrowingPause(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{Hold: -1})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(5 * time.Minute)
		if n := len(r.callsOf("PullEvents")); n < 60 || n > 250 {
			t.Errorf("%d polls in 5 minutes, want about one in 2.5 s", n)
		}
		r.upload(1)
		r.sleepUntil(5*time.Minute + 5*time.Second + 200*time.Millisecond)
		r.wantStats(0, 0, 1)
		r.stop()
	})
}

func TestTransientErrorsCostALoggedRetryAndNothingElse(t *testing.T) {
	faults := map[string]vodtest.Fault{
		"an HTML 502":            {Kind: vodtest.FaultBadGateway},
		"an API error":           {Code: "InternalError"},
		"a reset":                {Kind: vodtest.FaultReset},
		"{}":                     {Kind: vodtest.FaultOdd},
		"an answer cut short":    {Kind: vodtest.FaultCut},
		"a 502 that took effect": {Kind: vodtest.FaultBadGateway, After: true},
		"a reset after":          {Kind: vodtest.FaultReset, After: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				fault.Action, fault.First, fault.Last = "PullEvents", 1, 3
				r := newRig(t, vodtest.Config{})
				files := r.upload(40)
				r.Script(fault)
				var runs counter
				r.run(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }), worker.Options{})
				r.sleepUntil(2 * time.Minute)
				r.wantStats(0, 0, 40)
				for _, file := range files {
					wantEqual(t, "runs", runs.of(file), 1)
				}
				r.stop()
				log := r.log.String()
				wantEqual(t, "lines that say it failed", strings.Count(log, "pull events failed, trying again"), 1)
				wantEqual(t, "lines that say it recovered", strings.Count(log, "pull events recovered"), 1)
			})
		})
	}
}

func TestBackoffGrowsWithJitterToItsCap(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Action: "PullEvents", Code: "InternalError"})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(time.Hour)
		n := len(r.callsOf("PullEvents"))
		if n < 180 || n > 400 { // pauses between 0 and 30 s
			t.Errorf("%d polls in an hour of errors, want about one in 15 s", n)
		}
		if r.worker.Status().Failing == nil {
			t.Error("Status does not say that polling fails")
		}
		r.stop()
	})
}

func TestFatalErrorBeforeTheFirstSuccessEndsTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Code: "AuthFailure"})
		err := r.new(handler(succeed), worker.Options{}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "AuthFailure") {
			t.Errorf("Run: %v", err)
		}
		wantEqual(t, "time until it ended", time.Since(r.begin), 0)
		wantEqual(t, "calls", len(r.callsOf("PullEvents")), 1)
	})
}

func TestFatalErrorAfterASuccessIsRetriedEvery30Seconds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.Script(vodtest.Fault{Action: "PullEvents", First: 2, Last: 5, Code: "AuthFailure"})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(4 * time.Minute)
		var at []time.Duration
		for _, call := range r.callsOf("PullEvents")[:6] {
			at = append(at, call.Start.Sub(r.begin).Round(time.Second))
		}
		const want = "[0s 5s 35s 1m5s 1m35s 2m5s]"
		wantEqual(t, "polls", fmt.Sprint(at), want)
		r.stop()
		wantEqual(t, "lines in the log", strings.Count(r.log.String(), "AuthFailure"), 2) // one in each minute of it
	})
}
