package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

func drainCommand(a *app) *cobra.Command {
	d := &drainer{}
	cmd := &cobra.Command{
		Use:   "drain",
		Short: "Consume events until the queue is empty, then exit (for cron)",
		Long: `Consume events until the queue is empty, then exit: 0 if every event that this drain got was handled and
confirmed; what another process holds is not seen. 4 if some failed, or were abandoned by handlers that did not
end in time, and stay queued; 5 if some were dead-lettered; 3 if a limit or a signal ended it first; 2 also if nothing
came and the application is in the mode PUSH.
With several applications each is drained, and the code is the first of 2, 77, 69, 1, 4, 3, 5 that one of them has.
With an inbox the applications are drained into it first, and then it is drained: until its handlers have done all
that may be done now. It is one more that has a code, which is 4 also while events that failed before wait for
their next try. What another process is handling is not waited for.
An event that fails is tried as often as its handler's retry says, and not again by the same drain, but
once more with --settle.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.drains = true
			d.chosen = cmd.Flags().Changed("until")
			return d.run(cmd.Context(), a)
		},
	}
	addConfigFlag(cmd, a)
	flags := cmd.Flags()
	flags.IntVar(&d.MaxEvents, "max-events", 0,
		"stop after this many events of an application; up to 15 more may be handled. What lies in an inbox is handled all the same "+
			"(default no limit)")
	flags.DurationVar(&d.MaxDuration, "max-duration", 0,
		"stop after this time, and finish what is in flight; an inbox has what the applications left of it (default no limit)")
	flags.BoolVar(&d.Settle, "settle", false,
		"when the queue is empty, wait one window, of an inbox 30s, and run once more what failed or was hidden")
	d.until = untilHandled
	flags.Var(usage.OneOf(&d.until, untilHandled, untilStored), "until",
		"with an inbox: handled, or stored, which leaves its handlers to others (default handled)")
	flags.Func("ok-codes", "exit with 0 instead of these `CODES`, of "+mayBeOK+"; the log's last line has the real one (default none)",
		d.okCodes.set)
	flags.Func("metrics-file", "write what was counted into this `FILE` at the end, for node_exporter's textfile collector: FILE.prom (default none)",
		d.metricsFile.set)
	return cmd
}

// A drainer is one run of the command.
type drainer struct {
	worker.DrainOptions
	okCodes     okCodes
	metricsFile metricsFile
	until       string
	chosen      bool // until is
}

// What the end of a drain is, with an inbox.
const (
	untilHandled = "handled"
	untilStored  = "stored"
)

// run drains as configured, and writes the metrics however that ends.
func (d *drainer) run(ctx context.Context, a *app) error {
	began := time.Now()
	counted := metrics.New(metrics.Options{Version: versionText(), Commit: commitText()}) // until it is known what there is to count
	config, log, err := a.load()
	if err == nil && d.chosen && !config.Inbox.On() {
		err = usageError{errors.New("--until: without an inbox a drain ends when events are handled; omit it, or set inbox.url")}
	}
	if err == nil {
		until, stop := a.untilSignal(ctx, log)
		defer stop()
		counted = newMetrics(config, config.Applications(), false)
		err = a.consume(until, config, log, countedBy(counted), func(s *assembly) error {
			counted.Begin(s.asked())
			return d.drain(until, s)
		})
	}
	err = d.okCodes.expect(err)
	if unwritten := d.metricsFile.write(counted, began, err); unwritten != nil {
		if err == nil {
			return unwritten
		}
		log.Error().Err(unwritten).Msg("--metrics-file is not written")
	}
	return err
}

// drain drains every application, and says in one line what came of it. Where nothing was pulled an error is the last line.
func (d *drainer) drain(ctx context.Context, s *assembly) error {
	var drains watch.Drains
	began := time.Now()
	err := s.each(func(app application) error {
		summary, err := app.Drain(ctx, d.DrainOptions)
		if code := summaryCode(summary); err == nil && code != exitOK {
			err = exitError{code}
		}
		drains.Add(&app.watched, summary, exitCode(err))
		return err
	})
	if s.inbox != nil && d.until == untilHandled {
		if behind := d.drainInbox(ctx, s.inbox, &drains, began); rank(behind) < rank(err) {
			err = behind
		}
	}
	if troubles := drains.Troubles(ctx, exitUsage); len(troubles) > 0 {
		err = usageError{errors.New(strings.Join(troubles, "\n"))}
	}
	if err != nil && !errors.Is(err, errSaid) && !drains.Pulled() {
		return err
	}
	level := zerolog.WarnLevel
	if err == nil || d.okCodes.has(err) {
		level = zerolog.InfoLevel
	}
	drains.Say(ctx, s.log.WithLevel(level), d.DrainOptions, exitCode(err))
	return err
}

// drainInbox hands out what lies in the inbox, what other processes have stored too, in what is left of the time since then.
func (d *drainer) drainInbox(ctx context.Context, box *inbox.Inbox, drains *watch.Drains, began time.Time) error {
	options := worker.DrainOptions{Settle: d.Settle}
	if d.MaxDuration > 0 {
		options.MaxDuration = max(d.MaxDuration-time.Since(began), 1) // 0 would be no limit
	}
	summary, err := box.Drain(ctx, options)
	if code := summaryCode(summary); err == nil && code != exitOK {
		err = exitError{code}
	}
	drains.AddInbox(summary, exitCode(err))
	return err
}
