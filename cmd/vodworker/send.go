package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func sendCommand(a *app) *cobra.Command {
	var subAppID uint64
	cmd := &cobra.Command{
		Use:   "send FILE|-",
		Short: "Run events from a file through the configured handlers, to try them",
		Long: `Run the events in a file, or on stdin, through the configured handlers: those that want them, each with its
tries, as for an event that was pulled. Nothing is pulled, confirmed or dead-lettered. The file holds JSON,
one value after another: events as VOD posts them, or lists of them, or answers of PullEvents. Exit code 0:
all handlers succeeded; 4: some did not, and the log says why.`,
		Args: usage.One("a FILE, or - for stdin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, log, err := a.load()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("sub-app-id") {
				subAppID = config.Applications()[0]
			}
			return a.send(cmd.Context(), config, log, args[0], subAppID)
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().Uint64Var(&subAppID, "sub-app-id", 0, "application whose events they are (default the first of vod.sub_app_ids)")
	return cmd
}

func (a *app) send(ctx context.Context, config *config.Config, log zerolog.Logger, file string, subAppID uint64) (err error) {
	from := io.NopCloser(a.stdin)
	if file != "-" {
		if from, err = os.Open(file); err != nil {
			return usageError{err}
		}
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	router, closers, err := a.router(config, log)
	defer func() { err = errors.Join(err, closeAll(closers)) }()
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	s := &sender{router: router, log: log, places: newPool(config.Worker.Concurrency)}
	err = s.run(ctx, from, subAppID)
	s.places.wait()
	log.Info().Int64("handled", s.handled.Load()).Int64("failed", s.failed.Load()).
		Int64("unmatched", s.unmatched.Load()).Msg("sent")
	switch {
	case err != nil:
		return usageError{fmt.Errorf("%s: %w", file, err)}
	case s.failed.Load() > 0:
		return exitError{exitFailed}
	case ctx.Err() != nil:
		return exitError{exitLimited}
	}
	return nil
}

// A sender runs events as they are read.
type sender struct {
	router *worker.Router
	log    zerolog.Logger
	places *pool

	handled, failed, unmatched atomic.Int64
}

func (s *sender) run(ctx context.Context, from io.Reader, subAppID uint64) error {
	readings := make(chan reading)
	go read(ctx, from, readings) // stdin may be a terminal: a signal must not have to wait for its end
	for {
		select {
		case r, ok := <-readings:
			if !ok || r.err != nil {
				return r.err
			}
			r.event.SubAppID = subAppID
			s.places.run(ctx, func() { s.handle(ctx, r.event) })
		case <-ctx.Done():
			return nil
		}
	}
}

// A reading is one event of the input, or what is wrong with it.
type reading struct {
	event events.Event
	err   error
}

// read reads until the end of the input, which closes readings, or until ctx ends. It may outlast ctx by one value.
func read(ctx context.Context, from io.Reader, readings chan<- reading) {
	defer close(readings)
	values := json.NewDecoder(bufio.NewReader(from))
	for n := 1; ; n++ {
		var value json.RawMessage
		err := values.Decode(&value)
		if errors.Is(err, io.EOF) {
			return
		}
		var found []events.Event
		if err == nil {
			found, err = eventsIn(value)
		}
		if err != nil {
			err = fmt.Errorf("value %d, at byte %d: %w; the values before it were run", n, values.InputOffset(), err)
			found = make([]events.Event, 1)
		}
		for _, e := range found {
			select {
			case readings <- reading{e, err}:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// eventsIn returns the events that a JSON value is or holds.
func eventsIn(value json.RawMessage) ([]events.Event, error) {
	set := value
	parsed := gjson.ParseBytes(value)
	for _, path := range []string{"EventSet", "Response.EventSet"} {
		if in := parsed.Get(path); in.IsArray() {
			set = json.RawMessage(in.Raw)
		}
	}
	if !gjson.ParseBytes(set).IsArray() {
		e, err := events.Decode(value)
		return []events.Event{e}, err
	}
	found := events.Split(set)
	for i, e := range found {
		if e.Type == "" {
			return nil, fmt.Errorf("element %d has no EventType", i+1)
		}
	}
	return found, nil
}

func (s *sender) handle(ctx context.Context, e events.Event) {
	log := s.log.With().Str("type", string(e.Type)).Str("file", e.FileID()).Logger()
	names := s.router.Match(e)
	if len(names) == 0 {
		s.unmatched.Add(1)
		log.Warn().Msg("no handler wants events of this type")
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
