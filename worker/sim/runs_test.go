package sim_test

import (
	"fmt"
	"time"
)

func wantedOnly(p *process, e *entry) (string, int) {
	switch {
	case e.what != begins:
		return "", -1
	case p.deliveries[e.raw] == nil:
		return "this process was not handed it", e.event
	case !p.w.plan.events[e.event].wanted[e.handler]:
		return fmt.Sprintf("handler %s does not want it", p.w.plan.handlers[e.handler].name), e.event
	}
	return "", -1
}

// startInTime looks at first tries: later ones belong to what was begun in time.
func startInTime(p *process, e *entry) (string, int) {
	d := p.deliveries[e.raw]
	if e.what != begins || d == nil || d.tries[e.handler] > 0 {
		return "", -1
	}
	need, end := p.w.plan.handling()*2/5, p.handleBy(d)
	if timeout := p.w.plan.handlers[e.handler].timeout; timeout > 0 {
		need = min(need, timeout)
	}
	if p.stopped && e.at > p.stopAt {
		end = min(end, p.graceEnd())
	}
	if left := end - e.at; left < need {
		return fmt.Sprintf("%v left, less than %v", left, need), d.event
	}
	return "", -1
}

// contextEnds looks at the runs that return as soon as their context ends.
func contextEnds(p *process, e *entry) (string, int) {
	r := p.runs[e.call]
	if e.what != ends || !e.cut || r == nil {
		return "", -1
	}
	end := p.handleBy(r.delivery)
	if timeout := p.w.plan.handlers[r.handler].timeout; timeout > 0 {
		end = min(end, r.at+timeout)
	}
	if p.stopped {
		end = min(end, p.graceEnd())
	}
	if e.at != end {
		return fmt.Sprintf("it ended at %v, not at %v", e.at, end), r.delivery.event
	}
	return "", -1
}

// memoryTime is how long a success is remembered after its lease has ended.
const memoryTime = 10 * time.Minute

func notAgain(p *process, e *entry) (string, int) {
	d := p.deliveries[e.raw]
	if e.what != begins || d == nil {
		return "", -1
	}
	if at := d.succeeded[e.handler]; at >= 0 {
		return fmt.Sprintf("handler %s had succeeded at %v in this delivery", p.w.plan.handlers[e.handler].name, at), d.event
	}
	if p.w.plan.events[d.event].repeats || p.unsure(d) {
		return "", -1
	}
	for _, other := range p.byEvent[d.event] {
		at, end := other.succeeded[e.handler], p.leaseEnd(other)
		if at >= 0 && other.lastEnd < d.returned && end <= d.returned && d.returned < end+memoryTime {
			return fmt.Sprintf("handler %s had succeeded at %v in an earlier delivery", p.w.plan.handlers[e.handler].name, at), d.event
		}
	}
	return "", -1
}

// unsure reports whether the worker may have lost sight of an event: its confirm was refused, or it was handed out
// again within a lease, or before it was confirmed in one: what is confirmed is forgotten.
func (p *process) unsure(d *delivery) bool {
	all := p.byEvent[d.event]
	for i, other := range all {
		overlaps := i > 0 && p.leaseEnd(all[i-1]) > other.returned
		if other.doubtful || overlaps && other == d || d.sent < other.confirmed {
			return true
		}
	}
	return false
}

// buriedIfSpent counts for each missing handler the deliveries that it failed: the worker may count fewer.
func buriedIfSpent(p *process, e *entry) (string, int) {
	if e.what != buried {
		return "", -1
	}
	for _, h := range e.missing {
		attempts := 0
		for _, d := range p.byEvent[e.event] {
			if d.failed[h] {
				attempts++
			}
		}
		if most := p.w.plan.attempts; !p.rejected[[2]int{e.event, h}] && (most == 0 || attempts < most) {
			return fmt.Sprintf("handler %s has failed it in %d deliveries", p.w.plan.handlers[h].name, attempts), e.event
		}
	}
	return "", -1
}

func notBesideItself(p *process, e *entry) (string, int) {
	d := p.deliveries[e.raw]
	if e.what != begins || d == nil || p.w.plan.events[e.event].repeats {
		return "", -1
	}
	for _, r := range p.runs {
		if r.delivery != d && r.delivery.event == d.event && p.leaseEnd(r.delivery) <= d.returned {
			return fmt.Sprintf("handler %s still runs since %v", p.w.plan.handlers[r.handler].name, r.at), d.event
		}
	}
	return "", -1
}

func bounded(p *process, e *entry) (string, int) {
	d := p.deliveries[e.raw]
	if e.what != begins || d == nil {
		return "", -1
	}
	busy := p.busy()
	if !p.runsOf(d) {
		busy++
	}
	switch {
	case busy > p.life.concurrency:
		return fmt.Sprintf("%d events at once, of %d", busy, p.life.concurrency), d.event
	case d.tries[e.handler] >= p.w.plan.handlers[e.handler].tries:
		return fmt.Sprintf("try %d of %d", d.tries[e.handler]+1, p.w.plan.handlers[e.handler].tries), d.event
	}
	return "", -1
}

func (p *process) runsOf(d *delivery) bool {
	for _, r := range p.runs {
		if r.delivery == d {
			return true
		}
	}
	return false
}
