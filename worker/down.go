package worker

import (
	"slices"
	"time"
)

// nextToStart takes the next event from those that wait: the first whose handlers are all up, or one that is to probe
// those that are down; nil if none may be started.
func (e *engine) nextToStart(now time.Time) *delivery {
	for i, d := range e.handling.waiting {
		e.reconsider(d)
		down := e.downOf(d)
		if len(down) > 0 {
			if !e.mayProbe(down, now) {
				continue
			}
			i = e.bestProbe(i, down)
			d = e.handling.waiting[i]
			d.probes = down
			for _, name := range down {
				e.breakers[name].probing = true
			}
		}
		e.handling.waiting = slices.Delete(e.handling.waiting, i, i+1)
		return d
	}
	return nil
}

// downOf returns the handlers of d that are down. What is only to be written to the dead letters needs none.
func (e *engine) downOf(d *delivery) (down []string) {
	if e.anyDown == 0 || d.bury {
		return nil
	}
	for _, name := range d.handlers {
		if e.breakers[name].down {
			down = append(down, name)
		}
	}
	return down
}

func (e *engine) mayProbe(down []string, now time.Time) bool {
	return !slices.ContainsFunc(down, func(name string) bool { return !e.breakers[name].open(now) })
}

// bestProbe returns which of the waiting events from i on, that need the same handlers, has failed them the least: the
// one most likely to tell that they are back.
func (e *engine) bestProbe(i int, down []string) int {
	fewest := e.failuresOf(e.handling.waiting[i], down)
	for j := i + 1; j < len(e.handling.waiting) && fewest > 0; j++ {
		other := e.handling.waiting[j]
		if !slices.Equal(e.downOf(other), down) {
			continue
		}
		if n := e.failuresOf(other, down); n < fewest {
			i, fewest = j, n
		}
	}
	return i
}

func (e *engine) failuresOf(d *delivery, handlers []string) (n int) {
	if e.memory.empty() {
		return 0
	}
	for _, name := range handlers {
		if a := e.memory.attempt(d.key(), name); a != nil {
			n += a.count
		}
	}
	return n
}

// endProbe draws the conclusion from a probe that has returned. If a handler is still down, the others that need it
// are left, whole: they would only fail as well.
func (e *engine) endProbe(d *delivery, now time.Time) {
	for _, name := range d.probes {
		tried := slices.ContainsFunc(d.outcomes, func(o Outcome) bool { return o.Handler == name && failed(o) })
		e.breakers[name].probed(tried, now)
		if e.breakers[name].down && tried {
			e.leaveWaiting(LeftDown, func(other *delivery) bool { return slices.Contains(other.handlers, name) })
		}
	}
	d.probes = nil
}

// makeRoom leaves events that wait for a handler which is down, as far as others would find no slot because of them.
func (e *engine) makeRoom(now time.Time) {
	if e.anyDown == 0 {
		return
	}
	e.leaveWaiting(LeftDown, func(d *delivery) bool {
		down := e.downOf(d)
		if len(down) == 0 || e.mayProbe(down, now) {
			return false
		}
		return e.pulls.free < MaxBatch || e.probeAt(down).After(e.startBy(d))
	})
}

// probeAt is when the last of these handlers may be probed next, as far as that is known.
func (e *engine) probeAt(down []string) (at time.Time) {
	for _, name := range down {
		if b := e.breakers[name]; !b.probing && b.probeAt.After(at) {
			at = b.probeAt
		}
	}
	return at
}

// nextProbe is when an event that waits may become a probe.
func (e *engine) nextProbe(now time.Time) (next time.Time) {
	if e.anyDown == 0 {
		return next
	}
	for _, d := range e.handling.waiting {
		if at := e.probeAt(e.downOf(d)); at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func (e *engine) onDown(name string, now time.Time) {
	e.anyDown++
	e.lastOther = now
	b := e.breakers[name]
	e.log.Error().Str("handler", name).Err(b.last).
		Msgf("handler is down: %d different events in a row have failed it; one at a time will try it", downAfter)
	if hook := e.opts.Hooks.Down; hook != nil {
		hook(DownInfo{Handler: name, Down: true, Err: b.last})
	}
	if e.drain != nil {
		e.sum.Down = append(e.sum.Down, name)
		e.stop("a handler is down")
	}
}

func (e *engine) onUp(name string, now time.Time) {
	e.anyDown--
	e.log.Info().Str("handler", name).Stringer("after", now.Sub(e.breakers[name].since).Round(time.Millisecond)).
		Msg("handler is back")
	if hook := e.opts.Hooks.Down; hook != nil {
		hook(DownInfo{Handler: name})
	}
}

// pauseWhileDown keeps polls from bringing, again and again, what could only be left: when for a whole window nothing has
// come but events that need a handler which is down, there is a pause until that is probed. Not earlier: what needs no
// such handler may stand in the queue behind many that do.
func (e *engine) pauseWhileDown(batch []*delivery, now time.Time) {
	if e.anyDown == 0 || len(batch) == 0 {
		return
	}
	var until time.Time
	for _, d := range batch {
		down := e.downOf(d)
		if len(down) == 0 {
			e.lastOther = now
			return
		}
		if at := e.probeAt(down); at.After(until) {
			until = at
		}
	}
	if now.Sub(e.lastOther) >= e.terms.window && until.After(e.pulls.notBefore) {
		e.pulls.notBefore = until
	}
}
