package vodtest

import (
	"testing"
	"time"
)

func TestASkewedClockRefusesSignaturesThatAreMoreThanFiveMinutesOff(t *testing.T) {
	bubble(t, Config{Hold: -1, Skew: -301 * time.Second}, func(t *testing.T, e *Emulator) {
		for _, step := range []struct {
			skew time.Duration
			want string
		}{
			{-301 * time.Second, "AuthFailure.SignatureExpire"},
			{-300 * time.Second, "ResourceNotFound"},
			{300 * time.Second, "ResourceNotFound"},
			{301 * time.Second, "AuthFailure.SignatureExpire"},
		} {
			if step.skew != e.cfg.Skew {
				e.SetSkew(step.skew)
			}
			_, _, answer := ask(e, request(pullEvents, `{}`))
			if got := answeredCode(t, answer); got != step.want {
				t.Errorf("with a clock that is %v ahead the answer is %s, want %s", step.skew, got, step.want)
			}
		}
	})
}

func TestAWindowGoesOnWhenTheClockIsStepped(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		handles := deliver(t, e, 1)
		e.SetSkew(time.Hour)
		time.Sleep(30*time.Second - 1)
		wantCode(t, e.Confirm(t.Context(), appID, handles), "")
	})
}

func TestAFastClockEndsTheWindowEarlier(t *testing.T) {
	for drift, window := range map[float64]time.Duration{0.001: 29_970 * time.Millisecond, -0.001: 30_030 * time.Millisecond} {
		bubble(t, Config{Hold: -1, Drift: drift}, func(t *testing.T, e *Emulator) {
			deliver(t, e, 1)
			time.Sleep(window - 1)
			if events := pull(t, e, appID); len(events) != 0 {
				t.Errorf("drift %v: the event came again before %v", drift, window)
			}
			time.Sleep(time.Nanosecond)
			pullOne(t, e)
		})
	}
}
