package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

const mostHistories = 5 // of what may be thousands of failures

// complain fails the test, with the seed and all that is known of the event; nil if it is about none.
func (l *ledger) complain(e *soakEvent, format string, args ...any) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures++; l.failures > mostHistories {
		l.t.Fail()
		return
	}
	if e == nil {
		l.t.Errorf("seed %d: "+format, append([]any{l.seed}, args...)...)
		return
	}
	args = append(append([]any{l.seed, e.Raw}, args...), e.fate, strings.Join(e.history, "\n"))
	l.t.Errorf("seed %d: event %s: "+format+"\nits fate is %d, its history:\n%s", args...)
}

func (l *ledger) count(what string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what] += n
}

// demand says that a run which is long enough must count this.
func (l *ledger) demand(what ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.demanded = append(l.demanded, what...)
}

// took notes how long something took, and keeps the longest.
func (l *ledger) took(what string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.longest[what] = max(l.longest[what], d)
}

// audit compares what was sent with what became of it, when all is over.
func (l *ledger) audit(emulator *vodtest.Emulator) {
	missing := l.readLetters()
	stats := emulator.Stats(0)
	l.count("redeliveries", stats.Redelivered)
	if sent := len(l.events); stats.Sent != sent || stats.Confirmed+stats.Waiting+stats.InFlight != sent {
		l.complain(nil, "%d events were sent, the emulator says: %+v", sent, stats)
	}
	queued := map[string]bool{}
	for _, item := range emulator.Queued(0) {
		queued[string(item.Content)] = true
	}
	for key, e := range l.events {
		switch {
		case queued[string(e.Raw)]:
			l.complain(e, "it is still queued")
		case e.confirmed != 1:
			l.complain(e, "it was confirmed %d times", e.confirmed)
		case !e.settledBut(missing[key]):
			l.complain(e, "not all of %v have handled it, and no letter holds it", e.wanted)
		case e.fate == poison && missing[key] == nil:
			l.complain(e, "it was refused for good, and no letter holds it")
		}
	}
}

// auditFaults fails a run that was long enough to meet every fault, and has not.
func (l *ledger) auditFaults() {
	for _, what := range l.demanded {
		if l.counts[what] == 0 {
			l.complain(nil, "not met in %v: %s", *soakFor, what)
		}
	}
}

// auditVain looks whether what settled nothing was taken for nothing. A process may be killed before it asks again, or its lease
// be over, but not always.
func (l *ledger) auditVain() {
	const enough = 4
	for how, calls := range l.vain {
		again := 0
		for _, call := range calls {
			if call.again {
				again++
			}
		}
		l.count("confirms that settled nothing", len(calls))
		l.count("confirms that settled nothing, asked again", again)
		if len(calls) >= enough && again == 0 {
			l.complain(nil, "%d confirms were answered in vain, and none asked again: %s", len(calls), how)
		}
	}
	n, again := l.counts["confirms that settled nothing"], l.counts["confirms that settled nothing, asked again"]
	if 4*again < 3*n {
		l.complain(nil, "%d confirms were answered in vain, and only %d asked again", n, again)
	}
}

// readLetters returns the handlers that letters miss, by the event's Key.
func (l *ledger) readLetters() map[string][]string {
	missing := map[string][]string{}
	entries, err := l.letters.List(l.t.Context())
	if err != nil {
		l.complain(nil, "%v", err)
	}
	l.count("dead letters", len(entries))
	for _, entry := range entries {
		letter, err := l.letters.Show(l.t.Context(), entry.Name)
		e := l.events[letter.Event.Key()]
		if err != nil || e == nil || !bytes.Equal(letter.Event.Body(), e.Raw) {
			l.complain(e, "letter %s: %v; its event is %s", entry.Name, err, letter.Event.Raw)
			continue
		}
		missing[entry.Key] = append(missing[entry.Key], letter.Missing...)
		l.count("dead letters, "+letter.Reason.Text(), 1)
		if e.fate == good {
			l.count("dead letters of good events, "+letter.Reason.Text(), 1)
		}
		if letter.Reason == worker.ReasonPermanent && !e.refused {
			l.complain(e, "it was given up as refused for good, and was never")
		}
	}
	return missing
}

// report prints the counts, so that a run which tested nothing is seen to have.
func (l *ledger) report() {
	l.t.Logf("%6d events", len(l.events))
	for _, what := range slices.Sorted(maps.Keys(l.counts)) {
		l.t.Logf("%6d %s", l.counts[what], what)
	}
	for _, what := range slices.Sorted(maps.Keys(l.longest)) {
		l.t.Logf("%6.1f s at most: %s", l.longest[what].Seconds(), what)
	}
	if l.failures > 0 {
		l.t.Logf("%6d failures, of which %d are shown", l.failures, min(l.failures, mostHistories))
	}
}
