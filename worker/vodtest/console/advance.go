package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/clock"
)

type advanceParams struct{ By string }

// advanced is what time it is after an advance.
type advanced struct {
	Now     time.Time
	AheadMS int64 `json:"AheadMs"`
}

func (c control) advance(ctx context.Context, p advanceParams) (any, error) {
	by, err := time.ParseDuration(p.By)
	if err != nil {
		return nil, fmt.Errorf("%.200q: By must be a time such as 30s, 5m or 96h, of 10 years at most", p.By)
	}
	switch err := c.e.Advance(ctx, by); {
	case errors.Is(err, clock.ErrRange):
		return nil, err
	case err != nil:
		return nil, notNow{err}
	}
	ahead := c.e.Ahead()
	return advanced{time.Now().Add(ahead), ahead.Milliseconds()}, nil
}

// Advance does what [vodtest.Emulator.Advance] does, for all applications. Receivers of callbacks that do not answer make it
// take longer, 200 ms for each try: it may take 2 min of real time. When it is broken off, less time has passed.
func (c *Client) Advance(ctx context.Context, d time.Duration) error {
	return c.post(ctx, "advance", advanceParams{d.String()}, &advanced{})
}
