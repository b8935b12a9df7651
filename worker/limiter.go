package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// DefaultRate is how many calls of each action a Limiter admits in a second unless told otherwise. The account's
// quota is 100 for each action.
const DefaultRate = 99

// Others may use the account's quota too, so a call that is refused for it lowers the rate, and time raises it again.
// Any number of workers that do this share the quota evenly: at 20 of them, 2 refusals a second balance what time adds.
const (
	rateCut    = 0.8 // for each refusal
	rateGrowth = 0.1 // calls a second, each second
	leastRate  = 0.1 // calls a second
)

// A Limiter spaces calls evenly, so that the account's quota of calls a second is not exceeded: one bucket for
// PullEvents, one for ConfirmEvents, neither with a burst. Workers on the same account in one process should share
// one: they take turns. It is safe for concurrent use. Create it with [NewLimiter].
type Limiter struct {
	pull, confirm *bucket
}

// NewLimiter returns a Limiter that admits up to perSecond calls of each action. While VOD refuses calls with
// [ErrThrottled] it admits fewer. It fails if perSecond is not positive.
func NewLimiter(perSecond float64) (*Limiter, error) {
	if !(perSecond > 0) {
		return nil, fmt.Errorf("rate of %v calls a second: it must be positive", perSecond)
	}
	return &Limiter{pull: newBucket(perSecond), confirm: newBucket(perSecond)}, nil
}

type bucket struct {
	limiter *rate.Limiter
	first   chan struct{} // held by the one that waits: a changed rate does not move turns that were given already
	most    float64

	mu  sync.Mutex
	now float64   // the rate
	at  time.Time // when it was that
}

func newBucket(most float64) *bucket {
	return &bucket{limiter: rate.NewLimiter(rate.Limit(most), 1), first: make(chan struct{}, 1), most: most, now: most}
}

// wait waits for a call's turn.
func (b *bucket) wait(ctx context.Context) error {
	select {
	case b.first <- struct{}{}:
		defer func() { <-b.first }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b.adjust(1)
	return b.limiter.Wait(ctx)
}

// A lane is where the calls of one worker wait for a bucket: in it only one at a time, so that workers which share a Limiter
// take turns, however many calls each of them has.
type lane struct {
	*bucket
	first chan struct{} // held by the call that waits in the bucket
}

func newLane(b *bucket) lane { return lane{b, make(chan struct{}, 1)} }

func (l lane) wait(ctx context.Context) error {
	select {
	case l.first <- struct{}{}:
		defer func() { <-l.first }()
		return l.bucket.wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused lowers the rate for a call that was one too many, and returns it.
func (b *bucket) refused() float64 { return b.adjust(rateCut) }

// adjust raises the rate by what the time since the last adjustment adds, and multiplies it by factor.
func (b *bucket) adjust(factor float64) float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if factor == 1 && b.now >= b.most {
		return b.now // as it should be
	}
	now := time.Now()
	if !b.at.IsZero() {
		b.now = min(b.most, b.now+rateGrowth*now.Sub(b.at).Seconds())
	}
	b.now = max(min(leastRate, b.most), b.now*factor)
	b.at = now
	b.limiter.SetLimitAt(now, rate.Limit(b.now))
	return b.now
}
