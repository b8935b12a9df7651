package vodtest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAWindowIsEndedByHand(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"EventType":"A"}`)
		first := pullOne(t, e)
		again := make(chan string, 1)
		go func() { again <- pullOne(t, e) }()
		synctest.Wait()
		start := time.Now()
		if err := e.ExpireEvent(appID, 1); err != nil {
			t.Error(err)
		}
		second := <-again
		wantElapsed(t, start, 0) // the poll had waited for it
		wantCode(t, e.Confirm(t.Context(), appID, []string{first}), "InvalidParameterValue")
		wantCode(t, e.Confirm(t.Context(), appID, []string{second}), "")
		if got := e.Stats(appID); got.Expired != 1 || got.Redelivered != 1 || got.InFlight != 0 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestWhatWaitsHasNoWindowToEnd(t *testing.T) {
	e := New(Config{})
	send(t, e, `{}`)
	if err := e.ExpireEvent(appID, 1); err == nil || err.Error() != "vodtest: event 1: it waits, and has no window to end" {
		t.Errorf("the error is %v", err)
	}
}

func TestAnEventIsConfirmedByHandWhereverItIs(t *testing.T) {
	for _, reconfirm := range []bool{false, true} {
		bubble(t, Config{Hold: -1, Reconfirm: reconfirm}, func(t *testing.T, e *Emulator) {
			send(t, e, `{"EventType":"A"}`)
			pullOne(t, e)
			send(t, e, `{"EventType":"B"}`)
			for number := 1; number <= 2; number++ {
				if err := e.ConfirmEvent(appID, number); err != nil {
					t.Error(err)
				}
			}
			if err := e.ConfirmEvent(appID, 1); err == nil || err.Error() != "vodtest: event 1: it has left the queue" {
				t.Errorf("the error of a second time is %v", err)
			}
			time.Sleep(time.Minute)
			if got := e.Stats(appID); got.Confirmed != 2 || got.Waiting != 0 || got.InFlight != 0 || got.Expired != 0 {
				t.Errorf("counts are %+v", got)
			}
			if past := stateOf(t, e).Past; len(past) != 2 || past[0].How != howConfirmed {
				t.Errorf("past are %+v", past)
			}
		})
	}
}
