package clock

import "time"

// A Timer calls a function when the clock says that it is time: in a goroutine of its own, or in that of Advance. Whoever
// holds a lock that the function needs may set and stop it; then the function may be about to be called all the same, as that of
// a time.Timer may.
type Timer struct {
	clock *Clock
	call  func()

	// The clock's lock guards the rest.
	real  *time.Timer
	at    time.Time // by the clock
	order int
	after time.Time // it does not call before, by the time, however far the clock is ahead
}

// NewTimer returns a timer that is not set.
func (c *Clock) NewTimer(call func()) *Timer { return &Timer{clock: c, call: call} }

// Set makes the timer call its function at a time of the clock, and not when it was set for before.
func (t *Timer) Set(at time.Time) { t.set(at, time.Time{}) }

func (t *Timer) set(at, after time.Time) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set++
	t.order, t.after = c.set, after
	c.armed[t] = struct{}{}
	t.arm(at)
	c.tell()
}

// Stop keeps the timer from calling its function. It returns false if it was not set, or calls it already.
func (t *Timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if !t.isSet() {
		return false
	}
	t.unset()
	t.clock.tell()
	return true
}

// The lock must be held for what follows.

func (t *Timer) isSet() bool {
	_, set := t.clock.armed[t]
	return set
}

// arm sets the real timer, which is right until the clock moves.
func (t *Timer) arm(at time.Time) {
	t.at = at
	d := max(at.Sub(t.clock.Now()), time.Until(t.after))
	if t.real == nil {
		t.real = time.AfterFunc(d, t.ring)
		return
	}
	t.real.Reset(d)
}

func (t *Timer) unset() {
	delete(t.clock.armed, t)
	t.real.Stop()
}

// begin unsets a timer that is about to call its function. Until [Timer.finish] it counts as busy.
func (t *Timer) begin() {
	t.unset()
	t.clock.busy++
}

// finish calls the function, without the lock.
func (t *Timer) finish() {
	defer t.clock.count(-1)
	t.call()
}

// ring is called by the real timer. It may come late: then the timer was set anew, or stopped.
func (t *Timer) ring() {
	t.clock.mu.Lock()
	due := t.isSet() && !t.at.After(t.clock.Now()) && !t.after.After(time.Now())
	if due {
		t.begin()
	}
	t.clock.mu.Unlock()
	if due {
		t.finish()
	}
}
