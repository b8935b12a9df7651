package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A cemetery keeps dead letters. It fails as it is told.
type cemetery struct {
	mu      sync.Mutex
	letters []worker.DeadLetter
	fail    func(n int) error
	writes  int
}

func (c *cemetery) write(_ context.Context, letter worker.DeadLetter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	if c.fail != nil {
		if err := c.fail(c.writes); err != nil {
			return err
		}
	}
	c.letters = append(c.letters, letter)
	return nil
}

func (c *cemetery) all() []worker.DeadLetter {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.letters)
}

func TestAFailingHandlerSitsOutMoreAndMoreRedeliveries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var at []string
		r.run(handler(func(context.Context, events.Event) error {
			at = append(at, time.Since(r.begin).Round(30*time.Second).String())
			return errTest
		}), worker.Options{})
		r.sleepUntil(38 * time.Minute)
		r.stop()
		// The n-th failure is followed by 2^(n−1) − 1 redeliveries without a run, at most 15, of 30 s each.
		wantEqual(t, "runs", strings.Join(at, " "), "0s 30s 1m30s 3m30s 7m30s 15m30s 23m30s 31m30s")
		r.wantStats(0, 1, 0)
		wantEqual(t, "dead-lettered", r.worker.Status().DeadLettered, 0)
	})
}

func TestAPoisonEventIsDeadLetteredOnceAndThenConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(200)
		var runs counter
		var dead cemetery
		handlers := []worker.Handler{
			{Name: "ok", Handle: succeed},
			{Name: "bad", Retry: worker.Retry{Tries: 1}, Handle: func(_ context.Context, e events.Event) error {
				if e.FileID() == files[77] {
					runs.add(e)
					return errTest
				}
				return nil
			}},
		}
		r.run(handlers, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, Write: dead.write}})
		r.sleepUntil(time.Second)
		r.wantStats(0, 1, 199)
		r.sleepUntil(7*time.Minute + 29*time.Second)
		r.wantStats(0, 1, 199)
		r.sleepUntil(8 * time.Minute)
		r.wantStats(0, 0, 200)
		r.stop()
		wantEqual(t, "runs", runs.of(files[77]), 5)
		wantEqual(t, "letters", len(dead.all()), 1)
		letter := dead.all()[0]
		wantEqual(t, "letter", fmt.Sprintf("%v %v %s %d %v", letter.Event.FileID() == files[77], letter.Missing,
			letter.LastError, letter.Attempts, letter.Last.Sub(letter.First).Round(time.Second)), "true [bad] it broke 5 7m30s")
		s := r.worker.Status()
		wantEqual(t, "counts", fmt.Sprint(s.DeadLettered, s.Handled, s.Confirmed), "1 199 200")
	})
}

func TestAPermanentFailureIsDeadLetteredAtOnce(t *testing.T) {
	for _, attempts := range []int{0, 5} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(1)
			var dead cemetery
			r.run(handler(func(context.Context, events.Event) error { return worker.Permanent(errTest) }),
				worker.Options{DeadLetters: &worker.DeadLetters{Attempts: attempts, Write: dead.write}})
			r.sleepUntil(time.Second)
			r.wantStats(0, 0, 1)
			wantEqual(t, "reason", dead.all()[0].Reason, worker.ReasonPermanent)
			r.stop()
		})
	}
}

func TestALetterWaitsUntilNoHandlerCanSucceedAnyMore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(1)[0]
		var dead cemetery
		var slow counter
		r.run([]worker.Handler{
			{Name: "rejects", Handle: func(context.Context, events.Event) error { return worker.Permanent(errTest) }},
			{Name: "recovers", Retry: worker.Retry{Tries: 1}, Handle: func(_ context.Context, e events.Event) error {
				if slow.add(e) < 3 {
					return errTest
				}
				return nil
			}},
		}, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, Write: dead.write}})
		r.sleepUntil(89 * time.Second)
		wantEqual(t, "letters while a handler may yet succeed", len(dead.all()), 0)
		r.sleepUntil(2 * time.Minute)
		wantEqual(t, "runs", slow.of(file), 3)
		wantEqual(t, "missing", fmt.Sprint(dead.all()[0].Missing), "[rejects]")
		r.wantStats(0, 0, 1)
		r.stop()
	})
}

func TestAnEventWhoseLetterCouldNotBeWrittenIsNotConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(1)[0]
		var runs counter
		dead := cemetery{fail: func(n int) error {
			if n <= 3 {
				return errors.New("disk full")
			}
			return nil
		}}
		r.run(handler(func(_ context.Context, e events.Event) error { runs.add(e); return worker.Permanent(errTest) }),
			worker.Options{DeadLetters: &worker.DeadLetters{Write: dead.write}})
		r.sleepUntil(89 * time.Second)
		r.wantStats(0, 1, 0)
		r.sleepUntil(2 * time.Minute)
		r.wantStats(0, 0, 1)
		wantEqual(t, "runs: only the letter was tried again", runs.of(file), 1)
		wantEqual(t, "writes", dead.writes, 4)
		r.stop()
		wantEqual(t, "lines in the log", strings.Count(r.log.String(), "disk full"), 1)
	})
}

func TestALetterIsWrittenAgainIfTheConfirmFailed(t *testing.T) {
	for _, after := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(1)
			r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 1000, Code: "InternalError", After: after})
			var dead cemetery
			r.run(handler(func(context.Context, events.Event) error { return worker.Permanent(errTest) }),
				worker.Options{DeadLetters: &worker.DeadLetters{Write: dead.write}})
			r.sleepUntil(40 * time.Second)
			r.Script()
			r.sleepUntil(5 * time.Minute)
			r.wantStats(0, 0, 1)
			keys := map[string]bool{}
			for _, letter := range dead.all() {
				keys[letter.Event.Key()] = true
			}
			wantEqual(t, "different letters", len(keys), 1)
			r.stop()
		})
	}
}

func TestAnInterruptedOrUnfairRunIsNoAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(2)
		var dead cemetery
		var runs counter
		r.run(handler(func(ctx context.Context, e events.Event) error {
			if runs.add(e) == 1 && e.FileID() == files[0] {
				time.Sleep(6 * time.Second)
				return nil
			}
			if runs.of(files[1]) == 1 { // begins with 19 of 25 s left, and is cut short
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}), worker.Options{Concurrency: 1, DeadLetters: &worker.DeadLetters{Attempts: 1, Write: dead.write}})
		r.sleepUntil(time.Minute)
		wantEqual(t, "letters", len(dead.all()), 0)
		r.wantStats(0, 0, 2)
		r.stop()
	})
}

// An event waits for its place in the dead letters. Meanwhile another delivery of it is confirmed, and what was known of
// it is forgotten.
func TestAnEventThatIsForgottenWhileItWaitsToBeBuriedIsRunAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var mended atomic.Bool
		var dead cemetery
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			switch n {
			case 1:
				return batch("poison"), nil
			case 2: // its letter could not be written; when it comes twice, another event keeps the second waiting
				time.Sleep(31 * time.Second)
				b := batch("poison", "slow", "poison")
				b.Events[2].Handle, b.Leased = "again", time.Now()
				return b, nil
			}
			return nothing()
		}}
		dead.fail = func(n int) error {
			if n == 1 {
				mended.Store(true)
				return errors.New("disk full")
			}
			return nil
		}
		status := runFor(t, 50*time.Second, src, handler(func(_ context.Context, e events.Event) error {
			if e.Handle == "slow" {
				time.Sleep(time.Second)
			}
			if mended.Load() {
				return nil
			}
			return worker.Permanent(errTest)
		}), worker.Options{Concurrency: 1, DeadLetters: &worker.DeadLetters{Write: dead.write}})
		wantEqual(t, "confirmed", status.Confirmed, 3)
		wantEqual(t, "dead-lettered, handled", fmt.Sprint(status.DeadLettered, " ", status.Handled), "1 2")
	})
}

func TestUnmatchedEventsGoWhereTheyAreToGo(t *testing.T) {
	tests := map[worker.Unmatched]struct {
		confirmed, letters, left int
	}{
		worker.UnmatchedConfirm:    {3, 0, 0},
		worker.UnmatchedLeave:      {0, 0, 3},
		worker.UnmatchedDeadLetter: {3, 3, 0},
	}
	for unmatched, want := range tests {
		t.Run(unmatched.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				r.upload(3)
				handlers := handler(succeed)
				handlers[0].Types = []string{"FileDeleted"}
				var dead cemetery
				r.run(handlers, worker.Options{Unmatched: unmatched, DeadLetters: &worker.DeadLetters{Write: dead.write}})
				r.sleepUntil(time.Second)
				wantEqual(t, "confirmed", r.Stats(0).Confirmed, want.confirmed)
				wantEqual(t, "letters", len(dead.all()), want.letters)
				wantEqual(t, "left", len(r.lefts()), want.left)
				if i := slices.IndexFunc(dead.all(), func(l worker.DeadLetter) bool { return l.Reason != worker.ReasonUnmatched }); i >= 0 {
					t.Errorf("letter: %+v", dead.all()[i])
				}
				r.stop()
			})
		})
	}
}

func TestDeadLettersThatCannotWorkAreRefused(t *testing.T) {
	for _, opts := range []worker.Options{
		{DeadLetters: &worker.DeadLetters{}},
		{DeadLetters: &worker.DeadLetters{Attempts: -1, Write: (&cemetery{}).write}},
		{Unmatched: worker.UnmatchedDeadLetter},
		{Unmatched: 9},
	} {
		if _, err := worker.New(&full{}, handler(succeed), &opts); err == nil {
			t.Errorf("%+v is accepted", opts)
		}
	}
}
