package clock

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settling is how long workers may take, in real time, between two waits.
const settling = 5 * time.Second

// ErrReset is the error of an Advance that a Reset has ended.
var ErrReset = errors.New("the clock was reset meanwhile")

// ErrRange is the error of an Advance that goes nowhere, or too far.
var ErrRange = errors.New("the clock cannot be moved so")

// Advance moves the clock ahead by d. All that becomes due until then happens in order, each at its time by the clock:
// functions of timers are called, and waits end. After each of them, workers go on until all of them wait. One Advance is under
// way at a time; the others wait for their turn. Waits that begin all the time make it slow, since each has its patience.
//
// It is refused with [ErrRange] if d is not more than 0, or the clock would be ahead by more than [Most]. It fails when ctx
// ends, with its cause, when workers are busy and none of them begins or ends a wait for 5 s, and with [ErrReset]; the clock
// stays where it was moved to.
func (c *Clock) Advance(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%w: it only goes ahead, by more than 0, not by %v", ErrRange, d)
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.turn }()
	move, err := c.begin(d)
	if err != nil {
		return err
	}
	defer c.rearm()
	for ctx.Err() == nil {
		wait, over, err := move.step()
		switch {
		case err != nil || over:
			return err
		case wait > 0:
			if err := c.await(ctx, wait); err != nil {
				return err
			}
		}
	}
	return context.Cause(ctx)
}

// A move is an Advance that is under way.
type move struct {
	clock  *Clock
	end    time.Duration // how far the clock is ahead when it is over
	resets int           // of the clock, when it began
	moves  int           // of its workers, when they were looked at last
	giveUp time.Time     // on workers that make none
}

func (c *Clock) begin(d time.Duration) (*move, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead := c.Ahead(); d > Most-ahead {
		return nil, fmt.Errorf("%w: it can be ahead by 10 years (%v) at most; it is by %v, and %v is too much",
			ErrRange, Most, ahead, d)
	}
	return &move{clock: c, end: c.Ahead() + d, resets: c.resets, moves: c.moves, giveUp: time.Now().Add(settling)}, nil
}

// step does what is due next. If that cannot be done yet, it returns for how long to wait at most until something changes. It is
// over when all is done.
func (m *move) step() (wait time.Duration, over bool, err error) {
	c, now := m.clock, time.Now()
	c.mu.Lock()
	if m.moves != c.moves {
		m.moves, m.giveUp = c.moves, now.Add(settling)
	}
	first := c.first()
	switch {
	case c.resets != m.resets:
		err = ErrReset
	case c.busy > 0:
		if wait = m.giveUp.Sub(now); wait <= 0 {
			err = fmt.Errorf("the clock stopped %v before the end: what was due did not end in %v", m.end-c.Ahead(), settling)
		}
	case first == nil || first.at.Sub(now) > m.end:
		c.moveTo(m.end)
		over = true
	case first.after.After(now):
		wait = first.after.Sub(now)
		c.moveTo(first.at.Sub(first.after)) // by the clock it then ends when it is due; waits that begin from now on end later
	default:
		c.moveTo(first.at.Sub(now))
		first.begin()
		c.mu.Unlock()
		first.finish()
		return 0, false, nil
	}
	c.mu.Unlock()
	return wait, over, err
}

// moveTo moves the clock, unless it is as far ahead already. The lock must be held.
func (c *Clock) moveTo(ahead time.Duration) { c.ahead.Store(int64(max(c.Ahead(), ahead))) }

// first returns the timer that is due first, nil if none is set. The lock must be held.
func (c *Clock) first() (first *Timer) {
	for t := range c.armed {
		if first == nil || t.at.Before(first.at) || t.at.Equal(first.at) && t.order < first.order {
			first = t
		}
	}
	return first
}

// await waits until something changes, for so long at most.
func (c *Clock) await(ctx context.Context, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-c.changed:
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// rearm makes real timers fit where the clock stands.
func (c *Clock) rearm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.armed {
		t.arm(t.at)
	}
}
