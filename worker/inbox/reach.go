package inbox

import (
	"context"

	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// Reach says what there is at the URL of an inbox, and by what risks events that are stored there can be lost all the same. It
// fails if a worker could not store them: then its error says what to do, and shows no password. It leaves nothing behind, and
// disturbs no worker that is running: call it instead of [Open], which makes the tables.
func Reach(ctx context.Context, url string) (found string, risks []string, err error) {
	return store.Reach(ctx, url)
}

// ErrUnreached says that no database answers at a URL.
var ErrUnreached = store.ErrUnreached
