package clock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const patience = 200 * time.Millisecond

// wait begins a worker that waits for 5 s, and is answered after a while, in real time. It returns how long that was by the clock,
// and whether it was answered.
func wait(t *testing.T, c *Clock, answer time.Duration) (took time.Duration, answered bool) {
	start := c.Now()
	c.Enter()
	defer c.Leave()
	c.Wait(t.Context(), 5*time.Second, patience, errOver, func(ctx context.Context) {
		select {
		case <-ctx.Done():
		case <-time.After(answer):
			answered = true
		}
	})
	return c.Now().Sub(start), answered
}

func TestAnAdvanceComesThroughWaitsThatBeginAllTheTime(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
		var all sync.WaitGroup
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		all.Go(func() {
			for ctx.Err() == nil {
				all.Go(func() {
					if _, answered := wait(t, c, 100*time.Millisecond); !answered {
						t.Error("a wait ends in its patience")
					}
				})
				time.Sleep(50 * time.Millisecond)
			}
		})
		time.Sleep(time.Second)
		start := time.Now()
		advance(t, c, 30*time.Second)
		if took := time.Since(start); took > time.Second {
			t.Errorf("that took %v", took)
		}
		stop()
		all.Wait()
	})
}

func TestAnAdvanceGoesOnWhileItsWorkersDo(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter()
		time.AfterFunc(3*settling, c.Leave)
		go func() { // it waits now and then, while the other one is busy
			for range 3 {
				time.Sleep(settling - 1)
				wait(t, c, 0)
			}
		}()
		advance(t, c, time.Hour)
		if since() != time.Hour+3*settling {
			t.Errorf("%v have passed", since())
		}
		synctest.Wait()
	})
}

func TestAWaitHasItsPatienceWhenAnAdvanceEndsJustBeforeIt(t *testing.T) {
	for _, again := range []bool{false, true} { // another Advance comes, or real time passes
		bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
			start := time.Now()
			go func() {
				if took, answered := wait(t, c, 199*time.Millisecond); !answered {
					t.Errorf("a wait ends after %v by the clock, and %v of the time", took, time.Since(start))
				}
			}()
			late := make(chan time.Duration)
			go func() {
				wait(t, c, time.Hour)
				late <- time.Since(start)
			}()
			synctest.Wait()
			advance(t, c, 4980*time.Millisecond)
			if again {
				advance(t, c, 20*time.Millisecond)
			}
			if took := <-late; took != patience {
				t.Errorf("a wait ends after %v, want %v", took, patience)
			}
		})
	}
}

func TestAWaitThatIsShorterThanItsPatienceIsNoLonger(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter()
		c.Wait(t.Context(), 10*time.Millisecond, patience, nil, func(ctx context.Context) { <-ctx.Done() })
		c.Leave()
		if since() != 10*time.Millisecond {
			t.Errorf("it ends after %v", since())
		}
	})
}

func TestOneAdvanceIsUnderWayAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
		c.Enter() // so that both wait
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { advance(t, c, time.Hour) })
		}
		time.Sleep(time.Second)
		c.Leave()
		all.Wait()
		if c.Ahead() != 2*time.Hour {
			t.Errorf("the clock is %v ahead", c.Ahead())
		}
	})
}

func TestTheClockDoesNotGoBackForATimerThatIsLate(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		at := -time.Hour
		c.NewTimer(func() { at = since() }).Set(c.Now().Add(-time.Minute))
		advance(t, c, time.Hour)
		synctest.Wait()
		if at < 0 {
			t.Errorf("its function is called at %v", at)
		}
	})
}

func TestTimersOfOneTimeAreCalledAsTheyWereSet(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
		var calls, want []int
		at := c.Now().Add(time.Minute)
		for n := range 10 {
			want = append(want, n)
			c.NewTimer(func() { calls = append(calls, n) }).Set(at)
		}
		advance(t, c, time.Hour)
		if !slices.Equal(calls, want) {
			t.Errorf("they are called as %v", calls)
		}
	})
}

func TestAnAdvanceEndsWithItsContextInTheMidstOfWhatIsDue(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
		ctx, cancel := context.WithCancel(t.Context())
		c.NewTimer(cancel).Set(c.Now().Add(time.Minute))
		c.NewTimer(func() { t.Error("the second is called") }).Set(c.Now().Add(2 * time.Minute))
		if err := c.Advance(ctx, time.Hour); !errors.Is(err, context.Canceled) || c.Ahead() != time.Minute {
			t.Errorf("%v ahead: %v", c.Ahead(), err)
		}
		c.Reset()
	})
}
