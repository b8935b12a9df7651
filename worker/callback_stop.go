package worker

import (
	"context"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// A CallbackStatus counts what became of requests and events, and says what a Callback is about.
type CallbackStatus struct {
	Received   int // requests with an event; each of VOD's tries counts
	Answered   int // of those: with 200
	Unanswered int // of those: held until VOD hung up
	Joined     int // of those: a later try for an event that was known
	Overloaded int // of those, and of some that were closed at once: there was no room

	Forbidden int // requests refused: not signed, or not with the key
	Invalid   int // requests refused: no event, or too large
	Broken    int // requests whose body did not come

	Handled      int // events: all handlers succeeded, or none wanted it
	DeadLettered int // events written to the dead letters
	Failed       int // times that an event was left for VOD to try again
	Lost         int // events given up: the log has them
	Unfinished   int // events that Shutdown left: the log has them, and VOD may try them again

	Events int // on their way now: handled, waiting for a place, or for VOD's next try
	Held   int // requests that wait for an answer now
	Stuck  int // events whose handlers have outlived their time
}

// Status returns what the Callback has done so far. It may be called at any time.
func (c *Callback) Status() CallbackStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	s.Events, s.Held = c.runs.count, c.runs.held
	return s
}

// Shutdown ends the work that outlives requests. Nothing new is begun; what comes is held, so that VOD tries again. Handlers
// go on until ctx ends, then theirs does, and they get 5 s to return; what they finish is answered. Events that are then
// not finished are logged whole, and not dead-lettered if VOD may yet try them again. It returns nil, or why ctx ended if
// that came first. It does not close connections: call [http.Server.Shutdown] at the same time, and Close after both.
func (c *Callback) Shutdown(ctx context.Context) (err error) {
	c.closing.Lock()
	defer c.closing.Unlock()
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	if !c.await(ctx.Done(), func() bool { return c.runs.working == 0 && c.runs.held == 0 && c.telling == 0 }) {
		err = context.Cause(ctx)
		c.endWork(errStopped)
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
		defer cancel()
		c.await(hard.Done(), func() bool { return c.runs.working == 0 && c.telling == 0 })
	}
	c.endWork(errStopped)
	c.endLife(errStopped)
	c.close()
	return err
}

// await waits until done, which is called with the lock held, or until end is closed, and says which.
func (c *Callback) await(end <-chan struct{}, done func() bool) bool {
	for {
		c.mu.Lock()
		ok := done()
		c.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-c.changed:
		case <-end:
			return false
		}
	}
}

// tellShutdown has it look again. The lock must be held.
func (c *Callback) tellShutdown() {
	if c.stopping {
		select {
		case c.changed <- struct{}{}:
		default: // it will
		}
	}
}

// close says what is left behind.
func (c *Callback) close() {
	c.mu.Lock()
	defer c.unlock()
	for _, same := range c.runs.byKey {
		for _, r := range same {
			c.runs.forget(r)
			if r.over {
				continue
			}
			e, missing, requests := r.event, r.missing(), r.requests
			c.tell(func() {
				say.Raw(say.About(c.opts.Log.Warn(), e), e).Strs("missing", missing).Int("requests", requests).
					Msg("event not finished: if VOD does not try again, this line is all that is left of it")
			})
			c.status.Unfinished++
			c.runs.end(r)
		}
	}
	clear(c.runs.byKey)
	s := c.status
	c.tell(func() {
		c.opts.Log.Info().Int("received", s.Received).Int("answered", s.Answered).Int("unanswered", s.Unanswered).
			Int("joined", s.Joined).Int("overloaded", s.Overloaded).Int("forbidden", s.Forbidden).Int("invalid", s.Invalid).
			Int("broken", s.Broken).Int("handled", s.Handled).Int("dead_lettered", s.DeadLettered).Int("failed", s.Failed).
			Int("lost", s.Lost).Int("unfinished", s.Unfinished).Msg("receiver stopped")
	})
}
