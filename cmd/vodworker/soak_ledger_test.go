package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/letters"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A ledger is what both sides have seen of each event. It is written to before the other side can know: of a 200 before
// it is sent, of a confirm when it has arrived and has had no effect. So what stands in it when a confirm arrives is all
// that can have led to that confirm, on whatever processor it ran.
type ledger struct {
	t       *testing.T
	seed    uint64
	began   time.Time
	letters letters.Store

	mu       sync.Mutex // guards the rest
	events   map[string]*soakEvent
	handles  map[string]*soakEvent   // that were handed out
	open     map[string]*unsettled   // by handle, until it is asked for again or handed out again
	vain     map[string][]*unsettled // by what was answered
	counts   map[string]int
	demanded []string // what a run of some minutes must have met
	longest  map[string]time.Duration
	failures int
}

// A soakEvent is one event with what has happened to it. The ledger's lock guards what changes.
type soakEvent struct {
	events.Event // without a handle
	fate         fate
	wanted       []string // handlers

	refused   bool                // with a 422
	accepted  map[string][]string // by handler: processes that were answered 200
	confirmed int                 // how often the emulator removed it
	history   []string
}

// An unsettled confirm was answered in a way that tells its process nothing.
type unsettled struct {
	process string
	again   bool // it has asked for one of the handles again
}

func newLedger(t *testing.T, seed uint64, store letters.Store) *ledger {
	return &ledger{
		t: t, seed: seed, began: time.Now(), letters: store,
		events: map[string]*soakEvent{}, handles: map[string]*soakEvent{},
		open: map[string]*unsettled{}, vain: map[string][]*unsettled{},
		counts: map[string]int{}, longest: map[string]time.Duration{},
	}
}

// send makes an event of one of the three sorts: known by its file, known by its task, and not to be told from a repeated one.
func (l *ledger) send(emulator *vodtest.Emulator, f fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.events)
	content, wanted := fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, n), []string{"backend", "index"}
	switch n % 3 {
	case 1:
		content, wanted = fmt.Sprintf(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"%d"}}`, n), wanted[:1]
	case 2:
		content = fmt.Sprintf(`{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["%d"]}}`, n)
	}
	event, err := events.Decode([]byte(content))
	if err == nil {
		err = emulator.Send(0, event.Raw)
	}
	if err != nil {
		l.t.Errorf("send event %d: %v", n, err)
		return
	}
	e := &soakEvent{Event: event, fate: f, wanted: wanted, accepted: map[string][]string{}}
	l.note(e, "sent")
	l.events[event.Key()] = e
}

// note adds a line to the history of an event. The lock must be held.
func (l *ledger) note(e *soakEvent, format string, args ...any) {
	e.history = append(e.history, fmt.Sprintf("%10.4fs  ", time.Since(l.began).Seconds())+fmt.Sprintf(format, args...))
}

func (l *ledger) handedOut(process string, batch []events.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range batch {
		e := l.events[event.Key()]
		l.handles[event.Handle] = e
		delete(l.open, event.Handle)
		l.note(e, "handed out to %s as %s", process, event.Handle)
	}
}

// posted returns nil if there is no such event.
func (l *ledger) posted(process, handler, id string, body []byte) *soakEvent {
	event, err := events.Decode(body)
	l.mu.Lock()
	l.counts["posts"]++
	e := l.events[event.Key()]
	if e != nil {
		l.note(e, "%s posts it to %s", process, handler)
	}
	l.mu.Unlock()
	switch {
	case err != nil || e == nil || !bytes.Equal(body, e.Raw):
		l.complain(e, "%s posted %.200q, which is not as it was sent", process, body)
	case id != event.Key() && (!event.Repeats() || !strings.HasPrefix(id, event.Key()+"-")):
		l.complain(e, "%s posted it under the id %q", process, id)
	case !slices.Contains(e.wanted, handler):
		l.complain(e, "%s posted it to %s, which does not want it", process, handler)
	}
	return e
}

func (l *ledger) answering(e *soakEvent, process, handler string, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[fmt.Sprintf("posts answered %d", status)]++
	l.note(e, "%s answers %s with %d", handler, process, status)
	if status != 200 {
		e.refused = e.refused || status == 422
		return
	}
	if len(e.accepted[handler]) > 0 {
		l.counts["posts handled twice"]++
	}
	e.accepted[handler] = append(e.accepted[handler], process)
}

// confirming checks a request to confirm before it can take effect: the process must itself have been answered 200 by
// every handler, or a letter must be there.
func (l *ledger) confirming(process string, handles []string) {
	for _, handle := range handles {
		var lacking []string
		l.mu.Lock()
		e := l.handles[handle]
		if call := l.open[handle]; call != nil && call.process == process {
			call.again = true
			delete(l.open, handle)
		}
		if e != nil {
			l.note(e, "%s asks to confirm %s", process, handle)
			for _, handler := range e.wanted {
				if !slices.Contains(e.accepted[handler], process) {
					lacking = append(lacking, handler)
				}
			}
		}
		l.mu.Unlock()
		switch {
		case e == nil:
			l.complain(nil, "%s confirms %q, which was never handed out whole", process, handle)
		case len(lacking) > 0 && !l.buried(e):
			l.complain(e, "%s confirms it though %v never answered it 200, and no letter holds it", process, lacking)
		}
	}
}

// unsettled is told of a confirm before it is answered in a way that settles nothing: its process is to ask again.
func (l *ledger) unsettled(process, how string, handles []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	call := &unsettled{process: process}
	l.vain[how] = append(l.vain[how], call)
	for _, handle := range handles {
		l.open[handle] = call
		if e := l.handles[handle]; e != nil {
			l.note(e, "%s is not settled: %s", handle, how)
		}
	}
}

// buried reports whether a letter holds the event, and each handler that has never accepted it is missing in it.
func (l *ledger) buried(e *soakEvent) bool {
	entries, err := l.letters.List(l.t.Context())
	if err != nil {
		l.complain(e, "%v", err)
	}
	key := e.Key()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, entry := range entries {
		if entry.Key == key && e.settledBut(entry.Missing) {
			l.note(e, "there is a letter, missing %v", entry.Missing)
			return true
		}
	}
	return false
}

// settledBut reports whether all handlers but these have accepted the event. The lock must be held.
func (e *soakEvent) settledBut(missing []string) bool {
	for _, handler := range e.wanted {
		if len(e.accepted[handler]) == 0 && !slices.Contains(missing, handler) {
			return false
		}
	}
	return true
}

// observe is told of each call by the emulator, when it is over.
func (l *ledger) observe(call vodtest.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts["calls of "+call.Action]++
	if f := call.Fault; f != nil {
		name := string(f.Kind) + f.Code
		if f.After {
			name = "after:" + name
		}
		l.counts["faults "+name]++
	}
	for _, handle := range call.Confirmed {
		if e := l.handles[handle]; e != nil {
			e.confirmed++
			l.note(e, "%s is confirmed; the call came at %.4fs, and its answer is %v", handle, call.Start.Sub(l.began).Seconds(), call.Err)
		}
	}
}
