package vodtest

import "time"

// A Quota is how many calls of an action an account may make in one second, all of its applications together. One
// more is answered RequestLimitExceeded. A second begins with the first call after the last one was over. 0 is no limit.
type Quota struct {
	PullEvents          int
	ConfirmEvents       int
	DescribeEventsState int
	DescribeEventConfig int
	ModifyEventConfig   int
}

// DocumentedQuota returns the quota that the API's documentation gives: 100 for PullEvents and ConfirmEvents each, 20 for
// the others.
func DocumentedQuota() Quota {
	return Quota{
		PullEvents: 100, ConfirmEvents: 100, DescribeEventsState: 20, DescribeEventConfig: 20, ModifyEventConfig: 20,
	}
}

// SetQuota changes the quota. Seconds that have begun go on.
func (e *Emulator) SetQuota(q Quota) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.quota = q
}

func (q Quota) of(action string) int {
	switch action {
	case pullEvents:
		return q.PullEvents
	case confirmEvents:
		return q.ConfirmEvents
	case describeEventsState:
		return q.DescribeEventsState
	case describeEventConfig:
		return q.DescribeEventConfig
	default:
		return q.ModifyEventConfig
	}
}

// A second is what was spent of a quota since it began.
type second struct {
	began time.Time
	calls int
}

// admit counts a call against the quota of its action, and refuses it if that is used up.
func (e *Emulator) admit(action string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	s := e.spent[action]
	if s == nil || now.Sub(s.began) >= time.Second {
		s = &second{began: now}
		e.spent[action] = s
	}
	s.calls++
	if limit := e.quota.of(action); limit > 0 && s.calls > limit {
		return &APIError{"RequestLimitExceeded", "more calls of " + action + " in this second than the account's quota"}
	}
	return nil
}
