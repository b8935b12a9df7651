package letters

import (
	"context"
	"errors"
	"io/fs"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
)

// A Requeuer is a [Store] beside a queue of its own. A [Replay] runs no handlers on its letters, but has them wait there: the
// worker that runs hands them to its handlers again.
type Requeuer interface {
	Store

	// Requeue has a letter wait for these handlers, as if they had never failed it. They are missing no longer; a letter that
	// no handler wanted then misses none. It returns for how many it waits. If there is no such letter any more the error
	// wraps [io/fs.ErrNotExist].
	Requeue(ctx context.Context, name string, handlers []string) (n int, err error)
}

// requeue has a letter wait for handlers, and reports whether nothing is left of it.
func (r Replay) requeue(
	ctx context.Context, log zerolog.Logger, to Requeuer, name string, letter worker.DeadLetter, handlers []string,
) bool {
	_, err := to.Requeue(ctx, name, handlers)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		log.Error().Err(err).Msg("letter left as it is")
		return false
	}
	return len(handlers) >= len(letter.Missing)
}
