package page

import (
	"container/list"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
)

// An Outcome is what became of an event so far: a short token, to filter by.
type Outcome string

// The outcomes.
const (
	InFlight    Outcome = "in_flight"
	Failed      Outcome = "failed"      // at least once, and not done yet
	Left        Outcome = "left"        // it was never run
	Unconfirmed Outcome = "unconfirmed" // handled, and its lease ended before it was confirmed
	GivenUp     Outcome = "given_up"    // written to the dead letters
	Lost        Outcome = "lost"        // a callback that was given up, and could not be written
	Confirmed   Outcome = "confirmed"
	Handled     Outcome = "handled" // a callback
	Unmatched   Outcome = "unmatched"
	Unseen      Outcome = "unseen" // it failed here, and was not handed to this replica for hours
)

// Outcomes are all of them, the ones to look at in front.
var Outcomes = []Outcome{Failed, Left, Unconfirmed, GivenUp, Lost, InFlight, Confirmed, Handled, Unmatched, Unseen}

// isOpen reports whether more is to come.
func (o Outcome) isOpen() bool { return o == Failed || o == Left || o == Unconfirmed }

const (
	maxDeliveries = 10  // of an event, the last ones; what is alike counts as one
	maxText       = 500 // bytes, of an error, a name or a type
)

// A life is what is known of one event.
type life struct {
	n       uint64
	key     string // empty: it was not needed yet
	app     uint64
	kind    string
	size    int
	raw     json.RawMessage
	aliased bool // raw is the worker's, and held as long as the worker holds it
	bare    bool // raw was not kept, which is counted
	held    int  // bytes, of what counts
	first   time.Time
	last    time.Time // delivery, or what came of it
	seen    int       // deliveries
	outcome Outcome
	counted Outcome // as what its last delivery counts; empty: as nothing yet
	in      *list.List
	at      *list.Element // where it is kept; nil: it is in flight only
	handle  string        // of the last delivery
	why     string        // it was given up
	lease   time.Time     // its end, while it is in flight
	next    map[string]next
	past    []Delivery
	earlier int // deliveries that are not in past
	facts   *facts

	// What most lives need, so that it takes no memory of its own: they are seen once, one handler runs them, and are used again.
	delivery [1]Delivery
	run      [1]Run
	body     []byte // for raw, if that is not aliased; empty while it is
}

// next is when a handler runs an event again.
type next struct {
	attempts int
	until    time.Time
}

// A Delivery is one time that an event was handed out, or several of which the same came.
type Delivery struct {
	At        time.Time `json:"at"`
	Times     int       `json:"times"`
	Until     time.Time `json:"until"` // the last of them
	Left      string    `json:"left,omitempty"`
	WaitedMs  int64     `json:"waited_ms"`
	Handlers  []Run     `json:"handlers,omitempty"`
	Confirm   string    `json:"confirm,omitempty"` // "ok", or why not
	LeaseLeft int64     `json:"lease_left_ms,omitempty"`

	unanswered bool // a confirm was, so that it may have succeeded
}

// A Run is what a handler did with a delivery.
type Run struct {
	Handler string    `json:"handler"`
	Outcome string    `json:"outcome"`
	Tries   int       `json:"tries"`
	TookMs  int64     `json:"took_ms"`
	At      time.Time `json:"at"` // its end
	Error   string    `json:"error,omitempty"`
}

func (l *life) current() *Delivery {
	if len(l.past) == 0 {
		l.past = append(l.past, Delivery{})
	}
	return &l.past[len(l.past)-1]
}

// deliver begins a delivery whose lease ends then, and returns how many bytes of an earlier one are dropped for it.
func (l *life) deliver(now, lease time.Time) (dropped int) {
	l.seen++
	l.counted = ""
	l.last, l.lease = now, lease
	d := Delivery{At: now, Until: now, Times: 1}
	if l.seen == 1 {
		l.past, d.Handlers = l.delivery[:0], l.run[:0]
	}
	l.past = append(l.past, d)
	if len(l.past) > maxDeliveries {
		l.earlier += l.past[0].Times
		for _, run := range l.past[0].Handlers {
			dropped += len(run.Error)
		}
		l.past = slices.Delete(l.past, 0, 1)
	}
	l.held -= dropped
	return dropped
}

// note takes what a handler did, and returns how many bytes that takes.
func (l *life) note(o worker.Outcome, waited time.Duration) (bytes int) {
	d := l.current()
	run := Run{Handler: o.Handler, Outcome: o.Kind.String(), Tries: o.Tries, TookMs: o.Took.Milliseconds(), At: time.Now()}
	if o.Err != nil {
		run.Error = cut(o.Err.Error())
	}
	if o.Kind == worker.OK {
		delete(l.next, o.Handler)
	} else if _, known := l.next[o.Handler]; !known {
		l.again(o.Handler, next{})
	}
	d.WaitedMs = waited.Milliseconds()
	d.Handlers = append(d.Handlers, run)
	l.held += len(run.Error)
	return len(run.Error)
}

func (l *life) again(handler string, when next) {
	if l.next == nil {
		l.next = map[string]next{}
	}
	l.next[handler] = when
}

// ran reports whether a handler ran in the last delivery.
func (l *life) ran(handler string) bool {
	return slices.ContainsFunc(l.current().Handlers, func(r Run) bool { return r.Handler == handler })
}

// confirmedAs says what an event that is confirmed now counts as.
func (l *life) confirmedAs() Outcome {
	switch {
	case l.outcome == GivenUp:
		return GivenUp
	case l.outcome == InFlight && len(l.current().Handlers) == 0:
		return Unmatched
	}
	return Confirmed
}

// leave notes that a delivery was not run, together with those before that were not for the same reason.
func (l *life) leave(why worker.LeftReason) {
	l.current().Left = why.Text()
	if n := len(l.past); n > 1 && l.past[n-2].Left == l.past[n-1].Left {
		l.past[n-2].Times += l.past[n-1].Times
		l.past[n-2].Until = l.past[n-1].Until
		l.past = l.past[:n-1]
	}
}

// cut shortens what others have written: its end matters less, and there is much.
func cut(text string) string {
	if len(text) <= maxText {
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}
