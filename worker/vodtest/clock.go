package vodtest

import (
	"context"
	"fmt"
	"time"
)

// Advance lets d pass at once, as if one had waited for so long. What becomes due in that time happens in order, before
// Advance returns: windows end and held polls get what comes back, old events are dropped, tasks end, files expire, callbacks
// time out and are tried again after the gap, temporary keys end, and the seconds of the quota are over. The times of events,
// media and tasks are those that there would have been. An event that a held poll gets may be over its window by the end of a
// long jump: jump by the window.
//
// What waits for somebody else stays real: signatures, the header Date and the T of a signed callback go by the real time, and
// the Hold of PullEvents, the RoundTrip and calls that hang take theirs. A receiver of callbacks has 200 ms of real time for its
// answer, or Push.Timeout if that is less: then its try times out if it is due. So one that hangs takes 200 ms for each try, and
// while callbacks go out all the time, each answer lets about 5 s pass.
//
// It is refused if d is not more than 0, or if the emulator would be more than 10 years ahead. It fails if ctx ends, if the
// emulator is closed or reset meanwhile, and if senders of callbacks are busy and none of them goes on for 5 s, as when
// Push.Observe blocks; then less time has passed. Push.Observe must not call it, nor wait for who does. Of several calls one
// runs after the other. [Emulator.Reset] brings the real time back.
func (e *Emulator) Advance(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	err := e.time.Advance(ctx, d)
	switch {
	case e.ctx.Err() != nil:
		return errClosed
	case err != nil:
		return fmt.Errorf("vodtest: %w", err)
	}
	return nil
}

// Ahead returns how much time has passed by [Emulator.Advance] since the start, or the last Reset: the emulator's time
// is time.Now() and so much.
func (e *Emulator) Ahead() time.Duration { return e.time.Ahead() }

// SetSkew steps the emulator's clock: see [Config].Skew.
func (e *Emulator) SetSkew(ahead time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.skew = ahead
}

// now is the time by which events wait, are hidden and dropped, and tasks work.
func (e *Emulator) now() time.Time { return e.time.Now() }

// clock is what the emulator's clock says to its clients, who go by the real time.
func (e *Emulator) clock() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Now().Add(e.skew)
}

// keyTime is the time by which temporary keys end.
func (e *Emulator) keyTime() time.Time { return e.clock().Add(e.time.Ahead()) }

// window is how long the emulator's window lasts for everybody else.
func (e *Emulator) window() time.Duration {
	return e.cfg.Window - time.Duration(e.cfg.Drift*float64(e.cfg.Window))
}
