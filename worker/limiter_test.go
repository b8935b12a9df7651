package worker_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Twenty workers know nothing of each other, and find a backlog.
func TestWorkersShareTheQuota(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const workers, from, to = 20, time.Minute, 2 * time.Minute
		begin := time.Now()
		e := vodtest.New(vodtest.Config{Quota: vodtest.DocumentedQuota(), RoundTrip: 20 * time.Millisecond})
		backlog(t, e, 0, 16*100*125)
		var mu sync.Mutex
		accepted, refused := make([]int, workers), 0
		ctx, cancel := context.WithTimeout(t.Context(), to)
		defer cancel()
		var running sync.WaitGroup
		for i := range workers {
			w, err := worker.New(emulated.Queue{Emulator: e}, handler(succeed), &worker.Options{Hooks: worker.Hooks{Pulled: func(info worker.PullInfo) {
				if at := time.Since(begin); at < from || at > to {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if info.Err == nil {
					accepted[i]++
				} else {
					refused++
				}
			}}})
			if err != nil {
				t.Fatal(err)
			}
			running.Go(func() { _ = w.Run(ctx) })
		}
		running.Wait()
		sum, least := 0, accepted[0]
		for _, n := range accepted {
			sum, least = sum+n, min(least, n)
		}
		seconds := (to - from).Seconds()
		t.Logf("%.1f accepted a second, %.1f %% refused, the least share is %.0f %% of a fair one",
			float64(sum)/seconds, 100*float64(refused)/float64(sum+refused), 100*float64(least*workers)/float64(sum))
		if perSecond := float64(sum) / seconds; perSecond < 95 {
			t.Errorf("%.1f calls a second were accepted, want 95", perSecond)
		}
		if share := float64(refused) / float64(sum+refused); share > 0.05 {
			t.Errorf("%.1f %% were refused, want less than 5", 100*share)
		}
		if least*workers*2 < sum {
			t.Errorf("one worker had %d of %d calls", least, sum)
		}
	})
}

func TestARefusedCallLowersTheRateAndTimeRaisesIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16 * 55 * 33)
		r.Script(vodtest.Fault{Action: "PullEvents", First: 1, Last: 3, Code: "RequestLimitExceeded.UinLimitExceeded"})
		var rates []float64
		r.run(handler(succeed), worker.Options{Hooks: worker.Hooks{Rate: func(info worker.RateInfo) {
			rates = append(rates, info.PerSecond)
		}}})
		r.sleepUntil(31 * time.Second)
		r.stop()
		if len(rates) != 3 || rates[2] < 50 || rates[2] > 51 { // 99 × 0.8³
			t.Errorf("rates: %v", rates)
		}
		calls := func(second int) (n int) {
			for _, call := range r.callsOf("PullEvents") {
				if int(call.Start.Sub(r.begin).Seconds()) == second {
					n++
				}
			}
			return n
		}
		if early, late := calls(5), calls(30); early < 49 || early > 54 || late < 51 || late > 56 {
			t.Errorf("%d calls in second 5, %d in second 30; want 50, and 2 more", early, late)
		}
	})
}

// Several polls wait at once while the rate grows: each must wait as long as the rate of its moment demands.
func TestTheRateIsKeptWhileItGrows(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(16 * 500)
		r.Script(vodtest.Fault{Action: "PullEvents", First: 1, Last: 10, Code: "RequestLimitExceeded"})
		var lowest float64
		var since time.Time
		r.run(handler(succeed), worker.Options{Limiter: newLimiter(t, 10), Hooks: worker.Hooks{Rate: func(info worker.RateInfo) {
			lowest, since = info.PerSecond, time.Now()
		}}})
		r.sleepUntil(90 * time.Second)
		r.stop()
		calls := r.callsOf("PullEvents")[11:]
		if len(calls) < 100 {
			t.Fatalf("%d calls", len(calls))
		}
		for i, call := range calls[1:] {
			rate := min(10, lowest+0.1*call.Start.Sub(since).Seconds())
			if gap := call.Start.Sub(calls[i].Start).Seconds(); gap*rate < 0.999 {
				t.Fatalf("call %d, at %v, came %.3f s after the one before, at a rate of %.3f a second", i, call.Start.Sub(r.begin), gap, rate)
			}
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
