package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A quiet application, and a receiver whose token is being replaced, that is down for an hour, or that can't be reached.
func TestAnOutageOfAQuietApplicationCostsNoEvent(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		lasts time.Duration
	}{
		"a token is being replaced": {errTest, 20 * time.Second},
		"it is down":                {errTest, time.Hour},
		"it is not reached":         {worker.Unreachable(errTest), time.Hour},
		"it rejects everything":     {worker.Permanent(errTest), time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				var dead cemetery
				var away atomic.Bool
				r.run(handler(func(context.Context, events.Event) error {
					if away.Load() {
						return test.err
					}
					return nil
				}), worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 2, Write: dead.write}})
				r.upload(1)
				r.sleepUntil(time.Minute)
				away.Store(true)
				if name != "it rejects everything" { // then the first to come is given up, since all went well before
					r.upload(1)
				}
				r.sleepUntil(time.Minute + test.lasts/2)
				r.upload(2)
				r.sleepUntil(time.Minute + test.lasts)
				away.Store(false)
				r.sleepUntil(time.Minute + test.lasts + 10*time.Minute)
				given := 0
				if name == "it rejects everything" {
					given = 1
				}
				wantEqual(t, "letters", len(dead.all()), given)
				r.wantStats(0, 0, r.Stats(0).Sent)
				r.stop()
			})
		})
	}
}

// What is surely the place's fault is no attempt, however well the handler does with others.
func TestWhatIsThePlacesFaultIsNoAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(1)[0]
		defer r.flow(10 * time.Second)()
		var runs counter
		var dead cemetery
		r.run(handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == file {
				runs.add(e)
				return worker.Unreachable(errTest)
			}
			return nil
		}), worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 2, Write: dead.write}})
		r.sleepUntil(time.Hour)
		wantEqual(t, "letters", len(dead.all()), 0)
		if n := runs.of(file); n < 100 { // a try at each redelivery: it is not sat out
			t.Errorf("%d runs", n)
		}
		r.stop()
	})
}

// Whatever a handler has against an event, and whether it is down or does not return: a day before VOD drops the event it is
// written.
func TestWhatHasFailedForTooLongIsGivenUp(t *testing.T) {
	const after = 90 * time.Minute
	ways := badly()
	ways["stuck"] = func(context.Context) error { time.Sleep(2 * time.Hour); return errTest }
	for name, handle := range ways {
		for _, n := range []int{1, 8} { // as many bring it down
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					r := newRig(t, vodtest.Config{Hold: 5 * time.Second})
					r.upload(n)
					var dead cemetery
					r.run(handler(func(ctx context.Context, _ events.Event) error { return handle(ctx) }), worker.Options{
						DeadLetters: &worker.DeadLetters{Attempts: 5, After: after, Write: dead.write},
					})
					r.sleepUntil(after - time.Minute)
					wantEqual(t, "letters before", len(dead.all()), 0)
					r.sleepUntil(after + 20*time.Minute)
					wantEqual(t, "letters", len(dead.all()), n)
					wantEqual(t, "reason", dead.first(t).Reason, worker.ReasonAge)
					r.wantStats(0, 0, n)
					r.sleepUntil(2*time.Hour + time.Minute)
					r.stop()
				})
			})
		}
	}
}

// A handler that has been down for longer than an event may fail is waited for no more: all that comes is written, until it
// is back.
func TestAHandlerThatIsDownForTooLongHoldsNothingBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const after = 2 * time.Hour
		r := newRig(t, vodtest.Config{})
		var dead cemetery
		var back atomic.Bool
		var other counter
		r.upload(10)
		r.run([]worker.Handler{
			{Name: "down", Handle: func(context.Context, events.Event) error {
				if back.Load() {
					return nil
				}
				return errTest
			}},
			{Name: "well", Handle: func(_ context.Context, e events.Event) error { other.add(e); return nil }},
		}, worker.Options{DeadLetters: &worker.DeadLetters{Attempts: 5, After: after, Write: dead.write}})
		r.sleepUntil(after - time.Minute)
		wantEqual(t, "letters", len(dead.all()), 0)
		r.upload(3000)
		r.sleepUntil(after + 5*time.Minute)
		if n := len(dead.all()); n < 3005 {
			t.Errorf("%d of 3,010 are written", n)
		}
		wantEqual(t, "what the other handler has handled", len(other.all()), 3010)
		for _, letter := range dead.all() {
			if letter.Reason != worker.ReasonAge || fmt.Sprint(letter.Missing) != "[down]" || letter.LastError == "" {
				t.Fatalf("%+v", letter)
			}
		}
		back.Store(true)
		r.sleepUntil(after + 10*time.Minute)
		written := len(dead.all())
		r.upload(100)
		r.sleepUntil(after + 15*time.Minute)
		wantEqual(t, "letters since it is back", len(dead.all())-written, 0)
		r.wantStats(0, 0, 3110)
		r.stop()
	})
}

// The event that probes a handler never returns. It costs a place; the handler is probed again.
func TestAProbeThatOutlivesItsLeaseHasFailed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		var calls atomic.Int64
		hang := make(chan struct{})
		r.upload(5)
		r.run(handler(func(context.Context, events.Event) error {
			switch n := calls.Add(1); {
			case n <= 5:
				return errTest
			case n == 6:
				<-hang
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(500 * time.Millisecond)
		wantEqual(t, "down", len(r.worker.Status().DownNow), 1)
		r.upload(95)
		r.sleepUntil(3 * time.Minute)
		wantEqual(t, "confirmed", r.Stats(0).Confirmed, 99)
		wantEqual(t, "stuck", r.worker.Status().Stuck, 1)
		close(hang)
		r.sleepUntil(5 * time.Minute)
		r.stop()
	})
}

// A handler that never returns is down after five events, not when it holds every place.
func TestAHandlerThatNeverReturnsIsDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		hang := make(chan struct{})
		r.upload(5)
		r.run([]worker.Handler{
			{Name: "hangs", Types: []string{"NewFileUpload"}, Handle: func(context.Context, events.Event) error { <-hang; return nil }},
			{Name: "well", Types: []string{"ProcedureStateChanged"}, Handle: succeed},
		}, worker.Options{})
		r.sleepUntil(31 * time.Second)
		wantEqual(t, "down", strings.Join(r.worker.Status().DownNow, " "), "hangs")
		r.upload(100)
		r.Process(0, "1", "")
		r.sleepUntil(5 * time.Minute)
		if n := r.worker.Status().Stuck; n > 5+10 { // a probe every 30 s
			t.Errorf("%d places are held", n)
		}
		wantEqual(t, "confirmed of what it is not needed for", r.Stats(0).Confirmed, 1)
		close(hang)
		r.sleepUntil(7 * time.Minute)
		r.wantStats(0, 0, 106)
		r.stop()
	})
}

func TestADrainSaysThatItGivesNothingUpForItsAttemptsWithoutAFolder(t *testing.T) {
	for name, dead := range map[string]*worker.DeadLetters{
		"said":         {Attempts: 5},
		"not with one": {Attempts: 5, Record: func(context.Context, func([]byte) []byte) error { return nil }},
	} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{})
			dead.Write = (&cemetery{}).write
			r.drain(handler(succeed), worker.Options{DeadLetters: dead}, worker.DrainOptions{})
			wantEqual(t, name, strings.Contains(r.log.String(), "nothing keeps count"), name == "said")
		})
	}
}

// flow uploads a file at each tick, until it is ended.
func (r *rig) flow(every time.Duration) (end func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
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
	return func() { cancel(); <-done }
}

// sleepUntil lets time pass until d after the beginning.
