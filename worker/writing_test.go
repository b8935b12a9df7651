package worker_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// tenth refuses every tenth event for good, and counts the others.
func tenth(healthy func()) []worker.Handler {
	var n atomic.Int64
	return handler(func(context.Context, events.Event) error {
		if n.Add(1)%10 == 0 {
			return worker.Permanent(errTest)
		}
		healthy()
		return nil
	})
}

func TestSlowLettersDoNotSlowHealthyEvents(t *testing.T) {
	took := map[time.Duration]time.Duration{}
	for _, letter := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Hour} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(3000)
			var healthy, writing, most atomic.Int64
			opts := worker.Options{DeadLetters: &worker.DeadLetters{Write: func(ctx context.Context, _ worker.DeadLetter) error {
				most.Store(max(most.Load(), writing.Add(1)))
				defer writing.Add(-1)
				select {
				case <-time.After(letter):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}}}
			r.run(tenth(func() {
				if healthy.Add(1) == 2700 {
					took[letter] = time.Since(r.begin)
				}
			}), opts)
			r.sleepUntil(20 * time.Second)
			wantEqual(t, "healthy events that were handled in 20 s", healthy.Load(), 2700)
			wantEqual(t, "letters at once", most.Load() <= 4, true)
			s := r.worker.Status()
			if n := s.DeadLettered + s.Writing; n < 200 { // of two refusals in a row the second may be the handler's fault
				t.Errorf("given up: %d", n)
			}
			if letter < time.Hour {
				r.sleepUntil(2 * time.Minute)
				r.wantStats(0, 0, 3000)
				s = r.worker.Status()
			}
			wantEqual(t, "handling, confirming", fmt.Sprint(s.Handling, s.Confirming), "0 0")
			wantEqual(t, "bytes are held", s.Bytes > 0, s.Writing > 0)
			r.stop()
			if s := r.worker.Status(); s.Pulled != s.Handled+s.DeadLettered+s.Failed+s.Left {
				t.Errorf("at the end: %+v", s)
			}
		})
	}
	for letter, d := range took {
		if d > took[time.Millisecond]*11/10 {
			t.Errorf("with letters of %v it took %v, with 1 ms %v", letter, d, took[time.Millisecond])
		}
	}
}

// Letters that find no place wait as long as there is time to write them; then their events come again.
func TestALetterIsNotStartedWithTooLittleTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(160)
		var mu sync.Mutex
		var started []time.Duration
		r.run(tenth(func() {}),
			worker.Options{DeadLetters: &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error {
				mu.Lock()
				started = append(started, time.Since(r.begin).Round(10*time.Second))
				mu.Unlock()
				time.Sleep(10 * time.Second)
				return nil
			}}})
		r.sleepUntil(29 * time.Second)
		wantEqual(t, "started", fmt.Sprint(started), "[0s 0s 0s 0s 10s 10s 10s 10s 20s 20s 20s 20s]")
		r.wantStats(0, 8, 152) // those of 20 s are over at 30 s: too late
		wantEqual(t, "events that are to come again", r.worker.Status().Failed, 4)
		r.sleepUntil(5 * time.Minute)
		wantEqual(t, "writing, bytes", fmt.Sprint(r.worker.Status().Writing, r.worker.Status().Bytes), "0 0")
		r.wantStats(0, 0, 160)
		r.stop()
	})
}

// A letter that is written when the lease is over confirms nothing, and a redelivery is neither handled nor written beside it.
func TestALetterThatOutlivesItsLeaseConfirmsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var bad bad
		var runs, writes, writing atomic.Int64
		r.run(handler(func(_ context.Context, e events.Event) error {
			if !bad.is(e) {
				return nil
			}
			runs.Add(1)
			return worker.Permanent(errTest)
		}),
			worker.Options{Concurrency: 1, DeadLetters: &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error {
				if writing.Add(1) > 1 {
					t.Error("it is written twice at once")
				}
				defer writing.Add(-1)
				if writes.Add(1) == 1 {
					time.Sleep(70 * time.Second)
				}
				return nil
			}}})
		r.sleepUntil(time.Second)
		bad.upload(r)
		r.sleepUntil(69 * time.Second)
		s := r.worker.Status()
		wantEqual(t, "stuck, writing, left", fmt.Sprint(s.Stuck, s.Writing, s.Left, s.Blocked), "0 1 2 false")
		wantEqual(t, "runs", runs.Load(), 1)
		r.sleepUntil(72 * time.Second)
		r.wantStats(0, 1, 1)
		s = r.worker.Status()
		wantEqual(t, "dead-lettered, unconfirmed, bytes", fmt.Sprint(s.DeadLettered, s.Unconfirmed, s.Bytes), "1 1 0")
		r.sleepUntil(2 * time.Minute)
		r.wantStats(0, 0, 2)
		r.stop()
	})
}

func TestAWorkerDoesNotWaitForALetterBeyondItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var bad bad
		bad.upload(r)
		block := make(chan struct{})
		defer close(block)
		summary := r.drain(handler(bad.rejected),
			worker.Options{Concurrency: 1, DeadLetters: &worker.DeadLetters{Write: func(context.Context, worker.DeadLetter) error {
				<-block
				return nil
			}}}, worker.DrainOptions{})
		wantSummary(t, summary, worker.Summary{Pulled: 3, Handled: 1, Confirmed: 1, Left: 1, Abandoned: 1})
	})
}
