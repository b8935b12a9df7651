package vodtest

import (
	"errors"
	"time"
	"unicode/utf8"
)

// What an emulator remembers of what is over, for its state. Events that are larger than maxKept are remembered
// without their content.
const (
	keptCalls     = 50
	keptCallbacks = 50  // tries, of an application
	keptPast      = 100 // events of an application
	maxKept       = 64 << 10
)

// A ring keeps the newest of what is added. It begins to keep when size is set.
type ring[T any] struct {
	size  int
	kept  []T
	first int // the oldest, when it is full
}

func (r *ring[T]) add(v T) {
	switch {
	case len(r.kept) < r.size:
		r.kept = append(r.kept, v)
	case r.size > 0:
		r.kept[r.first] = v
		r.first = (r.first + 1) % r.size
	}
}

// last returns the newest, nil if there is none.
func (r *ring[T]) last() *T {
	if len(r.kept) == 0 {
		return nil
	}
	return &r.kept[(r.first+len(r.kept)-1)%len(r.kept)]
}

// newest returns all that is kept, the newest first.
func (r *ring[T]) newest() []T {
	all := make([]T, 0, len(r.kept))
	for i := range r.kept {
		all = append(all, r.kept[(r.first+len(r.kept)-1-i)%len(r.kept)])
	}
	return all
}

// A pastEvent is one that has left the queue.
type pastEvent struct {
	item
	how string // it left: Confirmed or Dropped
	at  time.Time
}

const (
	howConfirmed = "Confirmed"
	howDropped   = "Dropped" // unconfirmed, by its age
)

// remember notes that an event leaves the queue.
func (q *queue) remember(it *item, how string, now time.Time) {
	kept := item{content: it.content, brief: it.brief, seq: it.seq, sent: it.sent, handle: it.handle, deliveries: it.deliveries}
	if len(kept.content) > maxKept {
		kept.content = nil
	}
	q.past.add(pastEvent{kept, how, now})
}

// A pastCall is what is remembered of a call. Equal ones in a row that found nothing are one.
type pastCall struct {
	Action    string
	SubAppID  uint64 `json:"SubAppId"`
	Time      time.Time
	TookMS    int64  `json:"TookMs"`
	Events    int    // handed out, or to be confirmed
	Confirmed int    `json:",omitempty"`
	Code      string `json:",omitempty"` // of the API error that was answered
	Error     string `json:",omitempty"`
	Fault     string `json:",omitempty"`
	Forwarded bool   `json:",omitempty"` // to a stub
	Times     int    // that it was made in a row
}

// note remembers a call that is over.
func (e *Emulator) note(call *Call) {
	past := pastCall{
		Action: shorten(call.Action), SubAppID: call.SubAppID, Time: call.Start, TookMS: call.Took.Milliseconds(),
		Events: len(call.Handles), Confirmed: len(call.Confirmed), Forwarded: call.Forwarded, Times: 1,
	}
	if api, ok := errors.AsType[*APIError](call.Err); ok {
		past.Code, past.Error = api.Code, shorten(api.Message)
	} else if call.Err != nil {
		past.Error = errorText(call.Err)
	}
	if call.Fault != nil {
		past.Fault = call.Fault.String()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if last := e.calls.last(); last != nil && past.isRepeatOf(*last) {
		past.Times += last.Times
		*last = past
		return
	}
	e.calls.add(past)
}

func (c pastCall) isRepeatOf(last pastCall) bool {
	last.Time, last.TookMS, last.Times = c.Time, c.TookMS, c.Times
	return c.Action == pullEvents && c.Events == 0 && c == last
}

// shorten cuts what a client has sent to a length that can be shown.
func shorten(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
