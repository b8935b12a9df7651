package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

// settleTime is for writing down what came of a letter, also after a signal.
const settleTime = 5 * time.Second

func replayCommand(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "replay [NAME… | --all]",
		Short: "Run the missing handlers of letters again",
		Long: `Run the missing handlers of letters again, as configured now; those that had succeeded are not run. For an
event that no handler wanted, run those that want it now. What succeeds is missing no longer, and a
letter of which nothing is missing is removed. Exit code 0: all are gone; 4: some are left, and the log
says why.`,
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := checkNames(names, all); err != nil {
				return err
			}
			return a.replay(cmd.Context(), names)
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().BoolVar(&all, "all", false, "all letters")
	return cmd
}

// replay replays the named letters, or all if there are no names.
func (a *app) replay(ctx context.Context, names []string) (err error) {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	letters, err := a.openLetters(config)
	if err != nil {
		return err
	}
	chosen, err := letters.List()
	if err != nil {
		return err
	}
	if len(names) > 0 {
		if chosen, err = choose(chosen, names); err != nil {
			return err
		}
	}
	router, closers, err := a.router(config, log)
	defer func() { err = errors.Join(err, closeAll(closers)) }()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx, log)
	defer stop()
	r := &replayer{letters: letters, router: router, log: log}
	for _, h := range config.Handlers {
		r.configured = append(r.configured, h.Name)
	}
	return r.run(ctx, chosen, config.Worker.Concurrency)
}

// A replayer runs letters side by side.
type replayer struct {
	letters    *sink.DeadLetterDir
	router     *worker.Router
	configured []string
	log        zerolog.Logger
	gone, left atomic.Int64
}

func (r *replayer) run(ctx context.Context, entries []sink.Entry, concurrency int) error {
	places := newPool(concurrency)
	for _, e := range entries {
		if !places.run(ctx, func() {
			if r.replay(ctx, e.Name) {
				r.gone.Add(1)
			} else {
				r.left.Add(1)
			}
		}) {
			break
		}
	}
	places.wait()
	gone, left := r.gone.Load(), r.left.Load()
	skipped := int64(len(entries)) - gone - left
	line := r.log.Info().Int64("gone", gone).Int64("left", left)
	if skipped > 0 {
		line = line.Int64("not_run", skipped).AnErr("why", context.Cause(ctx))
	}
	line.Msg("dead letters replayed")
	if left+skipped > 0 {
		return exitError{exitFailed}
	}
	return nil
}

// replay runs what is missing of one letter and reports whether the letter is gone.
func (r *replayer) replay(ctx context.Context, name string) bool {
	log := r.log.With().Str("letter", name).Logger()
	letter, err := r.letters.Read(name) // only now: another replay may have been here since the folder was listed
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		log.Warn().Err(err).Msg("letter left as it is")
		return false
	}
	names := r.choose(log, letter)
	if len(names) == 0 {
		return false
	}
	outcomes := handle(ctx, r.router, letter.Event, names, log)
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	gone, err := r.letters.Settle(settling, name, outcomes)
	if err != nil {
		log.Error().Err(err).Msg("what succeeded could not be written down: it will run again")
	}
	return gone
}

// choose returns which handlers to run: of those that are missing the ones that still want the event.
func (r *replayer) choose(log zerolog.Logger, letter worker.DeadLetter) (names []string) {
	wanted := r.router.Match(letter.Event)
	if len(letter.Missing) == 0 {
		if len(wanted) == 0 {
			log.Warn().Str("type", string(letter.Event.Type)).Msg("no handler wants it, the letter stays")
		}
		return wanted
	}
	for _, name := range letter.Missing {
		switch {
		case slices.Contains(wanted, name):
			names = append(names, name)
		case slices.Contains(r.configured, name):
			log.Warn().Str("handler", name).Str("type", string(letter.Event.Type)).Msg("the handler no longer wants events of this type, the letter stays")
		default:
			log.Warn().Str("handler", name).Msg("there is no such handler any more, the letter stays")
		}
	}
	return names
}
