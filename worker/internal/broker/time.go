package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// ahead is how long before the end of its time an event has no answer: a tenth of that time, this at most.
	ahead = time.Second

	// short is what is too short to judge a broker by. A time-out of 1 s, of which a part is over, is not.
	short = 500 * time.Millisecond
)

// InTime hands an event over by calling hand, whose context ends a moment before ctx does. A broker that gives no answer in all that time
// is to blame, and not the event: that is unreachable. Once ctx itself has ended nobody could be blamed any more.
func InTime(ctx context.Context, hand func(context.Context) error) error {
	end, is := ctx.Deadline()
	left := time.Until(end)
	if !is || left < short {
		return hand(ctx)
	}
	left -= min(left/10, ahead)
	early, cancel := context.WithTimeoutCause(ctx, left, fmt.Errorf("no answer in %v", left.Round(10*time.Millisecond)))
	defer cancel()
	err := hand(early)
	switch {
	case err == nil || early.Err() == nil || worker.IsPermanent(err) || worker.IsUnreachable(err):
		return err
	case ctx.Err() == nil:
		// It must not wrap that the time is over, which it is not.
		return worker.Unreachable(errors.New(strings.TrimSuffix(err.Error(), ": "+context.DeadlineExceeded.Error())))
	case !errors.Is(err, context.Cause(ctx)): // it ended after early had, and what err wraps is early's
		return fmt.Errorf("%s: %w", err.Error(), say.Ended(ctx))
	}
	return err
}
