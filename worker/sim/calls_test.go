package sim_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
)

const confirmLimit = 5 * time.Second

func handleCount(p *process, e *entry) (string, int) {
	if e.what != confirming {
		return "", -1
	}
	unique := len(slices.Compact(slices.Sorted(slices.Values(e.handles))))
	n := len(e.handles)
	if n < 1 || n > worker.MaxBatch || n != unique && !p.w.plan.emulator.KeepHandle {
		return fmt.Sprintf("a call with %d handles, %d different ones", n, unique), -1
	}
	return "", -1
}

// handleAlive goes by the worker's own reckoning: it can't know better.
func handleAlive(p *process, e *entry) (string, int) {
	if e.what != confirming {
		return "", -1
	}
	for i, handle := range e.handles {
		d := p.byHandle[handle]
		if d == nil {
			return "the process was never given the handle " + handle, e.events[i]
		}
		if end := p.leaseEnd(d); e.at >= end {
			return fmt.Sprintf("sent although its lease had ended at %v", end), d.event
		}
	}
	return "", -1
}

func confirmedAfterSuccess(p *process, e *entry) (string, int) {
	if e.what != confirming {
		return "", -1
	}
	for _, handle := range e.handles {
		d := p.byHandle[handle]
		if d == nil {
			continue // handleAlive says so
		}
		event := &p.w.plan.events[d.event]
		if p.w.plan.unmatched == worker.UnmatchedDeadLetter && event.wants() == 0 && !p.isWritten(d) {
			return "nobody wants it, and it was not written to the dead letters", d.event
		}
		for h, wanted := range event.wanted {
			if wanted && !p.knows(d, h) {
				return fmt.Sprintf("handler %s has not succeeded", p.w.plan.handlers[h].name), d.event
			}
		}
	}
	return "", -1
}

// slotsBeforePolls counts what holds slots for certain: polls that are out, and events with a handler that runs.
func slotsBeforePolls(p *process, e *entry) (string, int) {
	slots := p.life.concurrency + worker.MaxBatch
	if e.what == pulling && (p.polls+1)*worker.MaxBatch+p.busy() > slots {
		return fmt.Sprintf("one more poll beside %d and %d events, with %d slots", p.polls, p.busy(), slots), -1
	}
	return "", -1
}

func noPollAfterStop(p *process, e *entry) (string, int) {
	if e.what == pulling && p.stopped && e.at > p.stopAt {
		return fmt.Sprintf("stopped at %v", p.stopAt), -1
	}
	return "", -1
}

// callsLast: an answer that is thrown away costs a window, or a second run.
func callsLast(p *process, e *entry) (string, int) {
	if !e.cut || e.what != pulled && e.what != confirmed {
		return "", -1
	}
	c := p.calls[e.call]
	atStop, at := p.graceEnd(), time.Duration(1<<62)
	if e.what == confirmed {
		atStop += confirmLimit
		at = min(c.at+confirmLimit, p.lastLease(c))
	}
	if p.stopped {
		at = min(at, atStop)
	}
	if e.at < at && !c.mixed {
		return fmt.Sprintf("sent at %v", c.at), c.event()
	}
	return "", -1
}

func (p *process) lastLease(c call) (last time.Duration) {
	for _, d := range c.of {
		last = max(last, p.leaseEnd(d))
	}
	return last
}

func confirmsEnd(p *process, e *entry) (string, int) {
	if e.what != confirmed {
		return "", -1
	}
	c := p.calls[e.call]
	if e.at > c.at+confirmLimit || e.at > p.lastLease(c) {
		return fmt.Sprintf("sent at %v, with leases that last to %v", c.at, p.lastLease(c)), c.event()
	}
	return "", -1
}

// rates are the times of the calls within the last second, by limiter and action.
type rates map[limited]*admitted

type limited struct {
	limiter int
	action  what
}

type admitted struct {
	times []time.Duration
}

func (r rates) of(p *process, action what) *admitted {
	key := limited{p.life.limiter, action}
	if r[key] == nil {
		r[key] = &admitted{}
	}
	return r[key]
}

func (r rates) add(p *process, e *entry) string {
	if e.what != pulling && e.what != confirming {
		return ""
	}
	a := r.of(p, e.what)
	a.times = append(a.times, e.at)
	for e.at-a.times[0] >= time.Second {
		a.times = a.times[1:]
	}
	// A second that begins with one call may also end with one.
	if limit := int(p.w.plan.rate) + 1; len(a.times) > limit {
		return fmt.Sprintf("%d calls of %s", len(a.times), e.what)
	}
	return ""
}
