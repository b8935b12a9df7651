package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/pause"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// callbackTime is what the handlers of an event get for one pass, as they do from a Worker; it is also the longest that
	// an event waits for its place.
	callbackTime = HandlingTime

	// stuckAfter is how long after that they are waited for.
	stuckAfter = 5 * time.Second
)

var errNoPlace = errors.New("all places were taken for too long")

// begin starts a pass. The lock must be held.
func (c *Callback) begin(r *run) {
	r.passes++
	r.passing = true
	c.runs.working++
	go c.pass(r, r.event, r.due(c.opts.DeadLetters != nil))
}

// due returns the handlers that have not succeeded. What was rejected is not tried again if a letter can be written.
func (r *run) due(letters bool) (names []string) {
	for _, name := range r.missing() {
		if !letters || !slices.Contains(r.rejected, name) {
			names = append(names, name)
		}
	}
	return names
}

func (r *run) missing() (names []string) {
	for _, name := range r.wanted {
		if !slices.Contains(r.succeeded, name) {
			names = append(names, name)
		}
	}
	return names
}

// pass runs handlers. Whoever asked for it may be gone by the time that they return.
func (c *Callback) pass(r *run, e events.Event, names []string) {
	outcomes := c.handle(r, e, names)
	for _, o := range outcomes {
		if o.Kind != OK && o.Kind != Interrupted {
			log := c.logs.handlers[o.Handler]
			say.About(log.Warn().EmbedObject(o), e).Msg("handler failed")
		}
	}
	c.mu.Lock()
	defer c.unlock()
	defer c.tellShutdown()
	c.runs.working--
	r.passing = false
	if r.stuck {
		r.stuck = false
		c.status.Stuck--
	}
	interrupted := false
	for _, o := range outcomes {
		switch o.Kind {
		case OK:
			r.succeeded = append(r.succeeded, o.Handler)
			continue
		case Interrupted:
			interrupted = true
		case Rejected:
			r.rejected = append(r.rejected, o.Handler)
		}
		r.failed = o
	}
	// If it is being given up meanwhile, only a success counts.
	if !r.over && (!r.burying || len(r.missing()) == 0) {
		c.advance(r, interrupted, nil)
	}
}

// handle waits for a place and runs handlers.
func (c *Callback) handle(r *run, e events.Event, names []string) []Outcome {
	if len(names) == 0 {
		return nil
	}
	came := time.Now()
	patience, cancel := context.WithTimeoutCause(c.work, callbackTime, errNoPlace)
	defer cancel()
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	case <-patience.Done():
		outcomes := make([]Outcome, len(names))
		for i, name := range names {
			outcomes[i] = Outcome{Handler: name, Kind: ended(patience), Err: context.Cause(patience)}
		}
		return outcomes
	}
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(c.work, callbackTime, errHandlingTime)
	defer cancel()
	pass := r.passes // which no other goroutine changes before this one is done
	stuck := time.AfterFunc(callbackTime+stuckAfter, func() { c.onStuck(r, e, pass) })
	defer stuck.Stop()
	outcomes := c.router.Run(ctx, e, names)
	if hook := c.opts.Hooks.Handled; hook != nil {
		for _, outcome := range outcomes {
			hook(HandleInfo{Event: e, Outcome: outcome, Waited: began.Sub(came)})
		}
	}
	return outcomes
}

// onStuck takes a handler that does not return from a pass. It keeps its place; the event is given up if VOD does not ask again.
func (c *Callback) onStuck(r *run, e events.Event, pass int) {
	c.mu.Lock()
	defer c.unlock()
	if r.over || !r.passing || r.passes != pass {
		return
	}
	r.stuck = true
	c.status.Stuck++
	c.tell(func() {
		say.About(c.opts.Log.Error(), e).Msg("a handler has not returned though its time is over: it keeps its place until it does")
	})
	c.rest(r)
}

// advance decides what is next, when handlers have returned or a letter could not be written. The lock must be held.
func (c *Callback) advance(r *run, interrupted bool, unwritten error) {
	missing := r.missing()
	last := r.passes >= vodTries || c.stopping && r.requests >= vodTries
	rejected := len(r.due(true)) == 0
	switch {
	case len(missing) == 0 && len(r.wanted) > 0:
		c.settle(r, &c.status.Handled)
	case rejected && unwritten == nil && c.opts.DeadLetters != nil:
		reason := ReasonPermanent
		if len(r.wanted) == 0 {
			reason = ReasonUnmatched
		}
		c.bury(r, reason)
	case last:
		c.giveUp(r, ReasonLastTry)
	case r.passes < min(r.requests, vodTries) && !c.stopping:
		c.begin(r)
	default:
		if !interrupted {
			c.status.Failed++
		}
		c.rest(r)
	}
}

// settle has all requests for an event answered, those that come later included.
func (c *Callback) settle(r *run, count *int) {
	*count++
	close(r.settled)
	c.runs.end(r)
	c.rest(r)
}

// giveUp ends an event for which VOD will not ask again. The lock must be held.
func (c *Callback) giveUp(r *run, reason Reason) {
	if r.over || r.burying {
		return
	}
	r.last = true
	if c.opts.DeadLetters == nil {
		c.lose(r, reason)
		return
	}
	c.bury(r, reason)
}

// bury writes a letter. The lock must be held.
func (c *Callback) bury(r *run, reason Reason) {
	r.burying = true
	c.runs.working++
	go c.write(r, c.letter(r, reason))
}

func (c *Callback) letter(r *run, reason Reason) DeadLetter {
	letter := DeadLetter{Event: r.event, Reason: reason, Missing: r.missing(), Attempts: r.passes, First: r.arrived, Last: time.Now()}
	if r.failed.Err != nil {
		letter.LastError = r.failed.Err.Error()
	}
	return letter
}

// letterTime and letterTries are for writing a letter, which may be an event's last chance.
const (
	letterTime  = 10 * time.Second
	letterTries = 3
)

func (c *Callback) write(r *run, letter DeadLetter) {
	err := errGone
	defer func() { c.onWritten(r, letter, err) }()
	ctx, cancel := context.WithTimeoutCause(c.alive, letterTime, errors.New("the time to write a letter is over"))
	defer cancel()
	pauses := pause.Jitter(200*time.Millisecond, 2*time.Second)
	err = c.opts.DeadLetters.Write(ctx, letter)
	for try := 1; err != nil && try < letterTries && pause.For(ctx, pauses.NextBackOff()); try++ {
		err = c.opts.DeadLetters.Write(ctx, letter)
	}
}

// onWritten takes what came of writing a letter.
func (c *Callback) onWritten(r *run, letter DeadLetter, err error) {
	if hook := c.opts.Hooks.DeadLettered; err == nil && hook != nil {
		hook(letter)
	}
	c.mu.Lock()
	defer c.unlock()
	defer c.tellShutdown()
	c.runs.working--
	r.burying = false
	switch {
	case r.over: // its handlers have succeeded after all
	case err == nil:
		c.tell(func() { c.opts.Log.Error().EmbedObject(letter).Msg("event given up, and written to the dead letters") })
		c.settle(r, &c.status.DeadLettered)
	case r.last:
		c.tell(func() { c.opts.Log.Error().Err(err).Msg("write dead letter failed") })
		c.lose(r, letter.Reason)
	default:
		c.tell(func() { c.logs.letters.Error().Err(err).Msg("write dead letter failed, trying again when VOD does") })
		c.advance(r, false, err)
	}
}

// lose gives an event up for good. Who still waits for an answer gets none. The lock must be held.
func (c *Callback) lose(r *run, reason Reason) {
	letter := c.letter(r, reason)
	c.tell(func() {
		say.Raw(c.opts.Log.Error().EmbedObject(letter), letter.Event).Msg("event lost: this line is all that is left of it")
		if hook := c.opts.Hooks.Lost; hook != nil {
			hook(letter)
		}
	})
	c.status.Lost++
	c.runs.end(r)
	c.runs.remove(r)
}

// onUnmatched counts an event that no handler wants, and logs each type once.
func (c *Callback) onUnmatched(e events.Event) {
	c.mu.Lock()
	defer c.unlock()
	c.status.Handled++
	if c.warned.First(e.Type) {
		c.tell(func() {
			c.opts.Log.Warn().Str("type", string(e.Type)).Stringer("unmatched", c.opts.Unmatched).Msg("no handler wants events of this type")
		})
	}
}

// callbackLogs are for what can come in hundreds.
type callbackLogs struct {
	handlers                     map[string]zerolog.Logger
	refused, overloaded, letters zerolog.Logger
}

func newCallbackLogs(log zerolog.Logger, handlers []string) callbackLogs {
	logs := callbackLogs{map[string]zerolog.Logger{}, say.Sampled(log), say.Sampled(log), say.Sampled(log)}
	for _, name := range handlers {
		logs.handlers[name] = say.Sampled(log)
	}
	return logs
}
