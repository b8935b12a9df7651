package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/worker"
)

// waitFor asks how many replicas have what its connection has written before. The answer comes when they are so many, or after a while.
func waitFor(ctx context.Context, replicas int) *goredis.IntCmd {
	longest := replicasTime
	if end, is := ctx.Deadline(); is {
		longest = min(longest, time.Until(end))
	}
	return goredis.NewIntCmd(ctx, "wait", replicas, max(1, longest.Milliseconds()))
}

// catchUp fails if too few replicas have what was added before, or if that can't be asked: what is added then would not count as
// accepted, and each try would add it again. It asks at first, and after each event that did not count.
func (s *Sink) catchUp(ctx context.Context) error {
	if s.opts.Replicas == 0 || s.caught.Load() {
		return nil
	}
	have := waitFor(ctx, s.opts.Replicas)
	err := s.client.Process(ctx, have)
	s.watch(err)
	switch {
	case err != nil:
		return worker.Unreachable(fmt.Errorf("not added, since nobody knows whether replicas would have it: %w", s.place.explain(err)))
	case have.Val() < int64(s.opts.Replicas):
		return worker.Unreachable(fmt.Errorf("not added, since only %d of %d replicas are there and have all before it", have.Val(), s.opts.Replicas))
	}
	s.caught.Store(true)
	return nil
}
