package vodtest

import (
	"testing"
	"time"
)

const fourDays = 4 * 24 * time.Hour

func TestAnEventThatWaitsIsDroppedAfterFourDays(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		time.Sleep(time.Hour)
		send(t, e, `{"N":2}`)
		time.Sleep(fourDays - time.Hour - 1)
		if got := e.Stats(appID); got.Waiting != 2 || got.Dropped != 0 {
			t.Errorf("just before: Stats are %+v", got)
		}
		time.Sleep(time.Nanosecond)
		if got := e.Stats(appID); got.Waiting != 1 || got.Dropped != 1 {
			t.Errorf("Stats are %+v", got)
		}
		if events := pull(t, e, appID); len(events) != 1 || events[0].N != 2 {
			t.Errorf("Pull brought %+v", events)
		}
	})
}

func TestAnEventIsNoYoungerForComingAgain(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		deliveries := 0
		for start := time.Now(); time.Since(start) < fourDays; time.Sleep(time.Hour) {
			deliveries += len(pull(t, e, appID))
		}
		if got := e.Stats(appID); deliveries != 96 || got.Dropped != 1 || got.Waiting+got.InFlight != 0 || got.Expired != 96 {
			t.Errorf("%d deliveries, Stats are %+v", deliveries, got)
		}
	})
}

func TestAnEventThatIsPulledButNotConfirmedIsDroppedToo(t *testing.T) {
	for _, duplicate := range []bool{false, true} {
		bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
			send(t, e, `{"N":1}`)
			time.Sleep(fourDays - 10*time.Second)
			handle := pullOne(t, e)
			if duplicate {
				e.Duplicate(appID, 1)
			}
			time.Sleep(10 * time.Second)
			if got := e.Stats(appID); got.Dropped != 1 || got.Waiting+got.InFlight != 0 || got.Expired != 0 {
				t.Errorf("duplicate %v: Stats are %+v", duplicate, got)
			}
			if items := e.Queued(appID); len(items) != 0 {
				t.Errorf("duplicate %v: queued are %+v", duplicate, items)
			}
			wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "InvalidParameterValue")
			time.Sleep(time.Minute)
			if events := pull(t, e, appID); len(events) != 0 {
				t.Errorf("duplicate %v: Pull brought %+v", duplicate, events)
			}
		})
	}
}

func TestAConfirmedEventIsNotDropped(t *testing.T) {
	for _, reconfirm := range []bool{false, true} {
		bubble(t, Config{Hold: -1, Reconfirm: reconfirm}, func(t *testing.T, e *Emulator) {
			send(t, e, `{}`)
			time.Sleep(fourDays - 10*time.Second)
			handle := pullOne(t, e)
			wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
			time.Sleep(10 * time.Second)
			if reconfirm {
				wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
			}
			time.Sleep(time.Hour)
			if got := e.Stats(appID); got.Dropped != 0 || got.Confirmed != 1 {
				t.Errorf("Stats are %+v", got)
			}
			if kept := e.app(appID).queue.kept.Len(); kept != 0 {
				t.Errorf("%d events are kept", kept)
			}
		})
	}
}

func TestTheRetentionCanBeChosen(t *testing.T) {
	bubble(t, Config{Retention: time.Minute}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		pullOne(t, e)
		start := time.Now()
		at(40*time.Second, func() { pullOne(t, e) })
		time.Sleep(58 * time.Second)
		if events := pull(t, e, appID); len(events) != 0 { // parked while the event is dropped
			t.Errorf("Pull brought %+v", events)
		}
		wantElapsed(t, start, 63*time.Second)
		if got := e.Stats(appID); got.Dropped != 1 || got.InFlight != 0 {
			t.Errorf("Stats are %+v", got)
		}
	})
}
