package say

import (
	"context"
	"errors"
	"fmt"
)

// Ended says that ctx is over, and why: it wraps ctx.Err() and the cause, which may be the same.
func Ended(ctx context.Context) error {
	ended, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, ended) {
		return cause
	}
	return fmt.Errorf("%w: %w", cause, ended)
}
