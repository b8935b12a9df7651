// Package quota spaces calls, so that the API's quota of calls a second is kept.
package quota

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Others may use the account's quota too, so a call that is refused for it lowers the rate, and time raises it again.
// Any number of workers that do this share the quota evenly: at 20 of them, 2 refusals a second balance what time adds.
const (
	rateCut    = 0.8 // for each refusal
	rateGrowth = 0.1 // calls a second, each second
	leastRate  = 0.1 // calls a second
)

// A Bucket admits calls of one action, evenly spaced. It is safe for concurrent use.
type Bucket struct {
	limiter *rate.Limiter
	first   chan struct{} // held by the one that waits: a changed rate does not move turns that were given already
	most    float64

	mu  sync.Mutex
	now float64   // the rate
	at  time.Time // when it was that
}

// NewBucket returns a Bucket that admits up to most calls a second, without a burst.
func NewBucket(most float64) *Bucket {
	return &Bucket{limiter: rate.NewLimiter(rate.Limit(most), 1), first: make(chan struct{}, 1), most: most, now: most}
}

// Wait waits for a call's turn.
func (b *Bucket) Wait(ctx context.Context) error {
	select {
	case b.first <- struct{}{}:
		defer func() { <-b.first }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b.adjust(1)
	return b.limiter.Wait(ctx)
}

// A Lane is where the calls of one worker wait for a Bucket: in it only one at a time, so that workers which share a Limiter
// take turns, however many calls each of them has.
type Lane struct {
	*Bucket
	first chan struct{} // held by the call that waits in the bucket
}

// NewLane returns a Lane to a Bucket.
func NewLane(b *Bucket) Lane { return Lane{b, make(chan struct{}, 1)} }

// Wait waits for a call's turn.
func (l Lane) Wait(ctx context.Context) error {
	select {
	case l.first <- struct{}{}:
		defer func() { <-l.first }()
		return l.Bucket.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Refused lowers the rate for a call that was one too many, and returns it.
func (b *Bucket) Refused() float64 { return b.adjust(rateCut) }

// adjust raises the rate by what the time since the last adjustment adds, and multiplies it by factor.
func (b *Bucket) adjust(factor float64) float64 {
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
