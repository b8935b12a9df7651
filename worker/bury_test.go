package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// first returns the first letter.
func (c *cemetery) first(t *testing.T) worker.DeadLetter {
	t.Helper()
	if all := c.all(); len(all) > 0 {
		return all[0]
	}
	t.Fatal("there is no letter")
	return worker.DeadLetter{}
}

func TestAFailingHandlerSitsOutLongerAndLonger(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var at []time.Duration
		r.run(handler(func(context.Context, events.Event) error {
			at = append(at, time.Since(r.begin))
			return errTest
		}), worker.Options{})
		r.sleepUntil(40 * time.Minute)
		r.stop()
		// After the n-th failure it is sat out for 2^(n−1) − 1 windows of 30 s, at most 15, and at random for up to two more.
		for i, windows := range []int{1, 2, 4, 8, 16, 16} {
			gap := (at[i+1] - at[i]).Round(30*time.Second) / (30 * time.Second)
			most := windows + 2
			if i < 2 {
				most = windows
			}
			if int(gap) < windows || int(gap) > most {
				t.Errorf("%d windows between run %d and the next, want %d to %d", gap, i+1, windows, most)
			}
		}
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
		end := r.flow(30 * time.Second)
		r.sleepUntil(7*time.Minute + 29*time.Second)
		wantEqual(t, "letters", len(dead.all()), 0)
		r.sleepUntil(10 * time.Minute)
		end()
		r.wantStats(0, 0, r.Stats(0).Sent)
		r.stop()
		wantEqual(t, "runs", runs.of(files[77]), 5)
		wantEqual(t, "letters", len(dead.all()), 1)
		letter := dead.first(t)
		wantEqual(t, "letter", fmt.Sprintf("%v %v %s %d %s", letter.Event.FileID() == files[77], letter.Missing,
			letter.LastError, letter.Attempts, letter.Reason), "true [bad] it broke 5 attempts")
		if took := letter.Last.Sub(letter.First); took < 7*time.Minute+30*time.Second || took > 9*time.Minute+30*time.Second {
			t.Errorf("%v between its first and its last failure", took)
		}
		wantEqual(t, "dead-lettered", r.worker.Status().DeadLettered, 1)
	})
}

func TestAPermanentFailureIsDeadLetteredAtOnceByAHandlerThatIsWell(t *testing.T) {
	for _, attempts := range []int{0, 5} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			var dead cemetery
			var bad bad
			bad.upload(r)
			r.run(handler(bad.rejected), worker.Options{DeadLetters: &worker.DeadLetters{Attempts: attempts, Write: dead.write}})
			r.sleepUntil(20 * time.Minute)
			wantEqual(t, "letters of a handler that has never succeeded", len(dead.all()), 0)
			r.upload(1)
			r.sleepUntil(30 * time.Minute)
			wantEqual(t, "letters", len(dead.all()), 1)
			wantEqual(t, "reason", dead.first(t).Reason, worker.ReasonPermanent)
			bad.upload(r)
			r.sleepUntil(30*time.Minute + 10*time.Second)
			wantEqual(t, "letters", len(dead.all()), 2)
			r.wantStats(0, 0, 3)
			r.stop()
		})
	}
}

func TestALetterWaitsUntilNoHandlerCanSucceedAnyMore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var bad bad
		bad.upload(r)
		defer r.flow(10 * time.Second)()
		var dead cemetery
		var slow counter
		r.run([]worker.Handler{
			{Name: "rejects", Handle: bad.rejected},
			{Name: "recovers", Retry: worker.Retry{Tries: 1}, Handle: func(_ context.Context, e events.Event) error {
				if bad.is(e) && slow.add(e) < 3 {
					return errTest
				}
				return nil
			}},
		}, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, Write: dead.write}})
		r.sleepUntil(89 * time.Second)
		wantEqual(t, "letters while a handler may yet succeed", len(dead.all()), 0)
		r.sleepUntil(20 * time.Minute)
		wantEqual(t, "runs", slow.of(bad.file), 3)
		wantEqual(t, "missing", fmt.Sprint(dead.first(t).Missing), "[rejects]")
		r.stop()
	})
}

func TestAnEventWhoseLetterCouldNotBeWrittenIsNotConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var bad bad
		dead := cemetery{fail: func(n int) error {
			if n <= 3 {
				return errors.New("disk full")
			}
			return nil
		}}
		r.run(handler(bad.rejected), worker.Options{DeadLetters: &worker.DeadLetters{Write: dead.write}})
		r.sleepUntil(time.Second)
		bad.upload(r)
		r.sleepUntil(89 * time.Second)
		r.wantStats(0, 1, 1)
		r.sleepUntil(5 * time.Minute)
		r.wantStats(0, 0, 2)
		wantEqual(t, "writes", dead.writes, 4)
		r.stop()
		wantEqual(t, "lines in the log", strings.Count(r.log.String(), "disk full"), 2) // minutes apart
	})
}

func TestALetterIsWrittenAgainIfTheConfirmFailed(t *testing.T) {
	for _, after := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			r.upload(1)
			var bad bad
			var dead cemetery
			r.run(handler(bad.rejected), worker.Options{DeadLetters: &worker.DeadLetters{Write: dead.write}})
			r.sleepUntil(time.Second)
			r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 1000, Code: "InternalError", After: after})
			bad.upload(r)
			r.sleepUntil(40 * time.Second)
			r.Script()
			r.sleepUntil(5 * time.Minute)
			r.wantStats(0, 0, 2)
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
