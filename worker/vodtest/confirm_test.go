package vodtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// deliver sends n events and pulls them.
func deliver(t *testing.T, e *Emulator, n int) (handles []string) {
	t.Helper()
	for range n {
		send(t, e, `{}`)
	}
	for _, event := range pull(t, e, appID) {
		handles = append(handles, event.EventHandle)
	}
	if len(handles) != n {
		t.Fatalf("Pull brought %d events, want %d", len(handles), n)
	}
	return handles
}

func TestAConfirmedEventDoesNotComeAgain(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 16)
		time.Sleep(30*time.Second - 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
		time.Sleep(time.Hour)
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("Pull brought %v", events)
		}
	})
}

func TestAHandleIsRefusedWhenItsWindowIsOver(t *testing.T) {
	bubble(t, Config{Hold: -1, Window: time.Minute}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		time.Sleep(time.Minute)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "InvalidParameterValue")
		pullOne(t, e)
	})
}

func TestOneBadHandleLeavesTheGoodOnesConfirmed(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 2)
		err := e.Confirm(t.Context(), appID, []string{handles[0], "unknown", handles[1]})
		wantCode(t, err, "InvalidParameterValue")
		if !strings.Contains(err.Error(), "1 of 3") {
			t.Errorf("error is %v, want it to count the bad handles", err)
		}
		if got := e.Stats(appID); got.Confirmed != 2 || got.InFlight != 0 {
			t.Errorf("Stats are %+v, want both confirmed", got)
		}
	})
}

func TestWithAllOrNothingOneBadHandleConfirmsNone(t *testing.T) {
	bubble(t, Config{Hold: -1, AllOrNothing: true}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 2)
		wantCode(t, e.Confirm(t.Context(), appID, append(slices.Clone(handles), "unknown")), "InvalidParameterValue")
		if got := e.Stats(appID); got.Confirmed != 0 || got.InFlight != 2 {
			t.Errorf("Stats are %+v, want none confirmed", got)
		}
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
	})
}

func TestAHandleThatWasConfirmedIsRefused(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
		wantCode(t, e.Confirm(t.Context(), appID, handles), "InvalidParameterValue")
	})
}

func TestWithReconfirmAHandleIsAcceptedAgainUntilItsWindowEnds(t *testing.T) {
	bubble(t, Config{Hold: -1, Reconfirm: true, KeepHandle: true}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
		time.Sleep(30*time.Second - 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
		if got := e.Stats(appID); got.Confirmed != 1 || got.InFlight != 0 {
			t.Errorf("Stats are %+v, want one event confirmed once", got)
		}
		if items := e.Queued(appID); len(items) != 0 {
			t.Errorf("queued are %+v", items)
		}
		time.Sleep(time.Nanosecond)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "InvalidParameterValue")
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("the confirmed event came again: %v", events)
		}
		if got := e.Stats(appID); got.Expired != 0 {
			t.Errorf("%d windows ended without a confirm", got.Expired)
		}
	})
}

func TestTheSameHandleTwiceInOneCallCountsAsOne(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		wantCode(t, e.Confirm(t.Context(), appID, []string{handles[0], handles[0]}), "")
		if got := e.Stats(appID); got.Confirmed != 1 || got.InFlight != 0 {
			t.Errorf("Stats are %+v, want one confirmed", got)
		}
	})
}

func TestConfirmTakesOneToSixteenHandles(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		tooMany := slices.Repeat(handles, 17)
		for _, wrong := range [][]string{nil, {}, tooMany} {
			wantCode(t, e.Confirm(t.Context(), appID, wrong), "InvalidParameterValue")
		}
		if got := e.Stats(appID); got.Confirmed != 0 {
			t.Errorf("%d events were confirmed", got.Confirmed)
		}
		wantCode(t, e.Confirm(t.Context(), appID, tooMany[:16]), "")
	})
}

func TestStatsAndQueuedTellWhatHappened(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		send(t, e, `{"N":1}`, `{"N":2}`)
		old := pull(t, e, appID)
		time.Sleep(30 * time.Second)
		send(t, e, `{"N":3}`)
		again := pull(t, e, appID)                        // all three
		_ = e.Confirm(t.Context(), appID, []string{"no"}) // counted, though refused
		for _, event := range again {
			if event.N == 2 {
				wantCode(t, e.Confirm(t.Context(), appID, []string{event.EventHandle}), "")
			}
		}
		send(t, e, `{"N":4}`)
		if len(old) != 2 || len(again) != 3 {
			t.Fatalf("pulls brought %d and %d events", len(old), len(again))
		}

		got := e.Stats(appID)
		if got.Sent != 4 || got.Delivered != 5 || got.Redelivered != 2 || got.Confirmed != 1 || got.Expired != 2 ||
			got.Waiting != 1 || got.InFlight != 2 || got.Calls[pullEvents] != 2 || got.Calls[confirmEvents] != 2 {
			t.Errorf("Stats are %+v", got)
		}
		items := e.Queued(appID)
		if len(items) != 3 {
			t.Fatalf("queued are %+v, want three", items)
		}
		one, four := items[0], items[2]
		if string(one.Content) != `{"N":1}` || !one.Sent.Equal(start) || !one.InFlight || one.Deliveries != 2 ||
			!one.LeaseEnd.Equal(start.Add(time.Minute)) || one.Handle == "" || one.Handle == old[0].EventHandle {
			t.Errorf("the oldest is %+v", one)
		}
		if string(four.Content) != `{"N":4}` || four.InFlight || four.Deliveries != 0 || !four.LeaseEnd.IsZero() ||
			four.Handle != "" {
			t.Errorf("the newest is %+v", four)
		}
		time.Sleep(30 * time.Second)
		if items := e.Queued(appID); items[0].InFlight || !items[0].LeaseEnd.IsZero() {
			t.Errorf("when its lease has ended, the oldest is %+v", items[0])
		}
		pull(t, e, appID)
		time.Sleep(30 * time.Second)
		if got := e.Stats(appID); got.Expired != 7 || got.Waiting != 3 || got.InFlight != 0 {
			t.Errorf("when the leases have ended, Stats are %+v", got)
		}
	})
}

func TestNothingIsKeptOfConfirmedEvents(t *testing.T) {
	for _, cfg := range []Config{{}, {Reconfirm: true}, {KeepHandle: true}, {Reconfirm: true, KeepHandle: true}} {
		cfg.Hold = -1
		bubble(t, cfg, func(t *testing.T, e *Emulator) {
			wantCode(t, e.Confirm(t.Context(), appID, deliver(t, e, 3)), "")
			if cfg.Reconfirm {
				time.Sleep(30 * time.Second)
				e.Stats(appID)
			}
			q := &e.app(appID).queue
			if len(q.live) != 0 || q.leased.Len() != 0 || q.waiting.Len() != 0 {
				t.Errorf("%+v keeps %d handles, %d leases, %d events", cfg, len(q.live), q.leased.Len(), q.waiting.Len())
			}
		})
	}
}
