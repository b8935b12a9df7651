// Package pause is how everything here waits before it tries again.
package pause

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Jitter returns random pauses between none and a bound that doubles from initial to max. They stay random at
// the cap, so that many workers which failed together don't come back together.
func Jitter(initial, max time.Duration) *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(initial/2), // ± all of it: up to initial
		backoff.WithRandomizationFactor(1),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(max/2),
		backoff.WithMaxElapsedTime(0), // never ends by itself
	)
}

// For waits for d and reports whether ctx lasted that long.
func For(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
