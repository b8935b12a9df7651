package clock

import (
	"context"
	"time"
)

// Wait lets a worker do something that takes its time, and then go on. When d has passed by the clock the context of do ends with
// a cause. However far the clock moves meanwhile, that is not before patience, or d if that is less, has passed in real time.
func (c *Clock) Wait(ctx context.Context, d, patience time.Duration, cause error, do func(ctx context.Context)) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := c.NewTimer(func() {
		c.Enter() // the worker goes on, from this moment
		cancel(cause)
	})
	timer.set(c.Now().Add(d), time.Now().Add(min(patience, d)))
	c.Leave()
	do(ctx)
	if timer.Stop() {
		c.Enter()
	}
}

// Sleep makes a worker wait until d has passed by the clock, or ctx has ended: then it returns its error.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Wait(ctx, d, 0, nil, func(ctx context.Context) { <-ctx.Done() })
	return ctx.Err()
}
