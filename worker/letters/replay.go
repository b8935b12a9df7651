package letters

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
)

// settleTime is for writing down what came of a letter, also after a stop.
const settleTime = 5 * time.Second

// A Replay runs the missing handlers of letters again, as the Router has them now; those that had succeeded are not
// run. For an event that no handler wanted, those run that want it now. What succeeds is missing no longer, and a letter of
// which nothing is missing is removed. It is safe while workers, and other replays, use the same Store: where two run the
// same letter at once its handlers may run twice. Where the Store is a [Requeuer] nothing is run here: the letters wait for a
// worker.
type Replay struct {
	// Store and Router are required.
	Store  Store
	Router *worker.Router

	// Concurrency is how many letters are run at once. 0: as many events as a Worker handles, 64.
	Concurrency int

	// Log is silent by default. Why a letter stays is said in it alone.
	Log zerolog.Logger
}

// Replayed counts what became of the letters of a [Replay].
type Replayed struct {
	Gone     int // everything that was missing has succeeded, now or in another replay
	Requeued int // of a [Requeuer], instead: everything that was missing waits for a worker
	Left     int // something is still missing, or could not be run or written down
	NotRun   int // ctx ended first
}

// Run replays the letters of these names, those of their Entries, in this order, and returns when all have ended, also those that do not
// return when their context ends. Their
// handlers get the time that those of an event have which was pulled just now. The end of ctx stops it: what runs is
// interrupted, nothing more is started, and what had succeeded by then is still written down, for up to 5 s.
func (r Replay) Run(ctx context.Context, names []string) Replayed {
	var gone, left atomic.Int64
	var running sync.WaitGroup
	free := make(chan struct{}, r.concurrency())
	for _, name := range names {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // both may have been ready
			break
		}
		running.Go(func() {
			defer func() { <-free }()
			if r.replay(ctx, name) {
				gone.Add(1)
			} else {
				left.Add(1)
			}
		})
	}
	running.Wait()
	done := Replayed{Gone: int(gone.Load()), Left: int(left.Load())}
	done.NotRun = len(names) - done.Gone - done.Left
	line, what := r.Log.Info().Int("gone", done.Gone), "dead letters replayed"
	if _, is := r.Store.(Requeuer); is {
		done.Gone, done.Requeued = 0, done.Gone
		line, what = r.Log.Info().Int("requeued", done.Requeued), "dead letters wait for the worker again"
	}
	line.Int("left", done.Left)
	if done.NotRun > 0 {
		line = line.Int("not_run", done.NotRun).AnErr("why", context.Cause(ctx))
	}
	line.Msg(what)
	return done
}

func (r Replay) concurrency() int {
	if r.Concurrency < 1 {
		return worker.Defaults().Concurrency
	}
	return r.Concurrency
}

// replay runs what is missing of one letter, or has it wait, and reports whether the letter is gone.
func (r Replay) replay(ctx context.Context, name string) bool {
	log := r.Log.With().Str("letter", name).Logger()
	letter, err := r.Store.Show(ctx, name) // only now: another replay may have been here since the letters were listed
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		log.Warn().Err(err).Msg("letter left as it is")
		return false
	}
	handlers := r.choose(log, letter)
	if len(handlers) == 0 {
		return false
	}
	if to, is := r.Store.(Requeuer); is {
		return r.requeue(ctx, log, to, name, letter, handlers)
	}
	outcomes := r.Router.Once(ctx, letter.Event, handlers)
	for _, o := range outcomes {
		if o.Kind != worker.OK {
			log.Warn().EmbedObject(o).Msg("handler failed")
		}
	}
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	gone, err := r.Store.Settle(settling, name, outcomes)
	if err != nil {
		log.Error().Err(err).Msg("what succeeded could not be written down: it will run again")
	}
	return gone
}

// choose returns which handlers to run: of those that are missing the ones that still want the event.
func (r Replay) choose(log zerolog.Logger, letter worker.DeadLetter) (chosen []string) {
	kind := string(letter.Event.Type)
	if len(letter.Missing) == 0 { // meant for nobody yet, so where is asked
		wanted := r.Router.Match(letter.Event)
		if len(wanted) == 0 {
			log.Warn().Str("type", kind).Msg(r.Router.WhyUnmatched(letter.Event) + ", the letter stays")
		}
		return wanted
	}
	wanted, _ := r.Router.MatchType(letter.Event.SubAppID, letter.Event.Type)
	for _, name := range letter.Missing {
		switch {
		case slices.Contains(wanted, name):
			chosen = append(chosen, name)
		case slices.Contains(r.Router.Handlers(), name):
			log.Warn().Str("handler", name).Str("type", kind).Msg("the handler no longer wants events of this type, the letter stays")
		default:
			log.Warn().Str("handler", name).Msg("there is no such handler any more, the letter stays")
		}
	}
	return chosen
}
