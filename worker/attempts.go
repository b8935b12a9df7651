package worker

import "time"

// maxSitOut bounds how many redeliveries a failing handler sits out: 15 of 30 s.
const maxSitOut = 15

// An attempt is how often a handler has failed one event.
type attempt struct {
	count     int // deliveries in which it did not succeed
	sitOut    int // redeliveries in which it is not run, from now on
	permanent bool
	err       string
	last      time.Time
}

// fail counts an attempt. After the n-th the handler sits out the next 2^(n−1) − 1 redeliveries of the event, so that
// an event which can't be handled costs less and less.
func (m *memory) fail(key string, leaseEnd time.Time, o Outcome, now time.Time) {
	event := m.of(key, leaseEnd)
	if event.attempts == nil {
		event.attempts = map[string]*attempt{}
		event.first = now
	}
	a := event.attempts[o.Handler]
	if a == nil {
		a = &attempt{}
		event.attempts[o.Handler] = a
	}
	a.count++
	a.sitOut = maxSitOut
	if a.count <= 4 {
		a.sitOut = 1<<(a.count-1) - 1
	}
	a.permanent = o.Kind == Rejected
	a.err, a.last = o.Err.Error(), now
}

// attempt returns what is known of a handler's failures of an event; nil if it has none.
func (m *memory) attempt(key, handler string) *attempt {
	if event := m.events[key]; event != nil {
		return event.attempts[handler]
	}
	return nil
}

// spent reports whether a handler is not to be run again for an event: after most attempts; 0: only if it failed
// permanently.
func (a *attempt) spent(most int) bool {
	return a != nil && (a.permanent || most > 0 && a.count >= most)
}

// absolve takes n of a handler's attempts at an event back: it was the handler's fault, not the event's.
func (m *memory) absolve(key, handler string, n int) {
	event := m.events[key]
	if event == nil || event.attempts[handler] == nil {
		return
	}
	a := event.attempts[handler]
	if a.count -= n; a.count > 0 {
		a.sitOut, a.permanent = 0, false
		return
	}
	delete(event.attempts, handler)
	if len(event.attempts) == 0 && len(event.succeeded) == 0 {
		m.forget(key)
	}
}
