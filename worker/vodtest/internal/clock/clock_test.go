package clock

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs f in a synctest bubble with a clock, and what since tells: how much time has passed by it.
func bubble(t *testing.T, f func(t *testing.T, c *Clock, since func() time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, start := New(), time.Now()
		f(t, c, func() time.Duration { return c.Now().Sub(start) })
	})
}

func advance(t *testing.T, c *Clock, d time.Duration) {
	t.Helper()
	if err := c.Advance(t.Context(), d); err != nil {
		t.Errorf("Advance by %v: %v", d, err)
	}
}

func TestTimersThatAreDueAreCalledInOrderEachAtItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		type call struct {
			name string
			at   time.Duration
		}
		var mu sync.Mutex
		var calls []call
		set := func(name string, at time.Duration, then func()) {
			c.NewTimer(func() {
				mu.Lock()
				calls = append(calls, call{name, since()})
				mu.Unlock()
				then()
			}).Set(c.Now().Add(at))
		}
		nothing := func() {}
		set("third", 3*time.Second, nothing)
		set("beyond", 11*time.Second, nothing)
		set("first", time.Second, func() { set("within", time.Second, nothing) })
		set("as soon as the third", 3*time.Second, nothing)
		set("last", 10*time.Second, nothing)
		start := time.Now()
		advance(t, c, 10*time.Second)
		want := []call{
			{"first", time.Second}, {"within", 2 * time.Second}, {"third", 3 * time.Second},
			{"as soon as the third", 3 * time.Second}, {"last", 10 * time.Second},
		}
		if !slices.Equal(calls, want) {
			t.Errorf("calls are %v, want %v", calls, want)
		}
		if time.Since(start) != 0 || since() != 10*time.Second || c.Ahead() != 10*time.Second {
			t.Errorf("%v passed, %v by the clock, which is %v ahead", time.Since(start), since(), c.Ahead())
		}
		time.Sleep(time.Second - 1)
		synctest.Wait()
		mu.Lock()
		if len(calls) != len(want) {
			t.Errorf("after that %v", calls[len(want):])
		}
		mu.Unlock()
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if last := calls[len(calls)-1]; last != (call{"beyond", 11 * time.Second}) {
			t.Errorf("after that %v", last)
		}
	})
}

func TestATimerCallsOnceWhenItWasSetForLast(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		var calls []time.Duration
		timer := c.NewTimer(func() { calls = append(calls, since()) })
		if timer.Stop() {
			t.Error("a timer that was never set is stopped")
		}
		timer.Set(c.Now().Add(time.Second))
		timer.Set(c.Now().Add(2 * time.Second))
		time.Sleep(time.Hour)
		timer.Set(c.Now().Add(time.Second))
		if !timer.Stop() || timer.Stop() {
			t.Error("a timer that is set can be stopped, once")
		}
		advance(t, c, time.Hour)
		timer.Set(c.Now().Add(-time.Second))
		synctest.Wait()
		if want := []time.Duration{2 * time.Second, 2 * time.Hour}; !slices.Equal(calls, want) {
			t.Errorf("calls are at %v, want %v", calls, want)
		}
	})
}

func TestARealTimerThatComesLateCallsNothing(t *testing.T) {
	c := New()
	timer := c.NewTimer(func() { t.Error("the timer is called") })
	timer.Set(c.Now().Add(time.Hour))
	timer.ring() // it was set for now before
	timer.Stop()
	timer.ring()
	timer.set(c.Now(), time.Now().Add(time.Hour)) // it was to ring before its patience
	timer.ring()
}

// A holder of the lock that a timer's function needs may set and stop it.
func TestTimersAreSetAndStoppedByManyWhileTheClockMoves(t *testing.T) {
	c := New()
	var mu sync.Mutex
	calls := 0
	var timers []*Timer
	for range 4 {
		timers = append(timers, c.NewTimer(func() { mu.Lock(); defer mu.Unlock(); calls++ }))
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 500 {
				mu.Lock()
				timers[n%4].Set(c.Now().Add(time.Duration(n%7-1) * time.Microsecond))
				timers[(n+i)%4].Stop()
				mu.Unlock()
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for range 100 {
				advance(t, c, time.Microsecond)
			}
		})
	}
	all.Wait()
	advance(t, c, time.Second)
	if got := c.Ahead(); got != time.Second+200*time.Microsecond {
		t.Errorf("the clock is %v ahead", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if calls == 0 {
		t.Error("nothing was called")
	}
}

var errOver = errors.New("over")

func TestAWorkerGoesOnBeforeTheClockDoes(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		var ends []time.Duration
		c.Enter()
		go func() {
			defer c.Leave()
			for range 3 {
				c.Wait(t.Context(), 5*time.Second, 200*time.Millisecond, errOver, func(ctx context.Context) {
					<-ctx.Done()
					if context.Cause(ctx) != errOver {
						t.Errorf("the cause is %v", context.Cause(ctx))
					}
				})
				ends = append(ends, since())
				if c.Sleep(t.Context(), time.Second) != nil {
					t.Error("the sleep fails")
				}
			}
		}()
		start := time.Now()
		advance(t, c, time.Minute)
		// A wait with patience takes 200 ms of the time, but by the clock it ends when it is due.
		want := []time.Duration{5 * time.Second, 11 * time.Second, 17 * time.Second}
		if !slices.Equal(ends, want) || time.Since(start) != 600*time.Millisecond {
			t.Errorf("in %v waits end at %v, want %v", time.Since(start), ends, want)
		}
	})
}

func TestAWaitThatIsAnsweredInPatienceDoesNotEnd(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, _ func() time.Duration) {
		answered := 0
		c.Enter()
		go func() {
			defer c.Leave()
			for range 50 { // which takes longer than one may take to settle
				c.Wait(t.Context(), 5*time.Second, 200*time.Millisecond, errOver, func(ctx context.Context) {
					select {
					case <-ctx.Done():
					case <-time.After(150 * time.Millisecond):
						answered++
					}
				})
				time.Sleep(time.Millisecond)
			}
		}()
		advance(t, c, time.Hour)
		if answered != 50 {
			t.Errorf("%d were answered, want 50", answered)
		}
	})
}

func TestASleepEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.Enter()
		if err := c.Sleep(ctx, time.Minute); err != context.DeadlineExceeded || since() != time.Second {
			t.Errorf("after %v: %v", since(), err)
		}
		c.Leave()
		advance(t, c, time.Hour) // there is nobody to wait for
	})
}

func TestAdvanceGivesUpOnAWorkerThatDoesNotSettle(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter()
		c.NewTimer(func() { t.Error("a timer is called while a worker is busy") }).Set(c.Now().Add(time.Minute))
		err := c.Advance(t.Context(), time.Hour)
		if err == nil || !strings.Contains(err.Error(), "stopped 1h0m0s before the end") || since() != settling {
			t.Errorf("after %v: %v", since(), err)
		}
	})
}

func TestAWorkerMayTakeItsTimeAfterEachWait(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter()
		go func() {
			defer c.Leave()
			for range 3 {
				_ = c.Sleep(t.Context(), time.Minute)
				time.Sleep(settling - 1)
			}
		}()
		advance(t, c, time.Hour)
	})
}

func TestAdvanceEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, c *Clock, since func() time.Duration) {
		c.Enter()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errOver) })
		var all sync.WaitGroup
		for range 2 { // the other one waits for its turn
			all.Go(func() {
				if err := c.Advance(ctx, time.Hour); err != errOver || since() != time.Second {
					t.Errorf("after %v: %v", since(), err)
				}
			})
		}
		all.Wait()
	})
}

func TestTheClockGoesOnlyAheadAndTenYearsAtMost(t *testing.T) {
	c := New()
	advance(t, c, Most-time.Hour)
	for d, want := range map[time.Duration]string{
		0: "only goes ahead", -1: "only goes ahead", time.Hour + 1: "10 years", 1<<63 - 1: "10 years",
	} {
		if err := c.Advance(t.Context(), d); !errors.Is(err, ErrRange) || !strings.Contains(err.Error(), want) {
			t.Errorf("by %v: %v, want %q", d, err, want)
		}
	}
	advance(t, c, time.Hour)
}
