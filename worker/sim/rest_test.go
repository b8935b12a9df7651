package sim_test

import (
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker"
)

func stopBound(p *process, e *entry) (string, int) {
	bound := p.w.plan.stopGrace + confirmLimit
	if e.what == returned && p.stopped && e.at > p.stopAt+bound {
		return fmt.Sprintf("it took %v, more than %v", e.at-p.stopAt, bound), -1
	}
	return "", -1
}

func countsAddUp(p *process, e *entry) (string, int) {
	s := e.status
	done := s.Handled + s.Unmatched + s.DeadLettered
	ended := done + s.Failed + s.Left + s.Abandoned
	settled := s.Confirmed + s.Unconfirmed
	held := s.Waiting + s.Handling
	switch e.what {
	case returned:
		held = 0 // what was abandoned is counted as that
	case sampled, rested:
		settled += s.Confirming
	default:
		return "", -1
	}
	switch {
	case s.Pulled != ended+held+s.Writing || done != settled:
		return fmt.Sprintf("%+v", s), -1
	case held > p.life.concurrency+worker.MaxBatch || e.what != returned && s.Stuck > s.Handling || s.Handling > p.life.concurrency:
		return fmt.Sprintf("with %d slots: %+v", p.life.concurrency+worker.MaxBatch, s), -1
	case e.what == rested && s.Pulled != p.pulledAll:
		return fmt.Sprintf("%d were pulled: %+v", p.pulledAll, s), -1
	}
	return "", -1
}

// mostIdlePolls is how many polls a minute of rest may have: of an API that does not hold them, one each 0.5 s.
const mostIdlePolls = 120

func atRest(p *process, e *entry) (string, int) {
	if e.what == pulling && e.at >= p.w.restAt {
		p.restPolls++
	}
	s := e.status
	switch {
	case e.what != rested:
	case s.State != worker.Running || s.Waiting+s.Handling+s.Stuck+s.Writing+s.Confirming+s.Bytes > 0 || !s.EarliestEnd.IsZero():
		return fmt.Sprintf("%+v", s), -1
	case s.Failing != nil:
		return "still failing: " + s.Failing.Error(), -1
	case p.restPolls == 0 || p.restPolls > mostIdlePolls:
		return fmt.Sprintf("%d polls in a minute", p.restPolls), -1
	}
	return "", -1
}

// allHandled looks at the end.
func (w *world) allHandled(processes []*process) (string, int) {
	last := w.history[len(w.history)-1]
	if last.what != over {
		return "it never came to its end", -1
	}
	for number := range w.plan.events {
		event := &w.plan.events[number]
		for h, wanted := range event.wanted {
			if n := successes(processes, number, h); wanted && n < event.copies && !w.isBuried(number, h) {
				return fmt.Sprintf("handler %s succeeded in %d deliveries of %d", w.plan.handlers[h].name, n, event.copies), number
			}
		}
	}
	if s := last.stats; s.Confirmed != s.Sent || s.Waiting+s.InFlight > 0 {
		return fmt.Sprintf("after %v the emulator has %+v", last.at.Round(time.Second), s), w.unconfirmed()
	}
	return "", -1
}

func successes(processes []*process, event, handler int) (n int) {
	for _, p := range processes {
		for _, d := range p.byEvent[event] {
			if d.succeeded[handler] >= 0 {
				n++
			}
		}
	}
	return n
}

// unconfirmed returns an event that is still queued.
func (w *world) unconfirmed() int {
	confirmed := map[int]int{}
	for i := range w.history {
		if e := &w.history[i]; e.what == removed {
			for _, number := range e.events {
				confirmed[number]++
			}
		}
	}
	for number := range w.plan.events {
		if confirmed[number] < w.plan.events[number].copies {
			return number
		}
	}
	return -1
}

// isBuried reports whether an event lies in the dead letters with this handler missing.
func (w *world) isBuried(event, handler int) bool { return w.buried[[2]int{event, handler}] }
