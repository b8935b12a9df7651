package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker"
)

// startJitter keeps replicas that are started together from calling in the same moment.
const startJitter = 50 * time.Millisecond

func runCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Consume events until SIGTERM",
		Long: `Consume events until SIGTERM or SIGINT: then no new poll begins, handlers get stop_grace to
finish, what they finished is confirmed, and the exit code is 0. A second signal ends it at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.consume(cmd.Context(), func(ctx context.Context, w *worker.Worker) error {
				select {
				case <-time.After(rand.N(startJitter)):
				case <-ctx.Done():
				}
				return w.Run(ctx)
			})
		},
	}
	addConfigFlag(cmd, a)
	return cmd
}

// consume assembles the workers that are configured, and lets work have each of them until the first signal.
func (a *app) consume(ctx context.Context, work func(ctx context.Context, w *worker.Worker) error) (err error) {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	assembled, err := a.assemble(config, log, worker.Hooks{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, assembled.Close()) }()
	ctx, stop := untilSignal(ctx, log)
	defer stop()
	return assembled.each(func(w *worker.Worker) error { return work(ctx, w) })
}

func addConfigFlag(cmd *cobra.Command, a *app) {
	cmd.Flags().StringVar(&a.configFile, "config", "config.yaml", "configuration file")
}
