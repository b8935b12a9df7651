package vodtest

import (
	"testing"
	"time"
)

func TestAnEventIsHiddenForItsWindowAndComesAgainUnderANewHandle(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		old := pullOne(t, e)
		time.Sleep(30*time.Second - 1)
		if events := pull(t, e, appID); len(events) != 0 {
			t.Fatalf("the window has not ended, but Pull brought %v", events)
		}
		time.Sleep(time.Nanosecond)
		again := pullOne(t, e)
		if again == old {
			t.Errorf("both deliveries have the handle %s", old)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{old}), "InvalidParameterValue")
		wantCode(t, e.Confirm(t.Context(), appID, []string{again}), "")
	})
}

func TestWithKeepHandleAnEventComesAgainUnderItsHandle(t *testing.T) {
	bubble(t, Config{Hold: -1, KeepHandle: true}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		handle := pullOne(t, e)
		time.Sleep(30 * time.Second)
		wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "InvalidParameterValue")
		if again := pullOne(t, e); again != handle {
			t.Errorf("the redelivery has the handle %s, want %s", again, handle)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
		time.Sleep(30 * time.Second)
		if events := pull(t, e, appID); len(events) != 0 {
			t.Errorf("the confirmed event came again: %v", events)
		}
	})
}

func TestARedeliveryComesBehindNewerEvents(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		pullOne(t, e)
		send(t, e, `{"N":2}`)
		time.Sleep(30 * time.Second)
		events := pull(t, e, appID)
		if len(events) != 2 || events[0].N != 2 || events[1].N != 1 {
			t.Errorf("Pull brought %v, want 2 before 1", events)
		}
	})
}

func TestAHeldPullWakesWhenALeaseEnds(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		pullOne(t, e)
		for range 2 {
			time.Sleep(27 * time.Second)
			start := time.Now()
			pullOne(t, e)
			wantElapsed(t, start, 3*time.Second)
		}
	})
}

func TestAHeldPullWakesWhenALeaseEndsThatBeganAfterIt(t *testing.T) {
	bubble(t, Config{Window: time.Second}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		done := make(chan time.Duration, 2)
		for range 2 {
			go func() {
				pullOne(t, e)
				done <- time.Since(start)
			}()
		}
		at(2*time.Second, func() { send(t, e, `{}`) })
		if first, second := <-done, <-done; first != 2*time.Second || second != 3*time.Second {
			t.Errorf("pulls were answered after %v and %v, want 2s and 3s", first, second)
		}
	})
}

func TestAPullWhoseHoldEndsWithALeaseTakesTheEvent(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		pullOne(t, e)
		time.Sleep(25 * time.Second)
		start := time.Now()
		pullOne(t, e)
		wantElapsed(t, start, 5*time.Second)
	})
}
