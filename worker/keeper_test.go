package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func fail(context.Context, events.Event) error { return errTest }

// hour are the options of a worker behind a Keeper, as an inbox has them.
func hour(opts worker.Options) worker.Options {
	opts.Window = time.Hour
	return opts
}

func TestAKeeperHasOneHandler(t *testing.T) {
	two := []worker.Handler{{Name: "a", Handle: succeed}, {Name: "b", Handle: succeed}}
	if _, err := worker.New(newShelf(t), two, nil); err == nil || !strings.Contains(err.Error(), "one handler") {
		t.Errorf("got %v", err)
	}
}

func TestWhatFailsIsReturnedToItsKeeperWithWhatIsKnownOfIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, "a")
		begin := time.Now()
		runFor(t, 10*time.Minute, s, handler(fail), hour(worker.Options{}))
		back := s.of("a")
		if len(back) < 4 {
			t.Fatalf("returned %d times", len(back))
		}
		for i, r := range back[:4] {
			wantEqual(t, "attempts", r.Failed.Attempts, i+1)
			wantEqual(t, "failures", r.Failed.Count, i+1)
			wantEqual(t, "first", r.Failed.First.Sub(begin), 0)
			wantEqual(t, "error", r.Failed.LastError, errTest.Error())
			wantEqual(t, "done", r.Done, false)
		}
		wantEqual(t, "the first pause", back[0].Pause, 30*time.Second)
		wantEqual(t, "the second pause", back[1].Pause, 30*time.Second)
		if back[2].Pause < 90*time.Second || back[3].Pause < 210*time.Second {
			t.Errorf("then it rests for %v and %v", back[2].Pause, back[3].Pause)
		}
	})
}

func TestFailuresAddUpOverTheProcessesOfAKeeper(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, "a")
		begin := time.Now()
		for range 3 {
			runFor(t, 35*time.Second, s, handler(fail), hour(worker.Options{}))
		}
		back := s.of("a")
		last := back[len(back)-1]
		wantEqual(t, "attempts", last.Failed.Attempts, len(back))
		wantEqual(t, "failures", last.Failed.Count, len(back))
		wantEqual(t, "first", last.Failed.First.Sub(begin), 0)
	})
}

func TestWhatAKeeperKnowsNothingOfBeginsAnew(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, "a")
		s.forget = true // as when a dead letter is run again
		status := runFor(t, 10*time.Minute, s, handler(fail), hour(worker.Options{}))
		wantEqual(t, "runs", status.Failed > 15, true)
		for _, r := range s.of("a")[:status.Failed] {
			wantEqual(t, "attempts", r.Failed.Attempts, 1)
		}
	})
}

func TestAnEventWhoseKeeperKnowsThatItFailsForTooLongIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, "old", "young")
		first := time.Now().Add(-worker.DefaultAfter)
		s.failed = func(file string) worker.Failures {
			if file == "young" {
				return worker.Failures{Attempts: 1, Count: 1, First: first.Add(time.Hour), Last: first.Add(time.Hour), LastError: "long ago"}
			}
			return worker.Failures{Attempts: 1, Count: 7, First: first, Last: first, LastError: "long ago"}
		}
		var dead cemetery
		status := runFor(t, 20*time.Second, s, handler(fail), hour(worker.Options{DeadLetters: &worker.DeadLetters{Write: dead.write}}))
		letters := dead.all()
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		wantEqual(t, "given up", letters[0].Event.FileID(), "old")
		wantEqual(t, "reason", letters[0].Reason, worker.ReasonAge)
		wantEqual(t, "first", letters[0].First.Equal(first), true)
		wantEqual(t, "error", letters[0].LastError, errTest.Error())
		wantEqual(t, "the oldest that fails", status.OldestFailing.Equal(first.Add(time.Hour)), true)
		s.wantEnded("old", 1)
	})
}

// Each way in which a delivery ends is told to the Keeper, once: the shelf sees to that.
func TestAKeeperIsToldOnceOfEachEnd(t *testing.T) {
	const window = 40 * time.Second
	late := func(err error) func(context.Context, events.Event) error {
		return func(context.Context, events.Event) error { time.Sleep(window + 10*time.Second); return err }
	}
	letters := func(write func(context.Context, worker.DeadLetter) error) *worker.DeadLetters {
		return &worker.DeadLetters{After: time.Nanosecond, Write: write} // whatever fails is too old
	}
	written := func(context.Context, worker.DeadLetter) error { return nil }
	tests := map[string]struct {
		handle   func(context.Context, events.Event) error
		dead     *worker.DeadLetters
		confirm  func(context.Context, string) error
		confirms int
		done     bool // returned as such
		runs     int  // 0: more than one
	}{
		"a success":                    {handle: succeed, confirms: 1, runs: 1},
		"a failure":                    {handle: fail},
		"a panic":                      {handle: func(context.Context, events.Event) error { panic(errTest) }},
		"a letter":                     {handle: fail, dead: letters(written), confirms: 1},
		"a letter that is not written": {handle: fail, dead: letters(func(context.Context, worker.DeadLetter) error { return errTest })},
		"a letter that takes too long": {handle: fail, dead: letters(func(ctx context.Context, _ worker.DeadLetter) error {
			time.Sleep(window + 10*time.Second)
			return errTest
		})},
		"a letter that is late": {handle: fail, done: true, dead: letters(func(ctx context.Context, _ worker.DeadLetter) error {
			time.Sleep(window + 10*time.Second)
			return nil
		})},
		"a success that can't be confirmed": {handle: succeed, done: true, runs: 1,
			confirm: func(context.Context, string) error { return errTest }},
		"a success that is refused": {handle: succeed, done: true, runs: 1,
			confirm: func(context.Context, string) error { return worker.ErrRefused }},
		"a letter that can't be confirmed": {handle: fail, dead: letters(written), done: true,
			confirm: func(context.Context, string) error { return errTest }},
		"a late success":     {handle: late(nil), done: true, runs: 1},
		"a late failure":     {handle: late(errTest)},
		"an end of its time": {handle: func(ctx context.Context, _ events.Event) error { <-ctx.Done(); return ctx.Err() }},
		"taken away": {handle: func(ctx context.Context, _ events.Event) error {
			time.Sleep(time.Minute / 4)
			return worker.ErrTaken
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				s := newShelf(t, "a")
				s.confirm = test.confirm
				var runs atomic.Int64
				runFor(t, 2*time.Minute, s, handler(func(ctx context.Context, e events.Event) error {
					runs.Add(1)
					return test.handle(ctx, e)
				}), worker.Options{Window: window, DeadLetters: test.dead})
				if test.handle != nil && strings.Contains(name, "late") || strings.Contains(name, "too long") {
					time.Sleep(window) // the last run's
				}
				back := s.of("a")
				wantEqual(t, "done", len(back) > 0 && back[len(back)-1].Done, test.done)
				if test.runs > 0 {
					wantEqual(t, "runs", int(runs.Load()), test.runs)
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				wantEqual(t, "confirms", s.done["a"], test.confirms)
				if test.done {
					wantEqual(t, "to be run again", len(s.jobs), 0)
				}
			})
		})
	}
}

func TestWhatAStopInterruptsIsReturnedWithoutAnAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, named(20)...)
		runFor(t, 10*time.Second, s, handler(func(ctx context.Context, _ events.Event) error {
			<-ctx.Done()
			return ctx.Err()
		}), hour(worker.Options{Concurrency: 2}))
		wantEqual(t, "returned", s.countReturns(), 16) // of one poll
		for file, back := range s.returned {
			wantEqual(t, file+": attempts", back[0].Failed.Attempts, 0)
			wantEqual(t, file+": pause", back[0].Pause, 0)
		}
		s.wantEnded("file-0", 0)
	})
}

func TestAnEventThatWasTakenAwayIsNobodysFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := newShelf(t, named(64)...)
		status := runFor(t, 3*time.Second, s, handler(func(context.Context, events.Event) error {
			time.Sleep(time.Second)
			return errors.Join(context.Canceled, worker.ErrTaken)
		}), hour(worker.Options{}))
		wantEqual(t, "failed", status.Failed, 0)
		wantEqual(t, "down", len(status.DownNow), 0)
		for _, back := range s.returned {
			wantEqual(t, "failures", back[0].Failed.Count, 0)
		}
	})
}
