package inbox

import (
	"context"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A turn is one transaction, and those who wait for it.
type turn struct {
	store.Turn
	storing []*storing
	ended   []*outcome
	asks    []asked // one for each of Claims
}

// An asked is those of a handler whose Pulls wait for what a claim brings.
type asked struct {
	keeper *keeper
	by     []*ask
}

// next returns the turn that is to be made now; nil if nothing is to be done.
func (h *hub) next(now time.Time) *turn {
	if now.Before(h.retryAt) {
		return nil
	}
	if !now.Before(h.pollAt) {
		h.poll()
		h.pollAt = now.Add(pollEvery)
	}
	t := h.collect(now, true)
	if len(t.storing) == 0 && len(t.ended) == 0 && len(t.asks) == 0 && !t.Beat && !h.unsure {
		return nil
	}
	return t
}

// poll has each handler's jobs asked for, whether any are known to wait or not.
func (h *hub) poll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.keepers {
		k.ripe = true
	}
}

// collect takes what waits.
func (h *hub) collect(now time.Time, claims bool) *turn {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := &turn{}
	t.Me = h.life.id
	t.Join = !h.joined
	t.Beat = t.Join || !now.Before(h.beatAt)
	t.GiveBack = t.Beat && h.steady(now)
	if h.unsure {
		t.Forgotten, t.Held = true, h.held()
	}
	h.takeStoring(t)
	t.ended, h.ended = h.ended, nil
	for _, o := range t.ended {
		t.Ends = append(t.Ends, o.end(now))
	}
	if claims {
		h.takeAsks(t)
	}
	return t
}

// takeStoring takes events to store: no two of one ID, the second of which waits for the next turn.
func (h *hub) takeStoring(t *turn) {
	var left []*storing
	ids, bytes := map[string]bool{}, 0
	for _, s := range h.storing {
		size := len(s.event.Body)
		if ids[s.event.ID] || len(t.storing) >= maxEvents || bytes > 0 && bytes+size > maxBytes {
			left = append(left, s)
			continue
		}
		ids[s.event.ID] = true
		bytes += size
		t.storing = append(t.storing, s)
		t.Events = append(t.Events, s.event)
		for _, k := range h.keepers {
			k.stored(s.event)
		}
	}
	h.storing = left
}

// takeAsks takes the asks of each handler of which jobs may wait. The first of them that has a suspect gets it, if none runs: each
// time another handler is in front.
func (h *hub) takeAsks(t *turn) {
	first := h.first
	for i := range h.keepers {
		at := (first + i) % len(h.keepers)
		k := h.keepers[at]
		by, most := k.next()
		if len(by) == 0 {
			continue
		}
		if len(t.asks) == 0 {
			h.first = (at + 1) % len(h.keepers)
		}
		t.asks = append(t.asks, asked{k, by})
		t.Claims = append(t.Claims, store.Claim{Handler: k.handler.Name, Most: most, Suspect: h.suspect == nil, Least: k.down})
	}
}

// held are the runs of this life of which this process knows.
func (h *hub) held() (runs []store.Ref) {
	for _, k := range h.keepers {
		for _, r := range k.out {
			if r.life == h.life {
				runs = append(runs, store.Ref{Job: r.number, Run: r.run})
			}
		}
	}
	for _, o := range h.ended {
		if o.of.life == h.life {
			runs = append(runs, store.Ref{Job: o.of.number, Run: o.of.run})
		}
	}
	return runs
}

func (o *outcome) end(now time.Time) store.End {
	return store.End{
		Job: o.of.number, Run: o.of.run, To: o.to, After: max(0, o.due.Sub(now)), Failed: ago(o.failed, now), Reason: string(o.reason),
	}
}

func ago(f worker.Failures, now time.Time) store.Failures {
	known := store.Failures{Attempts: f.Attempts, Count: f.Count, Error: f.LastError}
	if f.Count > 0 {
		known.First, known.Last = now.Sub(f.First), now.Sub(f.Last)
	}
	return known
}

// make makes a turn, tells those who wait for it, and reports whether it succeeded.
func (h *hub) make(t *turn) bool {
	ctx, cancel := context.WithTimeout(h.hard, turnLimit)
	done, err := h.store.Turn(ctx, t.Turn)
	cancel()
	now := time.Now()
	switch {
	case err != nil:
		h.fail(t, err, now)
		return false
	case done.Lost:
		h.lose(t, now)
		return false
	}
	h.succeed(t, done, now)
	return true
}

// fail takes a turn that may have been made or not. Who stores is told at once. Jobs may have been claimed that nobody knows
// of.
func (h *hub) fail(t *turn, err error, now time.Time) {
	h.mu.Lock()
	if h.failing == nil {
		h.since = now
	}
	h.failing = err
	for _, s := range t.storing {
		s.done <- err
	}
	t.storing = nil
	h.putBack(t)
	h.mu.Unlock()
	h.unsure = true
	h.retryAt = now.Add(h.retrying.NextBackOff())
	h.trouble.Report(now, err)
}

// putBack has what a turn has not done wait for the next, with mu held.
func (h *hub) putBack(t *turn) {
	h.storing = append(t.storing, h.storing...)
	var ended []*outcome
	for _, o := range t.ended {
		if !o.withdrawn {
			ended = append(ended, o)
		}
	}
	h.ended = append(ended, h.ended...)
	for _, a := range t.asks {
		a.keeper.putBack(a.by)
		a.keeper.ripe = true
	}
}

// succeed takes a turn that was made.
func (h *hub) succeed(t *turn, done store.Done, now time.Time) {
	h.beaten(t.Beat, now)
	if t.Forgotten {
		h.unsure = false
	}
	if done.Jumped {
		h.regular = now
	}
	h.mu.Lock()
	h.failing = nil
	for _, s := range t.storing {
		s.done <- nil
	}
	for _, o := range t.ended {
		if o.written != nil {
			close(o.written)
		}
	}
	for i, a := range t.asks {
		a.keeper.claimed(a.by, done.Claimed[i], t.Claims[i].Most, now)
	}
	h.mu.Unlock()
	h.retrying.Reset()
	h.trouble.Over(now)
	h.tellDead(done.Dead, now)
}
