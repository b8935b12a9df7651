package worker

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/internal/blame"
)

// downs is what the engine knows about handlers that are down.
type downs struct {
	breakers  map[string]*breaker // by handler
	order     []string            // of the handlers
	count     int                 // of those that are down
	lastOther time.Time           // while any is: when an event came that needs none of those
}

func newDowns(handlers []string, book *blame.Book) downs {
	d := downs{breakers: map[string]*breaker{}, order: handlers}
	for _, name := range handlers {
		d.breakers[name] = newBreaker(book.Health(name))
	}
	return d
}

// names returns the handlers that are down.
func (s *downs) names() []string { return s.among(s.order) }

func (s *downs) among(handlers []string) (down []string) {
	if s.count == 0 {
		return nil
	}
	for _, name := range handlers {
		if s.breakers[name].down {
			down = append(down, name)
		}
	}
	return down
}

// of returns the handlers of d that are down.
func (s *downs) of(d *delivery) []string {
	return s.among(d.handlers)
}

// probes returns when each of names is to be probed.
func (s *downs) probes() (at []time.Time) {
	for _, name := range s.names() {
		at = append(at, s.breakers[name].probeAt)
	}
	return at
}

// open reports whether an event that needs these handlers may be started as their probe.
func (s *downs) open(down []string, now time.Time) bool {
	return !slices.ContainsFunc(down, func(name string) bool { return !s.breakers[name].open(now) })
}

// lastError is what a handler failed with last, in words.
func (s *downs) lastError(handler string) string {
	if err := s.breakers[handler].last; err != nil {
		return err.Error()
	}
	return ""
}

// probe makes d the probe of these handlers.
func (s *downs) probe(d *delivery, down []string) {
	d.probes = down
	for _, name := range down {
		s.breakers[name].probing = true
	}
}

// probeAt is when the last of these handlers may be probed next, as far as that is known.
func (s *downs) probeAt(down []string) (at time.Time) {
	for _, name := range down {
		if b := s.breakers[name]; !b.probing && b.probeAt.After(at) {
			at = b.probeAt
		}
	}
	return at
}

// bestProbe returns which of the waiting events from i on, that need the same handlers, has failed them the least: the
// one most likely to tell that they are back.
func (e *engine) bestProbe(i int, down []string) int {
	fewest := e.failuresOf(e.handling.waiting[i], down)
	for j := i + 1; j < len(e.handling.waiting) && fewest > 0; j++ {
		other := e.handling.waiting[j]
		if !slices.Equal(e.downs.of(other), down) {
			continue
		}
		if n := e.failuresOf(other, down); n < fewest {
			i, fewest = j, n
		}
	}
	return i
}

func (e *engine) failuresOf(d *delivery, handlers []string) (n int) {
	if e.book.Empty() {
		return 0
	}
	for _, name := range handlers {
		if c := e.book.Case(d.key(), name); c != nil {
			n += c.Count + c.Failures
		}
	}
	return n
}

// endProbe draws the conclusion from a probe that has returned, and failed these handlers; or that has outlived its lease. If
// a handler is still down, the others that need it are left, whole: they would only fail as well.
func (e *engine) endProbe(d *delivery, failed []string, now time.Time) {
	for _, name := range d.probes {
		tried := slices.Contains(failed, name)
		b := e.downs.breakers[name]
		longest := maxProbe
		if e.downTooLong(name, now) {
			longest = rareProbe
		}
		b.probed(tried, longest, now)
		if b.down && tried {
			e.drain.onProbeFailed(now)
			e.leaveWaiting(LeftDown, func(other *delivery) bool { return slices.Contains(other.handlers, name) })
		}
	}
	d.probes = nil
}

// nextProbe is when an event that waits, or that a Keeper is asked for, may become a probe.
func (e *engine) nextProbe(now time.Time) (next time.Time) {
	if e.downs.count == 0 {
		return next
	}
	if at := e.downs.probeAt(e.downs.names()); e.keeper != nil && at.After(now) {
		return at
	}
	for _, d := range e.handling.waiting {
		if at := e.downs.probeAt(e.downs.of(d)); at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func (e *engine) onDown(name string, now time.Time) {
	e.downs.count++
	e.downs.lastOther = now
	b := e.downs.breakers[name]
	line := e.log.Error()
	if e.drain != nil {
		line = e.log.Info() // it may be back before the end
	}
	line.Str("handler", name).Err(b.last).Stringer("failing_for", now.Sub(b.health.FailingSince).Round(time.Millisecond)).
		Msg("handler is down: events fail it in a row, or can't reach it; one at a time will try it")
	if hook := e.opts.Hooks.Down; hook != nil {
		hook(DownInfo{SubAppID: e.opts.SubAppID, Handler: name, Down: true, Err: b.last})
	}
	e.drain.onDown()
}

func (e *engine) onUp(name string, now time.Time) {
	e.downs.count--
	e.log.Info().Str("handler", name).Stringer("after", now.Sub(e.downs.breakers[name].since).Round(time.Millisecond)).
		Msg("handler is back")
	if hook := e.opts.Hooks.Down; hook != nil {
		hook(DownInfo{SubAppID: e.opts.SubAppID, Handler: name})
	}
}

// holdsBack reports whether a Keeper is not asked for more, since its one handler is down: what it would bring could only be
// left, and be brought again at once. It is asked once nothing waits and a probe is due; and if nobody waits for the handler
// any more, so that the letters of what it has kept are written.
func (e *engine) holdsBack(now time.Time) bool {
	if e.keeper == nil || e.downs.count == 0 {
		return false
	}
	name := e.router.order[0]
	b := e.downs.breakers[name]
	return b.probing || !e.downTooLong(name, now) && (len(e.handling.waiting) > 0 || now.Before(b.probeAt))
}

// pauseWhileDown pauses polls until a handler that is down is probed, once all that came for a whole window needs such a
// handler: polls would bring the same events again and again. Not earlier, since an event that needs none may stand in the
// queue behind many.
func (e *engine) pauseWhileDown(batch []*delivery, now time.Time) {
	if e.downs.count == 0 || len(batch) == 0 {
		return
	}
	e.stopWaiting(now)
	var until time.Time
	for _, d := range batch {
		down := e.downs.of(d)
		if len(down) == 0 {
			e.downs.lastOther = now
			return
		}
		if at := e.downs.probeAt(down); at.After(until) {
			until = at
		}
	}
	if e.keeper != nil || now.Sub(e.downs.lastOther) >= e.terms.window { // a Keeper brings nothing else
		e.pulls.pauseUntil(until)
		e.drain.onOnlyDown(now)
	}
}
