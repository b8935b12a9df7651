package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// two returns a handler that counts its runs, and one that fails until it is mended.
func two(ok, bad *counter, failing func(e events.Event, run int) error) []worker.Handler {
	return []worker.Handler{
		{Name: "ok", Handle: func(_ context.Context, e events.Event) error { ok.add(e); return nil }},
		{Name: "bad", Retry: worker.Retry{Tries: 1}, Handle: func(_ context.Context, e events.Event) error {
			return failing(e, bad.add(e))
		}},
	}
}

func TestWhatHasSucceededIsNotRunAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(1)[0]
		var ok, bad counter
		r.run(two(&ok, &bad, func(_ events.Event, run int) error {
			if run < 3 {
				return errTest
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(5 * time.Minute)
		wantEqual(t, "runs of the handler that succeeded at once", ok.of(file), 1)
		wantEqual(t, "runs of the other", bad.of(file), 3)
		r.wantStats(0, 0, 1)
		r.stop()
	})
}

// It has not returned for longer than an event is remembered, and all the while each redelivery is left.
func TestASuccessThatComesVeryLateIsRememberedFromThenOn(t *testing.T) {
	for _, window := range []time.Duration{30 * time.Second, 12 * time.Minute} {
		inBubble(t, func(t *testing.T) {
			r := newRig(t, vodtest.Config{Window: window})
			file := r.upload(1)[0]
			var runs, bad counter
			r.run(two(&runs, &bad, func(events.Event, int) error {
				time.Sleep(window + 11*time.Minute)
				return nil
			}), worker.Options{Window: window})
			r.sleepUntil(time.Hour)
			wantEqual(t, "runs", runs.of(file), 1)
			wantEqual(t, "runs of the one that is late", bad.of(file), 1)
			r.wantStats(0, 0, 1)
			r.stop()
		})
	}
}

func TestEventsThatCanRepeatAreNotRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		if err := r.Send(0, []byte(`{"EventType":"RestoreMediaComplete","RestoreMediaCompleteEvent":{"FileId":"7"}}`)); err != nil {
			t.Fatal(err)
		}
		var ok, bad counter
		r.run(two(&ok, &bad, func(_ events.Event, run int) error {
			if run < 3 {
				return errTest
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(5 * time.Minute)
		// At 0 s, 30 s, in the redelivery that bad sits out there is nothing to confirm, and so ok runs; and at 90 s.
		wantEqual(t, "runs of the handler that succeeded at once", ok.of("7"), 4)
		wantEqual(t, "runs of the other", bad.of("7"), 3)
		r.wantStats(0, 0, 1)
		r.stop()
	})
}

func TestSuccessIsRememberedThoughConfirmingFailsOrItsAnswerIsLost(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("took effect %v", after), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				files := r.upload(40)
				r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 100, Kind: vodtest.FaultReset, After: after})
				var runs counter
				r.run(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }), worker.Options{})
				r.sleepUntil(45 * time.Second)
				r.Script()
				r.sleepUntil(20 * time.Minute)
				for _, file := range files {
					wantEqual(t, "runs", runs.of(file), 1)
				}
				r.wantStats(0, 0, 40)
				r.stop()
			})
		})
	}
}

// The window is over while the confirm is still out; the event that comes then is not run beside it.
func TestSuccessIsRememberedAtTheEndOfTheLeaseThoughACallIsStillOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		file := r.upload(1)[0]
		r.Script(vodtest.Fault{Action: "ConfirmEvents", First: 1, Last: 1, Kind: vodtest.FaultHang})
		var runs counter
		r.run(handler(func(_ context.Context, e events.Event) error {
			runs.add(e)
			time.Sleep(26 * time.Second) // beyond its context, and the call takes the rest
			return nil
		}), worker.Options{})
		r.sleepUntil(2 * time.Minute)
		wantEqual(t, "runs", runs.of(file), 1)
		r.wantStats(0, 0, 1)
		r.stop()
	})
}

func TestADuplicateThatCameBeforeTheLeaseEndedIsAnEventOfItsOwn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const event = `{"EventHandle":"%s","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7"}}`
		src := &scripted{answers: []string{"[" + fmt.Sprintf(event, "a") + "]", "[" + fmt.Sprintf(event, "b") + "]"}}
		var ok, bad counter
		w, err := worker.New(src, two(&ok, &bad, func(_ events.Event, run int) error {
			if run == 1 {
				return errTest
			}
			return nil
		}), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "runs", fmt.Sprint(ok.of("7"), bad.of("7")), "2 2")
		wantEqual(t, "confirmed", strings.Join(src.confirmed, " "), "b")
	})
}

func TestMemoryLastsTenMinutes(t *testing.T) {
	tests := map[time.Duration]int{ // how long the event stays away after its lease: runs of the handler that succeeded
		9 * time.Minute:  1,
		11 * time.Minute: 2,
	}
	for away, want := range tests {
		t.Run(away.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				const event = `[{"EventHandle":"a","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7"}}]`
				src := &scripted{answers: []string{event}}
				var ok, bad counter
				w, err := worker.New(src, two(&ok, &bad, func(_ events.Event, run int) error {
					if run == 1 {
						return errTest
					}
					return nil
				}), nil)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
				defer cancel()
				time.AfterFunc(30*time.Second+away, func() { src.answer(event) })
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				wantEqual(t, "runs", fmt.Sprint(ok.of("7"), bad.of("7")), fmt.Sprint(want, 2))
			})
		})
	}
}

// Every second confirm fails: of these, one before and one after it took effect, its answer lost.
func TestNoHandlerRunsTwiceThoughEverySecondConfirmFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		r.ScriptFunc(func(call vodtest.Call) *vodtest.Fault {
			if call.Action != "ConfirmEvents" || call.Number%2 == 1 {
				return nil
			}
			return &vodtest.Fault{Kind: vodtest.FaultReset, After: call.Number%4 == 0}
		})
		files := r.upload(2000)
		var runs counter
		r.run(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }), worker.Options{})
		r.sleepUntil(5 * time.Minute)
		r.stop()
		for _, file := range files {
			wantEqual(t, "runs", runs.of(file), 1)
		}
		r.wantStats(0, 0, 2000)
		s := r.worker.Status()
		wantEqual(t, "confirmed, unconfirmed", fmt.Sprint(s.Confirmed, " ", s.Unconfirmed), "2000 0")
	})
}
