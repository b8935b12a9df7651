package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/admin"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/memlimit"
)

// defaultReceive is where `receive` listens unless it is told.
const defaultReceive = ":8080"

func receiveCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Receive normal callbacks until SIGTERM",
		Long: `Receive VOD's normal callbacks, on callback.listen of the configuration or ` + defaultReceive + `, until SIGTERM or SIGINT:
then no new connection is accepted, handlers get stop_grace to finish, and the exit code is 0. A second
signal ends it at once. No API key is needed. ` + "`run`" + ` receives too, if callback.listen is set.

VOD tries an event three times, within about 15 s, and only if it gets no answer: what comes while nobody
receives is lost. The reliable queue, which ` + "`run`" + ` and ` + "`drain`" + ` consume, keeps events for 4 days.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.receive(cmd.Context()) },
	}
	addConfigFlag(cmd, a)
	return cmd
}

func (a *app) receive(ctx context.Context) (err error) {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	a.logWarnings(config, log)
	if err := config.ValidateReceive(); err != nil {
		return usageError{err}
	}
	if config.Callback.Listen == "" {
		config.Callback.Listen = defaultReceive
	}
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	bodies := memlimit.Limit(int64(config.Worker.Memory), config.RunsPrograms())
	counted := newMetrics(config, nil, true)
	shown, err := listenForOperators(config, counted, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shown.Close()) }()
	outlets, err := a.outlets(ctx, config, log, countedBy(counted).remembering(config), bodies)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outlets.Close()) }()
	server, err := listenForCallbacks(config, outlets, log)
	if err != nil {
		return err
	}
	counted.Begin(metrics.Process{Callback: server.Status, Letters: outlets.stored, Inbox: outlets.inboxStatus()})
	shown.Begin(admin.Process{
		Callback: server.Addr(), Stopping: ctx.Done(), Page: outlets.page(ctx, config, log),
		Inbox: outlets.inboxStatus(), InboxWindow: time.Duration(config.Inbox.Window),
	})
	return beside(ctx, part{server.Run, endedReceiving}, part{outlets.inboxRun(), endedInbox})
}
