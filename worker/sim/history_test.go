package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// An entry is one thing that happened. A process that was killed or has returned leaves no more of them.
type entry struct {
	at   time.Duration
	life int // whose process; -1: the emulator's
	what what

	call    int // of pulling and pulled, confirming and confirmed, begins and ends: which belong together
	handles []string
	events  []int
	raws    []*byte       // of pulled: what tells two deliveries apart even if their handle is the same
	sent    time.Duration // of pulled: when the poll was
	leased  time.Duration // of pulled
	err     error
	cut     bool // the call's context had ended

	event, handler int // of begins and ends; event also of buried, where handlers are missing
	handle         string
	permanent      bool // of ends: its error
	missing        []int
	raw            *byte

	status worker.Status // of sampled, rested and returned
	stats  vodtest.Stats // of over
}

type what string

const (
	born       what = "process begins"
	pulling    what = "PullEvents"
	pulled     what = "PullEvents answered"
	confirming what = "ConfirmEvents"
	confirmed  what = "ConfirmEvents answered"
	removed    what = "emulator removes the event"
	begins     what = "handler begins"
	ends       what = "handler ends"
	buried     what = "dead letter written"
	stop       what = "asked to stop"
	killed     what = "killed"
	returned   what = "Run returned"
	stored     what = "stored"
	givenBack  what = "given back, since its process is dead"
	written    what = "success written"
	taken      what = "not begun, since it may be somebody else's"
	resting    what = "to be run again, its failures forgotten"
	wrong      what = "the inbox was misused"
	sampled    what = "status"
	rested     what = "status at rest"
	over       what = "the end"
)

// record adds to the history, unless the process is dead.
func (w *world) record(e entry) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.life >= 0 && w.lives[e.life].dead {
		return false
	}
	e.at = w.now()
	w.history = append(w.history, e)
	return true
}

// story is what happened to one event, and around it to the processes that had it.
func (w *world) story(event int) string {
	concerned := map[int]bool{}
	about := func(e *entry) bool {
		switch e.what {
		case begins, ends, buried, stored, written:
			return e.event == event
		default:
			return slices.Contains(e.events, event)
		}
	}
	for i := range w.history {
		if about(&w.history[i]) {
			concerned[w.history[i].life] = true
		}
	}
	var text strings.Builder
	for i := range w.history {
		e := &w.history[i]
		if about(e) || concerned[e.life] && (e.what == stop || e.what == killed || e.what == returned) {
			text.WriteString("\t" + w.line(e, event) + "\n")
		}
	}
	return text.String()
}

func (w *world) line(e *entry, event int) string {
	line := fmt.Sprintf("%-12v %-10s %s", e.at, w.lifeName(e.life), e.what)
	if at := slices.Index(e.events, event); at >= 0 {
		line += fmt.Sprintf(" …%s (of %d)", tail(e.handles[at]), len(e.handles))
	}
	if e.what == pulled {
		line += fmt.Sprintf(" asked at %v, leased at %v", e.sent, e.leased)
	}
	switch e.what {
	case begins, ends:
		line += fmt.Sprintf(" %s …%s", w.plan.handlers[e.handler].name, tail(e.handle))
	}
	if e.what == buried {
		line += fmt.Sprintf(", for handlers %v", e.missing)
	}
	if e.what == returned {
		line += fmt.Sprintf(" %+v", e.status.Summary)
	}
	if e.err != nil {
		line += ": " + e.err.Error()
	}
	if e.cut {
		line += " (its context had ended)"
	}
	return line
}

func tail(handle string) string { return handle[max(0, len(handle)-6):] }

func (w *world) lifeName(life int) string {
	if life < 0 {
		return "-"
	}
	return w.lives[life].name
}
