package worker_test

import (
	"context"
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
