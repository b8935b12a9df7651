package worker_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Handlers that take all the time they have, heed their context or don't, and fail then: no time is left for a letter.
var tooLate = map[string]func(context.Context) error{
	"times out":               func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	"with no time to write":   func(context.Context) error { time.Sleep(24500 * time.Millisecond); return errTest },
	"after the handling time": func(context.Context) error { time.Sleep(27 * time.Second); return errTest },
}

// badly are ways to fail an event, those that come too late among them.
func badly() map[string]func(context.Context) error {
	ways := map[string]func(context.Context) error{
		"fails":              func(context.Context) error { return errTest },
		"not reached":        func(context.Context) error { return worker.Unreachable(errTest) },
		"rejects":            func(context.Context) error { return worker.Permanent(errTest) },
		"outlives its lease": func(context.Context) error { time.Sleep(40 * time.Second); return errTest },
	}
	maps.Copy(ways, tooLate)
	return ways
}

// In a short window each redelivery comes in a poll that was held, of whose window a second may have passed.
func TestAHandlerThatHangsInAShortWindowIsGivenUpToo(t *testing.T) {
	for _, window := range []time.Duration{3 * time.Second, 5 * time.Second, 6 * time.Second} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{Window: window, RoundTrip: 20 * time.Millisecond})
			file := r.upload(1)[0]
			var dead cemetery
			r.run(handler(func(ctx context.Context, e events.Event) error {
				if e.FileID() == file {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}), worker.Options{Window: window, DeadLetters: &worker.DeadLetters{Attempts: 3, Write: dead.write}})
			r.sleepUntil(window / 2) // so that no poll is out for less than a second when it comes
			defer r.flow(window)()
			r.sleepUntil(20 * time.Minute)
			wantEqual(t, "letters", len(dead.all()), 1)
			r.stop()
		})
	}
}

func TestWhatTakesAllItsTimeIsGivenUpForItsAttempts(t *testing.T) {
	for name, handle := range tooLate {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				file := r.upload(1)[0]
				defer r.flow(10 * time.Second)()
				var dead cemetery
				r.run(handler(func(ctx context.Context, e events.Event) error {
					if e.FileID() == file {
						return handle(ctx)
					}
					return nil
				}), worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 3, Write: dead.write}})
				r.sleepUntil(time.Hour)
				wantEqual(t, "letters", len(dead.all()), 1)
				wantEqual(t, "attempts", dead.first(t).Attempts, 3)
				wantEqual(t, "reason", dead.first(t).Reason, worker.ReasonAttempts)
				r.stop()
			})
		})
	}
}

// As from cron: the drain that finds the letter due has no time for it, and the next one writes it.
func TestALetterIsOwedOverProcesses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var dead cemetery
		var kept []byte
		runs := 0
		for len(dead.all()) == 0 && time.Since(r.begin) < 50*time.Minute {
			r.drain(handler(func(ctx context.Context, _ events.Event) error { runs++; <-ctx.Done(); return ctx.Err() }), worker.Options{
				DeadLetters: &worker.DeadLetters{
					Attempts: 5, After: 10 * time.Minute, Write: dead.write,
					Record: func(_ context.Context, change func([]byte) []byte) error { kept = change(kept); return nil },
				},
			}, worker.DrainOptions{})
			time.Sleep(time.Minute)
		}
		wantEqual(t, "letters", len(dead.all()), 1)
		r.wantStats(0, 0, 1)
	})
}

// A letter that is owed and can't be written leaves its event to be run again.
func TestALetterIsOwedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		var writes int
		var lastRun, written time.Time
		r.run(handler(func(ctx context.Context, _ events.Event) error { <-ctx.Done(); lastRun = time.Now(); return ctx.Err() }),
			worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, After: 10 * time.Minute,
				Write: func(context.Context, worker.DeadLetter) error {
					if writes++; writes <= 5 {
						return errTest
					}
					written = time.Now()
					return nil
				}}})
		r.sleepUntil(50 * time.Minute)
		wantEqual(t, "written soon after a run", written.Sub(lastRun) < time.Minute, true)
		wantEqual(t, "writes", writes, 6)
		r.stop()
	})
}

// A bad event is one that is uploaded while a worker runs.
type bad struct {
	mu   sync.Mutex
	file string
}

// upload queues another one. No handler asks before it is known.
func (b *bad) upload(r *rig) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.file = r.Upload(0, "bad.mp4")
}

func (b *bad) is(e events.Event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return e.FileID() == b.file
}

// rejected handles all events but the bad one, of which it says that it never will.
func (b *bad) rejected(_ context.Context, e events.Event) error {
	if b.is(e) {
		return worker.Permanent(errTest)
	}
	return nil
}
