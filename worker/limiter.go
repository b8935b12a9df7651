package worker

import (
	"fmt"
	"sync"

	"github.com/vodworker/vodworker/worker/internal/quota"
)

// DefaultRate is how many calls of each action a Limiter admits in a second unless told otherwise. The account's
// quota is 100 for each action.
const DefaultRate = 99

// A Limiter spaces calls, so that the account's quota of calls a second is not exceeded: one bucket for PullEvents, one for
// ConfirmEvents, neither with a burst. Whoever else uses the quota, it shares it with them: refused calls lower the rate of their
// action, and time raises it again. What is pulled is to be confirmed, so pulls never come faster than confirms may. Workers on the
// same account in one process should share a Limiter: they take turns. It is safe for concurrent use. Create it with [NewLimiter].
type Limiter struct {
	most          float64 // calls a second
	pull, confirm *quota.Bucket
	said          sync.Once // that it admits fewer
}

// NewLimiter returns a Limiter that admits up to perSecond calls of each action; while VOD refuses calls with [ErrThrottled],
// fewer. It fails if perSecond is not from one in a thousand seconds, 0.001, to a million.
func NewLimiter(perSecond float64) (*Limiter, error) {
	if !(perSecond >= 1e-3 && perSecond <= 1e6) { // so not a number that is none either
		return nil, fmt.Errorf("rate of %v calls a second: it must be from 0.001 to a million", perSecond)
	}
	confirm := quota.NewBucket(perSecond, nil)
	return &Limiter{most: perSecond, pull: quota.NewBucket(perSecond, confirm), confirm: confirm}, nil
}

// PerSecond returns how many calls of PullEvents and of ConfirmEvents it admits in a second as things are now.
func (l *Limiter) PerSecond() (pull, confirm float64) {
	return l.pull.PerSecond(), l.confirm.PerSecond()
}
