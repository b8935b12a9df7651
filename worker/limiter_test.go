package worker_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Workers that know nothing of each other find a backlog. How they share is measured in worker/internal/quota; this is that they do,
// though their handlers don't all take the same time, so that batches don't fill by themselves.
func TestWorkersShareTheQuota(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const workers, from, to = 5, 15 * time.Second, 30 * time.Second
		config := vodtest.Config{Quota: vodtest.DocumentedQuota(), RoundTrip: 20 * time.Millisecond}
		config.Quota.Kind = vodtest.QuotaSliding
		e := vodtest.New(config)
		backlog(t, e, 0, 16*102*30)
		handled := make([]atomic.Int32, workers)
		ctx, cancel := context.WithTimeout(t.Context(), to)
		defer cancel()
		var running sync.WaitGroup
		for i := range workers {
			w, err := worker.New(emulated.Queue{Emulator: e}, handler(func(context.Context, events.Event) error {
				handled[i].Add(1)
				time.Sleep(rand.N(200 * time.Millisecond))
				return nil
			}), nil)
			if err != nil {
				t.Fatal(err)
			}
			running.Go(func() { _ = w.Run(ctx) })
		}
		time.Sleep(from)
		before := e.Stats(0)
		for i := range handled {
			handled[i].Store(0)
		}
		time.Sleep(to - from)
		after := e.Stats(0)
		quota := int((to - from).Seconds()) * 1600
		if n := after.Confirmed - before.Confirmed; n < quota*92/100 {
			t.Errorf("%d events of %d were confirmed", n, quota)
		}
		if calls := after.Calls["ConfirmEvents"] - before.Calls["ConfirmEvents"]; calls > quota/16*105/100 {
			t.Errorf("%d calls of ConfirmEvents, of %d", calls, quota/16)
		}
		for i := range handled {
			if n := int(handled[i].Load()); n < quota/workers/5 {
				t.Errorf("one of %d workers had %d of %d events", workers, n, quota)
			}
		}
		running.Wait()
		if n := e.Stats(0).Redelivered; n > 0 {
			t.Errorf("%d events were handed out again", n)
		}
	})
}

// Confirms wait long for their turn, and handlers end one by one: what is ready goes together.
func TestConfirmsThatWaitForTheirTurnAreFull(t *testing.T) {
	for _, rate := range []float64{0.5, 5} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
			backlog(t, r.Emulator, 0, int(16*rate*70))
			r.run(handler(func(context.Context, events.Event) error {
				time.Sleep(rand.N(2 * time.Second))
				return nil
			}), worker.Options{Limiter: newLimiter(t, rate), Concurrency: 256})
			r.sleepUntil(60 * time.Second)
			stats := r.Stats(0)
			if least := int(16 * rate * 50); stats.Confirmed < least || stats.Redelivered > 0 {
				t.Errorf("rate %v: %d events confirmed in a minute, want %d; %d were handed out again", rate, stats.Confirmed, least, stats.Redelivered)
			}
			r.stop()
		})
	}
}

// Four batches are sent again and again, so that a call always waits for its turn.
func TestWhatIsReadyWaitsBehindOtherCallsForTheMarginAtMost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var sent time.Duration
		begin := time.Now()
		confirm := func(_ context.Context, handles []string) error {
			mu.Lock()
			defer mu.Unlock()
			if len(handles) < worker.MaxBatch && sent == 0 {
				sent = time.Since(begin)
			}
			return errTest
		}
		runFor(t, 40*time.Second, &source{pull: fullAnswers(5), confirm: confirm}, handler(func(ctx context.Context, e events.Event) error {
			if e.Handle == "1-0" {
				<-ctx.Done()
			}
			time.Sleep(time.Until(begin.Add(6 * time.Second)))
			return ctx.Err()
		}), worker.Options{Concurrency: 96, Limiter: newLimiter(t, 1)})
		if sent == 0 || sent > 17*time.Second {
			t.Errorf("what was ready after 6 s was sent after %v", sent)
		}
	})
}

// A neighbour takes all that it can of the account's quota, for five seconds.
func TestAWorkerIsBackSoonAfterANeighbourHasGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{Quota: vodtest.DocumentedQuota(), RoundTrip: 20 * time.Millisecond})
		backlog(t, r.Emulator, 0, 16*100*25)
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(2 * time.Second)
		for time.Since(r.begin) < 7*time.Second {
			_ = r.Confirm(t.Context(), 1, []string{"its handle"})
			go func() { _, _ = r.Pull(t.Context(), 1) }()
			time.Sleep(time.Millisecond)
		}
		r.sleepUntil(22 * time.Second)
		before := r.Stats(0).Confirmed
		r.sleepUntil(30 * time.Second)
		if n := r.Stats(0).Confirmed - before; n < 1600*8*97/100 {
			t.Errorf("%d events confirmed in 8 s that begin 15 s after the neighbour", n)
		}
		if n := r.Stats(0).Redelivered; n > 0 {
			t.Errorf("%d events were handed out again", n)
		}
		r.stop()
	})
}

// Each action has a quota of its own. What is pulled faster than it can be confirmed loses its lease.
func TestPullsAreNoFasterThanConfirmsMayBe(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{Quota: vodtest.Quota{Rates: map[string]int{"ConfirmEvents": 2}}})
		backlog(t, r.Emulator, 0, 16*300)
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(90 * time.Second) // until then the rate has come down from 99, and what was pulled meanwhile has come again
		before := r.Stats(0)
		r.sleepUntil(150 * time.Second)
		after := r.Stats(0)
		if n := after.Confirmed - before.Confirmed; n < 16*2*60*6/10 {
			t.Errorf("%d events confirmed in a minute, of 1920 that the quota allows", n)
		}
		if n := after.Redelivered - before.Redelivered; n > 0 {
			t.Errorf("%d events were handed out again", n)
		}
		r.stop()
	})
}

func TestRefusedCallsLowerTheRateOnceAndTimeRaisesIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 50 * time.Millisecond})
		backlog(t, r.Emulator, 0, 16*100*12)
		r.Script(vodtest.Fault{Action: "PullEvents", First: 20, Last: 22, Code: "RequestLimitExceeded.UinLimitExceeded"})
		var rates []float64
		r.run(handler(succeed), worker.Options{Hooks: worker.Hooks{Rate: func(info worker.RateInfo) {
			rates = append(rates, info.PerSecond)
		}}})
		r.sleepUntil(10 * time.Second)
		r.stop()
		if len(rates) != 1 || math.Round(rates[0]) != 84 { // 99 × 0.85
			t.Errorf("rates: %v, want one of 84", rates)
		}
		calls := func(second int) (n int) {
			for _, call := range r.callsOf("PullEvents") {
				if int(call.Start.Sub(r.begin).Seconds()) == second {
					n++
				}
			}
			return n
		}
		if early, late := calls(1), calls(9); early < 83 || early > 98 || late < 98 {
			t.Errorf("%d calls in second 1, %d in second 9; want about 90, and 99", early, late)
		}
		if n := strings.Count(r.log.String(), "others call the API too"); n != 1 {
			t.Errorf("that others use the quota is said %d times in\n%s", n, r.log.String())
		}
		if strings.Contains(r.log.String(), "trying again") {
			t.Errorf("three calls that were refused are worth no warning:\n%s", r.log.String())
		}
	})
}

func TestCallsKeepWithinTheRate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16 * 300)
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(3 * time.Second)
		for _, action := range []string{"PullEvents", "ConfirmEvents"} {
			calls := r.callsOf(action)
			if len(calls) < 290 {
				t.Errorf("%d calls of %s in 3 s, want about 297", len(calls), action)
			}
			for i := 99; i < len(calls); i++ {
				if within := calls[i].Start.Sub(calls[i-99].Start); within < 990*time.Millisecond {
					t.Fatalf("100 calls of %s within %v", action, within)
				}
			}
		}
		r.stop()
	})
}
