package main

import (
	"context"
	"errors"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker"
)

func runCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Consume events until SIGTERM",
		Long: `Consume events until SIGTERM or SIGINT: then no new poll begins, handlers get stop_grace to
finish, what they finished is confirmed, and the exit code is 0. A second signal ends it at once.
With callback.listen, receive normal callbacks too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.consume(cmd.Context(), true, func(ctx context.Context, w *worker.Worker) error { return w.Run(ctx) })
		},
	}
	addConfigFlag(cmd, a)
	return cmd
}

// consume assembles the workers that are configured, and lets work have each of them until the first signal. If it is to,
// and a place to listen is configured, it receives callbacks meanwhile.
func (a *app) consume(ctx context.Context, receive bool, work func(ctx context.Context, w *worker.Worker) error) (err error) {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	level := zerolog.WarnLevel
	if !receive { // cron would mail it each time
		level = zerolog.InfoLevel
	}
	logWarnings(config, log, level)
	assembled, err := a.assemble(config, log, observers{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, assembled.Close()) }()
	var callbacks func(context.Context) error
	if receive && config.Callback.Listen != "" {
		server, err := listenForCallbacks(config, assembled.outlets, log)
		if err != nil {
			return err
		}
		callbacks = server.Run
	}
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	return beside(ctx, callbacks, func(ctx context.Context) error {
		return assembled.each(func(w *worker.Worker) error { return work(ctx, w) })
	})
}

// beside runs consume, and receive unless it is nil, until both have ended. Neither outlives the other.
func beside(ctx context.Context, receive, consume func(context.Context) error) error {
	if receive == nil {
		return consume(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	received := make(chan error, 1)
	go func() {
		err := receive(ctx)
		cancel(errors.New("the receiver of callbacks has ended"))
		received <- err
	}()
	err := consume(ctx)
	cancel(errors.New("nothing is pulled any more"))
	return errors.Join(err, <-received)
}
