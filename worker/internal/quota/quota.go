// Package quota spaces calls, so that the API's quota of calls a second is kept, and shared with others who keep to it too.
package quota

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pause"
)

// sameCause is for how long after a cut refusals are put down to what it was made for: a second that is used up refuses all that
// come until its end. More would have many workers give way too slowly.
const sameCause = 150 * time.Millisecond

// At the full rate it takes two refused calls within loneFor for a cut. A quota of 100 leaves a rate of 99 room for 10 ms: where
// nobody else calls, one call that goes out late, or is on its way for longer than others, has one refused.
const loneFor = time.Second

// A Bucket admits calls of one action. It is safe for concurrent use.
type Bucket struct {
	first  chan struct{} // held by the call that takes the next turn, until that comes
	lanes  atomic.Int32  // in which calls wait
	jitter func(time.Duration) time.Duration
	above  *Bucket // whose rate is never below this one's; nil if there is none

	mu   sync.Mutex
	rate cubic
	next time.Time // when the next turn begins
	lone time.Time // when a call was refused at the full rate, and the rate was not lowered for it
}

// NewBucket returns a Bucket that admits up to most calls a second, without a burst; and never more than above admits, if that
// is not nil.
func NewBucket(most float64, above *Bucket) *Bucket {
	return &Bucket{first: make(chan struct{}, 1), jitter: rand.N[time.Duration], above: above, rate: cubic{most: most, refused: most}}
}

// Wait waits for a call's turn, unless ctx has a deadline before it.
func (b *Bucket) Wait(ctx context.Context) error {
	select {
	case b.first <- struct{}{}:
		defer func() { <-b.first }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // also of one that could have a turn, and would take it from others
		return ctx.Err()
	}
	deadline, _ := ctx.Deadline()
	moment, ok := b.turn(time.Now(), deadline)
	if !ok {
		return context.DeadlineExceeded
	}
	if !pause.For(ctx, time.Until(moment)) {
		return ctx.Err()
	}
	return nil
}

// turn takes the next turn, unless its moment is beyond the deadline; zero is none. A turn is as long as the rate demands, and a call
// comes at its end. While the rate is lowered it comes at any moment of it: else those who share a quota stay in step, and the same
// ones are refused again and again. The full rate, which is nearly the quota, has no room for that: calls that come closer to each
// other than a turn would be refused.
func (b *Bucket) turn(now, deadline time.Time) (moment time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	length := time.Duration(float64(time.Second) / b.perSecond(now))
	begin := b.next
	if earliest := now.Add(-length); begin.Before(earliest) { // it may have begun: the call before came late in its own
		begin = earliest
	}
	moment = begin.Add(length)
	if !b.full(now) {
		moment = begin.Add(b.jitter(length))
	}
	if !deadline.IsZero() && !moment.Before(deadline) {
		return moment, false
	}
	b.next = begin.Add(length)
	return moment, true
}

// PerSecond returns how many calls it admits in a second as things are now.
func (b *Bucket) PerSecond() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.perSecond(time.Now())
}

// perSecond returns the rate of now.
func (b *Bucket) perSecond(now time.Time) float64 {
	rate := b.rate.of(now)
	if b.above != nil {
		b.above.mu.Lock()
		defer b.above.mu.Unlock()
		rate = min(rate, b.above.perSecond(now))
	}
	return rate
}

// Refused lowers the rate for a call, sent then, that was one too many, unless the rate is lowered for the same cause already, or it
// was the only one at the full rate. It returns the rate, and whether it was lowered.
func (b *Bucket) Refused(sent time.Time) (perSecond float64, lowered bool) {
	return b.refused(sent, time.Now())
}

func (b *Bucket) refused(sent, now time.Time) (perSecond float64, lowered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.full(now) && now.Sub(b.lone) > loneFor:
		b.lone = now
	case sent.Sub(b.rate.at) > sameCause:
		b.rate.cut(b.perSecond(now), now)
		lowered = true
	}
	return b.perSecond(now), lowered
}

// full reports whether the rate is as it is alone.
func (b *Bucket) full(now time.Time) bool { return b.perSecond(now) >= b.rate.most }

// A Lane is where the calls of one worker wait for a Bucket: in it only one at a time, so that workers which share a Limiter
// take turns, however many calls each of them has. Create it with [NewLane].
type Lane struct {
	*Bucket
	first chan struct{} // held by the call that waits in the bucket
	calls atomic.Int32  // that wait, that one among them
}

// NewLane returns a Lane to a Bucket.
func NewLane(b *Bucket) *Lane { return &Lane{Bucket: b, first: make(chan struct{}, 1)} }

// Wait waits for a call's turn.
func (l *Lane) Wait(ctx context.Context) error {
	if l.calls.Add(1) == 1 {
		l.lanes.Add(1)
	}
	defer func() {
		if l.calls.Add(-1) == 0 {
			l.lanes.Add(-1)
		}
	}()
	select {
	case l.first <- struct{}{}:
		defer func() { <-l.first }()
		return l.Bucket.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Busy reports whether a call waits for its turn.
func (l *Lane) Busy() bool { return l.calls.Load() > 0 }

// Share returns how many calls of this lane are admitted in a second as things are now: it takes turns with the others in which
// calls wait.
func (l *Lane) Share() float64 {
	lanes := l.lanes.Load()
	if !l.Busy() {
		lanes++
	}
	return l.PerSecond() / float64(max(1, lanes))
}
