package clock

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAResetSetsTheClockBackAndLeavesWhatIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		var at time.Duration
		c.NewTimer(func() { at = since() }).Set(c.Now().Add(time.Minute))
		advance(t, c, 50*time.Second)
		c.Reset()
		if c.Ahead() != 0 || since() != 0 {
			t.Errorf("the clock is %v ahead", c.Ahead())
		}
		time.Sleep(10*time.Second - 1)
		if at != 0 {
			t.Errorf("the timer is called at %v", at)
		}
		advance(t, c, 1)
		if at != 10*time.Second {
			t.Errorf("the timer is called at %v", at)
		}
	})
}

func TestAResetEndsAnAdvance(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter() // so that it waits
		time.AfterFunc(time.Second, c.Reset)
		if err := c.Advance(t.Context(), time.Hour); err != ErrReset || since() != time.Second {
			t.Errorf("after %v: %v", since(), err)
		}
		c.Leave()
		c.NewTimer(c.Reset).Set(c.Now().Add(time.Minute)) // in a step
		if err := c.Advance(t.Context(), time.Hour); err != ErrReset || c.Ahead() != 0 {
			t.Errorf("%v ahead: %v", c.Ahead(), err)
		}
		advance(t, c, time.Hour)
		synctest.Wait()
	})
}
