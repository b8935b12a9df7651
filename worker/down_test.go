package worker_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A sink that is down for ten minutes, under a steady flow of which a half does not need it.
func TestDownIsNotPoison(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		const flow, outage = 2, 10 * time.Minute
		var down atomic.Bool
		var calls, uploads, flows atomic.Int64
		var dead cemetery
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			tick := time.NewTicker(time.Second / flow)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					r.Upload(0, "a.mp4")
					r.Process(0, "1", "")
				case <-ctx.Done():
					return
				}
			}
		}()
		r.run([]worker.Handler{
			{Name: "sink", Types: []string{"NewFileUpload"}, Retry: worker.Retry{Tries: 1}, Handle: func(context.Context, events.Event) error {
				calls.Add(1)
				if down.Load() {
					return errTest
				}
				uploads.Add(1)
				return nil
			}},
			{Name: "other", Types: []string{"ProcedureStateChanged"}, Handle: func(context.Context, events.Event) error {
				flows.Add(1)
				return nil
			}},
		}, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 2, Write: dead.write}})
		r.sleepUntil(10 * time.Second)
		down.Store(true)
		calls.Store(0)
		r.sleepUntil(10*time.Second + outage)
		if n := calls.Load(); n > 5+64+125 { // those in flight when it went down, and a probe every 5 s
			t.Errorf("it was called %d times while it was down", n)
		}
		if n, want := flows.Load(), int64(flow*610*95/100); n < want {
			t.Errorf("%d of the events that do not need it were handled, want %d", n, want)
		}
		wantEqual(t, "dead letters", len(dead.all()), 0)
		down.Store(false)
		r.sleepUntil(10*time.Second + outage + 45*time.Second)
		cancel()
		// 5 s at most to the next probe, and 30 s until what was left comes again; what has piled up, 1,200 events, is handled in a second.
		if s := r.Stats(0); s.Waiting > 40 {
			t.Errorf("%d events still wait 45 s after it is back", s.Waiting)
		}
		r.sleepUntil(15 * time.Minute)
		r.wantStats(0, 0, r.Stats(0).Sent)
		r.stop()
		wantEqual(t, "said down", strings.Count(r.log.String(), "handler is down"), 1)
		wantEqual(t, "said back", strings.Count(r.log.String(), "handler is back"), 1)
	})
}

func TestFewerThanFiveEventsAreNeverDownButForAPlaceThatIsNotReached(t *testing.T) {
	for _, unreachable := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(4)
			var dead cemetery
			r.run(handler(func(context.Context, events.Event) error {
				if unreachable {
					return worker.Unreachable(errTest)
				}
				return errTest
			}), worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 3, Write: dead.write}})
			r.sleepUntil(59 * time.Second)
			wantEqual(t, "down", len(r.worker.Status().DownNow), 0)
			r.sleepUntil(time.Hour)
			wantEqual(t, "letters", len(dead.all()), 0)
			wantEqual(t, "down", len(r.worker.Status().DownNow) == 1, unreachable)
			r.stop()
		})
	}
}

// What an earlier process knew, or another failure before, is no reason to wait for longer.
func TestAPlaceThatIsNotReachedForAMinuteIsDownWhateverCameBefore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var runs counter
		r.run(handler(func(_ context.Context, e events.Event) error {
			if runs.add(e) == 1 {
				return errTest
			}
			return worker.Unreachable(errTest)
		}), worker.Options{})
		r.sleepUntil(4 * time.Minute)
		wantEqual(t, "down", len(r.worker.Status().DownNow), 1)
		r.stop()
	})
}

func TestAHandlerThatIsDownIsProbedAfterGrowingPauses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					r.upload(1)
				case <-ctx.Done():
					return
				}
			}
		}()
		var runs []time.Duration
		var mu sync.Mutex
		r.run(handler(func(context.Context, events.Event) error {
			mu.Lock()
			defer mu.Unlock()
			runs = append(runs, time.Since(r.begin))
			return errTest
		}), worker.Options{})
		r.sleepUntil(3 * time.Minute)
		cancel()
		r.stop()
		var gaps []string
		for i := 5; i < len(runs); i++ {
			gaps = append(gaps, (runs[i] - runs[i-1]).Round(time.Second).String())
		}
		wantEqual(t, "pauses after five failures", strings.Join(gaps, " "), "1s 2s 4s"+strings.Repeat(" 5s", len(gaps)-3))
	})
}

func TestADrainGoesOnBesideAHandlerThatIsDownAndEndsWithOneMoreProbe(t *testing.T) {
	for _, back := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(2000) // more than come in a window
			r.Process(0, "1", "")
			summary := r.drain([]worker.Handler{
				{Name: "down", Types: []string{"NewFileUpload"}, Handle: func(context.Context, events.Event) error {
					if back && time.Since(r.begin) > 50*time.Second {
						return nil
					}
					return errTest
				}},
				{Name: "well", Types: []string{"ProcedureStateChanged"}, Handle: succeed},
			}, worker.Options{Limiter: newLimiter(t, 4)}, worker.DrainOptions{})
			wantEqual(t, "down", strings.Join(summary.Down, " ") == "down", !back)
			// What was left while it was probed is hidden for another window, and not waited for.
			if n := summary.Confirmed; back && n < 1900 || !back && n != 1 || n+summary.Failed+summary.Left != 2001 {
				t.Errorf("%+v", summary)
			}
			if took := time.Since(r.begin); took > 3*time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// An event that has failed a handler before is the worst one to find out with whether it is back: if that fails because of
// the event, all others wait for another window.
func TestTheEventThatHasFailedLeastProbes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var down atomic.Bool
		var handled counter
		others := []string{"a", "b", "c", "d", "e"}
		after := func(files ...string) (worker.Batch, error) {
			time.Sleep(30 * time.Second)
			b := batch(files...)
			b.Leased = time.Now()
			return b, nil
		}
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			switch n {
			case 1:
				return batch("poison", "well"), nil
			case 2:
				defer down.Store(true)
				return after(others...)
			case 3:
				defer down.Store(false)
				return after(append([]string{"poison"}, others...)...)
			}
			return nothing()
		}}
		var left []string
		runFor(t, 80*time.Second, src, handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == "poison" || down.Load() {
				return errTest
			}
			time.Sleep(time.Second) // so that the poison has failed before
			handled.add(e)
			return nil
		}), worker.Options{Hooks: worker.Hooks{Left: func(info worker.LeftInfo) { left = append(left, info.Event.FileID()) }}})
		if runs := handled.all(); len(runs) != 6 || len(left) > 0 {
			t.Errorf("handled %v, left %q: the handler was back, but not for the poison", runs, left)
		}
	})
}

// Four that are poison, and fail in each round, and one that fails for the first time, are not five in a row.
func TestEventsThatFailedBeforeDoNotBringAHandlerDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		poison := map[string]bool{}
		for _, file := range r.upload(4) {
			poison[file] = true
		}
		var ill atomic.Bool
		r.run(handler(func(_ context.Context, e events.Event) error {
			if poison[e.FileID()] || ill.Load() {
				return errTest
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(time.Second)
		r.upload(1)
		r.sleepUntil(40 * time.Second) // they have failed twice, and the last is followed by no success
		ill.Store(true)
		r.upload(4)
		r.sleepUntil(50 * time.Second)
		wantEqual(t, "down", len(r.worker.Status().DownNow), 0)
		r.upload(1)
		r.sleepUntil(55 * time.Second)
		wantEqual(t, "down by the fifth that is new", len(r.worker.Status().DownNow), 1)
		r.stop()
	})
}
