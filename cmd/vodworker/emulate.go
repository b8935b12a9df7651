package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/emulate"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func emulateCommand(a *app) *cobra.Command {
	var options emulate.Options
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Emulate the VOD API, to develop against without an account",
		Long: `Emulate the actions that an application calls, on media, tasks and events, until SIGTERM or SIGINT. Tasks finish
and make their events; no video is read. All is in memory. The key is ` +
			vodtest.DefaultSecretID + ` with the secret ` + vodtest.DefaultSecretKey + `.
It behaves as the API is documented to, but for three things: the rate of calls has no limit, a new application
pulls its events, and it hears of uploads. Flags change that, and what the documentation leaves open; 'fidelity'
lists what is documented, and what is guessed.

In a browser its address is a page that shows where each event is, and makes events. The commands below do
the same in an emulator that runs.`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.Given(cmd.Flags()); err != nil {
				return err
			}
			return a.emulate(cmd.Context(), &options)
		},
	}
	cmd.AddCommand(emulatorClients(a)...)
	cmd.AddCommand(fidelityCommand(a))
	options.AddFlags(cmd.Flags())
	return cmd
}

func (a *app) emulate(ctx context.Context, options *emulate.Options) (err error) {
	log, err := a.logger(config.Log{Level: "info", Format: "auto"})
	if err != nil {
		return err
	}
	running, err := options.Start(log, a.stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	running.Run(ctx)
	return nil
}
