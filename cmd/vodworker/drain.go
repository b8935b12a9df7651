package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/worker"
)

func drainCommand(a *app) *cobra.Command {
	var options worker.DrainOptions
	cmd := &cobra.Command{
		Use:   "drain",
		Short: "Consume events until the queue is empty, then exit (for cron)",
		Long: `Consume events until the queue is empty, then exit: 0 if all of them were handled and confirmed,
4 if some failed and stay queued, 5 if some were dead-lettered, 3 if a limit or a signal ended it first.
With several applications each is drained, and the code is the first of 2, 77, 69, 1, 4, 3, 5 that one of them has.
An event that fails is tried as often as its handler's retry says, and not again by the same drain, but
once more with --settle.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.MaxEvents < 0 || options.MaxDuration < 0 {
				return usageError{errors.New("--max-events and --max-duration must not be negative")}
			}
			return a.consume(cmd.Context(), false, func(ctx context.Context, w *worker.Worker) error {
				summary, err := w.Drain(ctx, options)
				if err != nil {
					return err
				}
				if code := summaryCode(summary); code != exitOK {
					return exitError{code}
				}
				return nil
			})
		},
	}
	addConfigFlag(cmd, a)
	flags := cmd.Flags()
	flags.IntVar(&options.MaxEvents, "max-events", 0,
		"stop after this many events of an application; up to 15 more may be handled (default no limit)")
	flags.DurationVar(&options.MaxDuration, "max-duration", 0,
		"stop after this time, and finish what is in flight (default no limit)")
	flags.BoolVar(&options.Settle, "settle", false,
		"when the queue is empty, wait one window and run once more what failed or was hidden")
	return cmd
}
