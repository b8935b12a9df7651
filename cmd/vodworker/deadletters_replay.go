package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker/letters"
)

func replayCommand(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "replay [NAME… | --all]",
		Short: "Run the missing handlers of letters again",
		Long: `Run the missing handlers of letters again, as configured now; those that had succeeded are not run. For an
event that no handler wanted, run those that want it now. What succeeds is missing no longer, and a
letter of which nothing is missing is removed. Letters in an inbox are not run here: they wait again, for
the worker that runs. Exit code 0: all are gone; 4: some are left, and the log says why.`,
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
func (a *app) replay(ctx context.Context, names []string) error {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	return a.useLetters(ctx, config, func(store letters.Store, entries []letters.Entry) (err error) {
		if len(names) > 0 {
			if entries, err = choose(entries, names); err != nil {
				return err
			}
		}
		router, closers, err := a.router(config, log)
		defer func() { err = errors.Join(err, closeAll(closers)) }()
		if err != nil {
			return err
		}
		ctx, stop := a.untilSignal(ctx, log)
		defer stop()
		chosen := make([]string, len(entries))
		for i, e := range entries {
			chosen[i] = e.Name
		}
		replay := letters.Replay{Store: store, Router: router, Concurrency: config.Worker.Concurrency, Log: log}
		done := replay.Run(ctx, chosen)
		if done.Requeued > 0 {
			fmt.Fprintf(a.stdout, "%s again, for the worker that runs\n", count(done.Requeued, "letter waits", "letters wait"))
		}
		if done.Left+done.NotRun > 0 {
			log.Error().Int("exit_code", exitFailed).Msg("some letters are left")
			return exitError{exitFailed}
		}
		return nil
	})
}
