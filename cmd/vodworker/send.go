package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/input"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func sendCommand(a *app) *cobra.Command {
	var o sendOptions
	cmd := &cobra.Command{
		Use:   "send FILE|-",
		Short: "Run events from a file through the configured handlers, to try them",
		Long: `Run the events in a file, or on stdin, through the configured handlers: those that want them, each with its
tries, as for an event that was pulled. One event runs after the other, in the order of the file. Nothing is
pulled, confirmed or dead-lettered, and nothing goes through the inbox. The file holds JSON, one value after
another: events as VOD posts them, or lists of them, or answers of PullEvents. Exit code 0: all handlers succeeded;
4: some did not, and the log says why; 2: the file is wrong somewhere, and the events before that place have run.`,
		Args: usage.One("a FILE, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.concurrency < 1 || o.concurrency > 1000 {
				return usageError{fmt.Errorf("--concurrency %d: it must be from 1 to 1000", o.concurrency)}
			}
			config, log, err := a.load()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("sub-app-id") {
				o.subAppID = config.Applications()[0]
			} else if id := o.subAppID; !slices.Contains(config.Applications(), id) && id != config.Callback.SubAppID {
				return usageError{fmt.Errorf("--sub-app-id %d: it is not configured: add it to vod.sub_app_ids, or name one of %s",
					id, show.And(config.Applications()))}
			}
			return a.send(cmd.Context(), config, log, args[0], o)
		},
	}
	addConfigFlag(cmd, a)
	flags := cmd.Flags()
	flags.Uint64Var(&o.subAppID, "sub-app-id", 0, "application whose events they are (default the first of vod.sub_app_ids)")
	flags.IntVar(&o.concurrency, "concurrency", 1, "events at once; with more than 1 the order is not kept")
	return cmd
}

type sendOptions struct {
	subAppID    uint64
	concurrency int
}

func (a *app) send(ctx context.Context, config *config.Config, log zerolog.Logger, file string, o sendOptions) (err error) {
	from, name, err := a.openInput(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	router, closers, err := a.router(config, log)
	defer func() { err = errors.Join(err, closeAll(closers)) }()
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	s := &sender{router: router, log: log}
	if err := s.run(ctx, from, o); err != nil {
		s.said(zerolog.InfoLevel).Msg("sent, up to what is wrong")
		return inputError(name, err)
	}
	switch {
	case s.failed.Load() > 0:
		err = exitError{exitFailed}
	case ctx.Err() != nil:
		err = exitError{exitLimited}
	default:
		s.said(zerolog.InfoLevel).Int("exit_code", exitOK).Msg("sent")
		return nil
	}
	s.said(zerolog.ErrorLevel).Int("exit_code", exitCode(err)).Msg("sent")
	return err
}

// openInput opens a file, or stdin, and returns how messages name it.
func (a *app) openInput(file string) (from io.ReadCloser, name string, err error) {
	if file == "-" {
		return io.NopCloser(a.stdin), "stdin", nil
	}
	if file == "" {
		return nil, "", usageError{errors.New("the name of the file with the events is empty: name one, or - for stdin")}
	}
	if from, err = os.Open(file); err != nil {
		err = inputError(file, err)
	}
	return from, file, err
}

// inputError is FILE:LINE:COLUMN: what is wrong, where the place is known.
func inputError(name string, err error) error {
	if _, ok := errors.AsType[*input.Error](err); ok {
		return usageError{fmt.Errorf("%s:%w", name, err)}
	}
	return usageError{fmt.Errorf("%s: %w", name, usage.File(err))}
}

// A sender runs events as they are read.
type sender struct {
	router *worker.Router
	log    zerolog.Logger

	handled, failed, unmatched atomic.Int64
}

// said begins the line that says what became of the events.
func (s *sender) said(level zerolog.Level) *zerolog.Event {
	return s.log.WithLevel(level).Int64("handled", s.handled.Load()).Int64("failed", s.failed.Load()).
		Int64("unmatched", s.unmatched.Load())
}

// run runs the events in their order, so many side by side.
func (s *sender) run(ctx context.Context, from io.Reader, o sendOptions) (err error) {
	readings := make(chan reading)
	go read(ctx, from, readings) // stdin may be a terminal: a signal must not have to wait for its end
	ended := make(chan error)
	for range o.concurrency {
		go func() { ended <- s.take(ctx, readings, o.subAppID) }()
	}
	for range o.concurrency {
		err = errors.Join(err, <-ended)
	}
	return err
}

// take runs one event after the other, until there are none, or ctx ends.
func (s *sender) take(ctx context.Context, readings <-chan reading, subAppID uint64) error {
	for ctx.Err() == nil {
		select {
		case r, ok := <-readings:
			if !ok || r.err != nil {
				return r.err
			}
			r.event.SubAppID = subAppID
			s.handle(ctx, r.event)
		case <-ctx.Done():
		}
	}
	return nil
}

// A reading is one event of the input, or what is wrong with it.
type reading struct {
	event events.Event
	err   error
}

// read reads until the end of the input, which closes readings, or until ctx ends. It may outlast ctx by one event.
func read(ctx context.Context, from io.Reader, readings chan<- reading) {
	defer close(readings)
	for event, err := range input.Events(from) {
		select {
		case readings <- reading{event, err}:
		case <-ctx.Done():
			return
		}
	}
}

func (s *sender) handle(ctx context.Context, e events.Event) {
	log := s.log.With().Str("type", string(e.Type)).Str("file", e.FileID()).Logger()
	names := s.router.Match(e)
	if len(names) == 0 {
		s.unmatched.Add(1)
		log.Warn().Msg(s.router.WhyUnmatched(e))
		return
	}
	succeeded := true
	for _, o := range s.router.Once(ctx, e, names) {
		if o.Kind != worker.OK {
			succeeded = false
			log.Warn().EmbedObject(o).Msg("handler failed")
		}
	}
	if succeeded {
		s.handled.Add(1)
	} else {
		s.failed.Add(1)
	}
}
