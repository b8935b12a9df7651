package vodtest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestAPullThatLeavesHandsOnWhatBecameVisible(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		pullOne(t, e)
		leaving, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := e.Pull(leaving, appID)
			left <- err
		}()
		got := make(chan string)
		go func() { got <- pullOne(t, e) }()
		synctest.Wait()
		start := time.Now()
		e.mu.Lock() // a lease ends, and the alarm that would say so is lost to another that was set
		e.app(appID).queue.expire(start.Add(time.Minute))
		e.app(appID).alarm.Stop()
		e.mu.Unlock()
		leave()
		if err := <-left; err != context.Canceled {
			t.Errorf("the pull that left returned %v", err)
		}
		<-got
		wantElapsed(t, start, 0)
	})
}

func TestAPullWhoseClientLeavesTakesNothing(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		ctx, cancel := context.WithCancel(t.Context())
		at(2*time.Second, func() {
			cancel()
			send(t, e, `{}`) // before the pull has noticed
		})
		start := time.Now()
		if set, err := e.Pull(ctx, appID); err != context.Canceled {
			t.Errorf("Pull returned %s, %v, want %v", set, err, context.Canceled)
		}
		synctest.Wait() // the event is there
		wantElapsed(t, start, 2*time.Second)
		if _, err := e.Pull(ctx, appID); err != context.Canceled {
			t.Errorf("a second Pull returned %v, want %v", err, context.Canceled)
		}
		if got := e.Stats(appID); got.Delivered != 0 || got.Waiting != 1 || got.Calls[pullEvents] != 1 {
			t.Errorf("Stats are %+v, want nothing delivered", got)
		}
		pullOne(t, e)
		wantElapsed(t, start, 2*time.Second)
	})
}

func TestAnHTTPClientThatLeavesWhileHeldTakesNothing(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		body := `{"SubAppId":1500000001}`
		if _, _, err := roundTrip(t, pipe.Serve(t, e), request(pullEvents, body).WithContext(ctx)); err == nil {
			t.Fatal("the request succeeded")
		}
		synctest.Wait()
		start := time.Now()
		send(t, e, `{}`)
		pullOne(t, e)
		wantElapsed(t, start, 0)
	})
}

func TestAnAnswerThatIsLostHidesItsEvents(t *testing.T) {
	bubble(t, Config{Hold: -1, RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if _, err := e.Pull(ctx, appID); err != context.DeadlineExceeded {
			t.Fatalf("Pull returned %v", err)
		}
		items := e.Queued(appID)
		if len(items) != 1 || !items[0].InFlight {
			t.Errorf("queued are %+v, want one event in flight", items)
		}
	})
}

func TestAClientThatLeavesOnItsWayInChangesNothing(t *testing.T) {
	bubble(t, Config{Hold: -1, RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, err := e.Pull(ctx, appID); err != context.DeadlineExceeded {
			t.Fatalf("Pull returned %v", err)
		}
		if got := e.Stats(appID); got.Delivered != 0 {
			t.Errorf("%d events were delivered", got.Delivered)
		}
	})
}

func TestCloseEndsWhatWaits(t *testing.T) {
	bubble(t, Config{RoundTrip: 2 * time.Second}, func(t *testing.T, e *Emulator) {
		e.Script(Fault{Action: confirmEvents, Kind: FaultHang})
		held, hung, under := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		go func() { _, err := e.Pull(t.Context(), appID); held <- err }()
		go func() { hung <- e.Confirm(t.Context(), appID, []string{"x"}) }()
		time.Sleep(1500 * time.Millisecond)
		go func() { _, err := e.Pull(t.Context(), appID); under <- err }()
		synctest.Wait()
		start := time.Now()
		e.Close()
		e.Close()
		for _, c := range []chan error{held, hung, under} {
			if err := <-c; err != errClosed {
				t.Errorf("a waiting call returned %v", err)
			}
		}
		if err := e.Confirm(t.Context(), appID, []string{"x"}); err != errClosed {
			t.Errorf("a later call returned %v", err)
		}
		wantElapsed(t, start, 0)
	})
}
