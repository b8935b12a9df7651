package vodtest

import (
	"slices"
	"testing"
	"time"
)

func TestADuplicateComesWithinItsWindowAndEitherHandleConfirmsIt(t *testing.T) {
	for _, confirmed := range []int{0, 1} {
		bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
			handles := deliver(t, e, 1)
			if n := e.Duplicate(appID, 5); n != 1 {
				t.Errorf("Duplicate returned %d", n)
			}
			handles = append(handles, pullOne(t, e))
			if handles[0] == handles[1] {
				t.Errorf("both deliveries have the handle %s", handles[0])
			}
			wantCode(t, e.Confirm(t.Context(), appID, handles[confirmed:][:1]), "")
			wantCode(t, e.Confirm(t.Context(), appID, handles[1-confirmed:][:1]), "InvalidParameterValue")
			wantAllConfirmed(t, e)
		})
	}
}

func TestADuplicateThatStillWaitsGoesWithItsEvent(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		e.Duplicate(appID, 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("the confirmed event came again: %v", events)
		}
		wantAllConfirmed(t, e)
	})
}

func TestADuplicateIsHiddenUntilItsLastWindowEnds(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		deliver(t, e, 1)
		time.Sleep(10 * time.Second)
		e.Duplicate(appID, 1)
		last := pullOne(t, e)
		time.Sleep(30*time.Second - 1) // the first window ended 10 s ago
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("Pull brought %v", events)
		}
		if queued := e.Queued(appID); len(queued) != 1 || queued[0].Handle != last || time.Until(queued[0].LeaseEnd) != 1 {
			t.Errorf("queued is %+v, want one event until the end of its last window", queued)
		}
		time.Sleep(time.Nanosecond)
		wantCode(t, e.Confirm(t.Context(), appID, []string{pullOne(t, e)}), "")
		wantAllConfirmed(t, e)
	})
}

func TestADuplicateWakesAHeldPull(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		deliver(t, e, 2)
		at(3*time.Second, func() { e.Duplicate(appID, 1) })
		start := time.Now()
		pullOne(t, e)
		wantElapsed(t, start, 3*time.Second)
	})
}

func TestShufflingKeepsEveryEventInAnOrderThatTheSeedDecides(t *testing.T) {
	orders := make([][]int, 3)
	for i, seed := range []uint64{1, 1, 2} {
		bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
			send(t, e, `{"N":0}`, `{"N":1}`, `{"N":2}`, `{"N":3}`, `{"N":4}`, `{"N":5}`, `{"N":6}`, `{"N":7}`)
			e.Shuffle(appID, seed)
			for _, event := range pull(t, e, appID) {
				orders[i] = append(orders[i], event.N)
			}
		})
	}
	if !slices.Equal(orders[0], orders[1]) || slices.Equal(orders[0], orders[2]) || slices.IsSorted(orders[0]) {
		t.Errorf("orders are %v, want two alike and one not", orders)
	}
	for _, order := range orders {
		slices.Sort(order)
		if !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("the events are %v", order)
		}
	}
}

func wantAllConfirmed(t *testing.T, e *Emulator) {
	t.Helper()
	time.Sleep(time.Hour)
	s, q := e.Stats(appID), &e.app(appID).queue
	if s.Confirmed != s.Sent || s.InFlight != 0 || s.Waiting != 0 || q.leased.Len() != 0 || len(q.live) != 0 {
		t.Errorf("Stats are %+v with %d leases and %d handles, want all confirmed", s, q.leased.Len(), len(q.live))
	}
}
