package quota

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// The moments are at random once a call was refused, and the rate grows: in each second it is kept all the same.
func TestTheRateIsKeptWhateverTheJitter(t *testing.T) {
	w := newWorld(1, new(sliding))
	b := NewBucket(99, nil)
	c := w.join(b, 0, 0)
	w.run(5 * time.Second)
	for range 11 {
		b.refused(w.now, w.now.Add(roundTrip))
		w.run(w.now.Sub(epoch) + time.Second/2)
	}
	first := int(w.now.Sub(epoch).Seconds()) + 1
	for second := first; second < first+15; second++ {
		least := b.rate.of(epoch.Add(time.Duration(second) * time.Second))
		w.run(time.Duration(second+2) * time.Second)
		most := b.rate.of(epoch.Add(time.Duration(second+1) * time.Second))
		if n := float64(between(c.accepted, second, second+1)); n < least-2 || n > most+2 {
			t.Errorf("%.0f calls in a second in which the rate grew from %.1f to %.1f", n, least, most)
		}
	}
}

// A machine that is busy wakes who waits too late. What was late by less than a turn is caught up with.
func TestCallsThatComeLateDoNotLowerTheRate(t *testing.T) {
	b, now := NewBucket(99, nil), epoch
	n := 0
	for ; now.Before(epoch.Add(10 * time.Second)); n++ {
		moment, _ := b.turn(now, time.Time{})
		if moment.After(now) {
			now = moment
		}
		now = now.Add(time.Duration(n%9) * time.Millisecond)
	}
	if n < 980 {
		t.Errorf("%d calls in 10 s, want 990", n)
	}
}

// lowered returns a Bucket whose rate was lowered then, for a second refusal.
func lowered(t *testing.T, most float64, then time.Time) *Bucket {
	t.Helper()
	b := NewBucket(most, nil)
	b.refused(then, then)
	if rate, lowered := b.refused(then, then); !lowered || math.Abs(rate-cut*most) > 0.01 {
		t.Fatalf("refused twice: %.2f, %v", rate, lowered)
	}
	return b
}

func TestOneRefusalInASecondDoesNotLowerTheFullRate(t *testing.T) {
	b, now := NewBucket(99, nil), epoch
	for range 3 {
		if rate, lowered := b.refused(now, now); lowered || rate != 99 {
			t.Errorf("one refusal: %.2f, %v", rate, lowered)
		}
		now = now.Add(loneFor + 1)
	}
	b.refused(now, now)
	if rate, lowered := b.refused(now.Add(loneFor), now.Add(loneFor)); !lowered || rate > 90 {
		t.Errorf("two in a second: %.2f, %v", rate, lowered)
	}
}

// Refusals that have one cause are one cut.
func TestTheCallsOfOneRoundTripCutTheRateOnce(t *testing.T) {
	b, now := lowered(t, 99, epoch), epoch
	rate := b.rate.of(now)
	for _, sent := range []time.Duration{-roundTrip, 0, sameCause} {
		if again, lowered := b.refused(now.Add(sent), now.Add(sent+roundTrip)); lowered || again < rate {
			t.Errorf("a call sent %v after the cut was refused: %.2f, %v", sent, again, lowered)
		}
	}
	later := now.Add(sameCause + 1)
	if again, lowered := b.refused(later, later.Add(roundTrip)); !lowered || again >= rate {
		t.Errorf("a call that was sent after that was refused: %.2f, %v", again, lowered)
	}
}

func TestABucketAdmitsNoMoreThanTheOneAboveIt(t *testing.T) {
	confirm := lowered(t, 99, time.Now())
	pull := NewBucket(99, confirm)
	if pull.PerSecond() > confirm.PerSecond() || confirm.PerSecond() > 90 {
		t.Errorf("pulls: %.2f, confirms: %.2f", pull.PerSecond(), confirm.PerSecond())
	}
	for range 5 { // which does not work the other way
		pull.Refused(time.Now().Add(time.Second))
	}
	if confirm.PerSecond() < 84 {
		t.Errorf("pulls: %.2f, confirms: %.2f", pull.PerSecond(), confirm.PerSecond())
	}
}

// What the one above allows is a lowered rate too: its calls come at random moments, and one refusal is a cause.
func TestARateThatTheOneAboveLowersIsLowered(t *testing.T) {
	now := time.Now()
	confirm := lowered(t, 99, now)
	pull := NewBucket(99, confirm)
	pull.jitter = func(time.Duration) time.Duration { return 1 }
	if moment, _ := pull.turn(now, time.Time{}); moment.After(now) {
		t.Errorf("a call comes %v later, at the end of its turn", moment.Sub(now))
	}
	if rate, lowered := pull.refused(now, now); !lowered || rate > cut*confirm.rate.of(now)+0.01 {
		t.Errorf("one refusal: %.2f, %v", rate, lowered)
	}
}

func TestLanesInWhichCallsWaitHaveEqualShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBucket(1, nil)
		one, other := NewLane(b), NewLane(b)
		if one.Share() != 1 || other.Share() != 1 {
			t.Errorf("at rest: %v, %v", one.Share(), other.Share())
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			go func() { _ = one.Wait(ctx) }()
		}
		synctest.Wait() // the first of them has had its turn
		if one.Share() != 1 || other.Share() != 0.5 {
			t.Errorf("one is busy: %v, %v", one.Share(), other.Share())
		}
		cancel()
		synctest.Wait()
		if other.Share() != 1 {
			t.Errorf("none is busy: %v", other.Share())
		}
	})
}

func TestACallThatIsNotToBeMadeTakesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begin := NewBucket(1, nil), time.Now()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if b.Wait(ended) == nil {
				t.Error("it had a turn")
			}
		}
		if err := b.Wait(t.Context()); err != nil || time.Since(begin) > 0 {
			t.Errorf("%v, after %v", err, time.Since(begin))
		}
	})
}

func TestACallDoesNotWaitForATurnBeyondItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begin := NewBucket(1, nil), time.Now()
		if err := b.Wait(t.Context()); err != nil || time.Since(begin) > 0 { // the first has its turn at once
			t.Fatalf("%v, after %v", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second-1)
		defer cancel()
		if err := b.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 0 {
			t.Errorf("%v, after %v", err, time.Since(begin))
		}
		if err := b.Wait(t.Context()); err != nil || time.Since(begin) != time.Second { // the turn is still there
			t.Errorf("%v, after %v", err, time.Since(begin))
		}
	})
}
