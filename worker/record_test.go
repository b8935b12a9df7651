package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// The disk of the record stands still, and does not heed its context.
func TestARecordThatHangsDoesNotKeepTheWorkerFromStopping(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		hang := make(chan struct{})
		first := true
		r.run(handler(func(context.Context, events.Event) error { return errTest }), worker.Options{
			StopGrace: 10 * time.Second,
			DeadLetters: &worker.DeadLetters{Write: (&cemetery{}).write, Record: func(context.Context, func([]byte) []byte) error {
				if first {
					first = false
					return nil
				}
				<-hang
				return nil
			}},
		})
		r.sleepUntil(time.Minute)
		time.AfterFunc(time.Hour, func() { close(hang) })
		r.stop()
		if took := time.Since(r.begin) - time.Minute; took > 15*time.Second {
			t.Errorf("it took %v to stop", took)
		}
		<-hang
	})
}

// From cron: that the receiver rejected everything before is known, so that not one event is given up in each drain.
func TestWhatRejectsEverythingIsNotTakenForWellByTheNextProcess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var dead cemetery
		var kept []byte
		well := true
		for range 5 {
			r.upload(1)
			r.drain(handler(func(context.Context, events.Event) error {
				if well {
					return nil
				}
				return worker.Permanent(errTest)
			}), worker.Options{DeadLetters: &worker.DeadLetters{
				Attempts: 5, Write: dead.write,
				Record: func(_ context.Context, change func([]byte) []byte) error { kept = change(kept); return nil },
			}}, worker.DrainOptions{})
			well = false
			time.Sleep(time.Minute)
		}
		wantEqual(t, "letters", len(dead.all()), 1) // of the first, which came when all had gone well
	})
}

// The last that came of a handler was a failure, days ago. An outage that begins now has lasted for no longer than that.
func TestAFailureOfLongAgoMakesNoOutageLonger(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const after = 12 * time.Hour
		var dead cemetery
		var kept []byte
		for range 2 {
			r := newRig(t, vodtest.Config{})
			r.upload(10)
			r.drain(handler(func(context.Context, events.Event) error { return errTest }), worker.Options{
				DeadLetters: &worker.DeadLetters{Attempts: 5, After: after, Write: dead.write,
					Record: func(_ context.Context, change func([]byte) []byte) error { kept = change(kept); return nil },
				},
			}, worker.DrainOptions{})
			time.Sleep(2 * after)
		}
		wantEqual(t, "letters", len(dead.all()), 0)
	})
}

// What one process knows of failures the next one goes on with, as with a drain from cron.
func TestAttemptsAddUpOverProcesses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var dead cemetery
		var kept []byte
		poison := r.upload(1)[0]
		drains := 0
		for len(dead.all()) == 0 && drains < 20 {
			drains++
			r.upload(2)
			r.drain(handler(func(_ context.Context, e events.Event) error {
				if e.FileID() == poison {
					time.Sleep(time.Second) // the others succeed first: that is its alibi
					return errTest
				}
				return nil
			}), worker.Options{DeadLetters: &worker.DeadLetters{
				Attempts: 3, Write: dead.write,
				Record: func(_ context.Context, change func([]byte) []byte) error { kept = change(kept); return nil },
			}}, worker.DrainOptions{MaxDuration: 2 * time.Minute})
			time.Sleep(2 * time.Minute)
		}
		wantEqual(t, "letters", len(dead.all()), 1)
		wantEqual(t, "attempts", dead.first(t).Attempts, 3)
		wantEqual(t, "drains", drains, 3)
		if strings.Contains(string(kept), poison) || strings.Contains(string(kept), errTest.Error()) {
			t.Errorf("the record says what is not needed: %s", kept)
		}
	})
}

func TestARecordThatCannotBeKeptStopsNothingAndIsSaid(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var dead cemetery
		file := r.upload(1)[0]
		defer r.flow(5 * time.Second)()
		r.run(handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == file {
				return errTest
			}
			return nil
		}), worker.Options{DeadLetters: &worker.DeadLetters{
			Attempts: 5, Write: dead.write,
			Record: func(ctx context.Context, _ func([]byte) []byte) error { <-ctx.Done(); return ctx.Err() },
		}})
		r.sleepUntil(15 * time.Minute)
		wantEqual(t, "letters", len(dead.all()), 1)
		r.stop()
		wantEqual(t, "said", strings.Count(r.log.String(), "keep what is known of failures"), 2)
	})
}
