// Package clock is a clock that can be moved ahead: its timers and waits end in order, without the time having passed.
package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Most is how far a clock can be ahead of the time. Above all it keeps sums of times from overflowing.
const Most = 10 * 365 * 24 * time.Hour

// A Clock tells the time, and how far it was moved ahead of it. Create it with [New]. It is safe for concurrent use.
//
// Goroutines that wait by it for what they do next are its workers: between [Clock.Enter] and [Clock.Leave], and outside of
// [Clock.Wait], they are busy, and [Clock.Advance] lets them go on until they wait again.
type Clock struct {
	ahead   atomic.Int64  // nanoseconds; written with the lock held
	turn    chan struct{} // held by the one Advance that is under way
	changed chan struct{} // something happened that Advance may wait for

	mu     sync.Mutex // nothing is called and nothing waits while it is held
	armed  map[*Timer]struct{}
	set    int // timers so far, to keep those in order that are due at the same time
	busy   int // workers, and timers that call their function
	moves  int // how often busy has changed
	resets int
}

// New returns a clock that tells the time.
func New() *Clock {
	return &Clock{turn: make(chan struct{}, 1), changed: make(chan struct{}, 1), armed: map[*Timer]struct{}{}}
}

// Now returns the time of the clock. Like time.Now it does not go back, but by Reset.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Ahead()) }

// Ahead returns how far the clock is ahead of the time.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Reset sets the clock back to the time. What was to happen in a while still happens then: as much later as was left. An
// Advance that is under way ends with [ErrReset].
func (c *Clock) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	back := -c.Ahead()
	c.ahead.Store(0)
	for t := range c.armed {
		t.arm(t.at.Add(back))
	}
	c.resets++
	c.tell()
}

// Enter makes a worker of a goroutine, before it begins or from then on.
func (c *Clock) Enter() { c.count(1) }

// Leave ends what Enter began.
func (c *Clock) Leave() { c.count(-1) }

func (c *Clock) count(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy += n
	c.moves++
	c.tell()
}

// tell wakes an Advance that waits.
func (c *Clock) tell() {
	select {
	case c.changed <- struct{}{}:
	default: // it was told already
	}
}
