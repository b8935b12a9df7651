package vodtest

import "time"

// A Quota is how many calls of an action an account may make in one second, all of its applications together. One
// more is answered RequestLimitExceeded. 0, and an action that is not there, is no limit.
type Quota struct {
	Kind  QuotaKind
	Rates map[string]int // by action; not to be changed any more
}

// A QuotaKind is how calls are counted. The API's documentation does not say how VOD does it.
type QuotaKind int

// The kinds of Quota.
const (
	QuotaWindow  QuotaKind = iota // seconds one after the other, each beginning with the first call after the last one was over
	QuotaSliding                  // every second, wherever it begins; refused calls aside
	QuotaBucket                   // a token bucket: full it holds what a second allows, and a second fills it
)

// DocumentedQuota returns the quota that the API's documentation gives: 100 for PullEvents, ConfirmEvents, and the actions on
// media and tasks, 20 for the others. Of SearchMedia, ModifyMediaInfo and DescribeEventsState it says nothing: those are guessed.
func DocumentedQuota() Quota {
	q := Quota{Rates: map[string]int{}}
	for _, a := range actions {
		q.Rates[a.name] = a.rate
	}
	return q
}

// SetQuota changes the quota. Seconds that have begun go on, unless its Kind changes.
func (e *Emulator) SetQuota(q Quota) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.Kind != e.quota.Kind {
		clear(e.meters)
	}
	e.quota = q
}

// admit counts a call against the quota of its action, and refuses it if that is used up.
func (e *Emulator) admit(action string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	limit := e.quota.Rates[action]
	if limit <= 0 {
		return nil
	}
	m := e.meters[action]
	if m == nil {
		m = newMeter(e.quota.Kind)
		e.meters[action] = m
	}
	if m.admit(e.now(), limit) {
		return nil
	}
	return &APIError{"RequestLimitExceeded", "more calls of " + action + " in this second than the account's quota"}
}

// A meter counts the calls of an action.
type meter interface {
	admit(now time.Time, limit int) bool
}

func newMeter(kind QuotaKind) meter {
	switch kind {
	case QuotaSliding:
		return new(sliding)
	case QuotaBucket:
		return new(bucket)
	default:
		return new(window)
	}
}

// A window is the second of now.
type window struct {
	began time.Time
	calls int
}

func (w *window) admit(now time.Time, limit int) bool {
	if now.Sub(w.began) >= time.Second {
		*w = window{began: now}
	}
	w.calls++
	return w.calls <= limit
}

// A sliding has when the calls of the last second were admitted.
type sliding struct{ calls []time.Time }

func (s *sliding) admit(now time.Time, limit int) bool {
	over := 0
	for over < len(s.calls) && now.Sub(s.calls[over]) >= time.Second {
		over++
	}
	s.calls = append(s.calls[:0], s.calls[over:]...)
	if len(s.calls) >= limit {
		return false
	}
	s.calls = append(s.calls, now)
	return true
}

// A bucket has when it will be full again.
type bucket struct{ full time.Time }

func (b *bucket) admit(now time.Time, limit int) bool {
	token := time.Second / time.Duration(limit)
	if b.full.Before(now) {
		b.full = now
	}
	if b.full.Sub(now) > time.Second-token {
		return false
	}
	b.full = b.full.Add(token)
	return true
}
