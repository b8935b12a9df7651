package main

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/admin"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
)

func runCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Consume events until SIGTERM",
		Long: `Consume events until SIGTERM or SIGINT: then no new poll begins, handlers get stop_grace to
finish, what they finished is confirmed, and the exit code is 0. A second signal ends it at once.
With callback.listen, receive normal callbacks too. /livez, /readyz, /metrics and the status page are on
admin.listen, ` + config.DefaultAdmin + ` by default.

The log says at the start what runs, and every 10 minutes what became of events, if any came. A key that may call
vod:DescribeEventConfig lets it say, too, when an application's settings keep events away.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd.Context()) },
	}
	addConfigFlag(cmd, a)
	return cmd
}

// run consumes until the first signal, and shows what it does. If a place to listen is configured, it receives callbacks too.
func (a *app) run(ctx context.Context) (err error) {
	config, log, err := a.load()
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	counted := newMetrics(config, config.Applications(), config.Callback.Listen != "")
	shown, err := listenForOperators(config, counted, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shown.Close()) }()
	return a.consume(ctx, config, log, countedBy(counted).remembering(config), func(s *assembly) error {
		var callbacks func(context.Context) error
		var callbacksAt net.Addr
		asked := s.asked()
		if config.Callback.Listen != "" {
			server, err := listenForCallbacks(config, s.outlets, log)
			if err != nil {
				return err
			}
			callbacks, callbacksAt = server.Run, server.Addr()
			asked.Callback = server.Status
		}
		counted.Begin(asked)
		shown.Begin(s.process(ctx, callbacksAt))
		return beside(ctx, part{callbacks, endedReceiving}, part{s.inboxRun(), endedInbox}, part{func(ctx context.Context) error {
			watching, cancel := context.WithCancel(ctx)
			var watcher sync.WaitGroup
			watcher.Go(func() { s.watch(watching, shown) })
			defer watcher.Wait()
			defer cancel()
			return s.each(func(app application) error { return app.Run(ctx) })
		}, endedPulling})
	})
}

// consume assembles what is configured, and has work use it.
func (a *app) consume(
	ctx context.Context, config *config.Config, log zerolog.Logger, observe observers, work func(*assembly) error,
) (err error) {
	a.logWarnings(config, log)
	assembled, err := a.assemble(ctx, config, log, observe)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, assembled.Close()) }()
	return work(assembled)
}

// watch says what runs, and what is odd about the applications' settings, until ctx ends.
func (s *assembly) watch(ctx context.Context, shown *admin.Server) {
	w := watch.Watch{Log: s.log, Start: watch.Start{
		Version:     versionText(),
		Endpoint:    s.config.VOD.Endpoint,
		Handlers:    s.places,
		Concurrency: s.config.Worker.Concurrency,
		Inbox:       inboxText(s.config),
		DeadLetters: s.lettersAt,
		Callback:    s.config.Callback.Listen,
		Page:        shown.URL(),
		KeyFrom: func(ctx context.Context) string {
			credentials, _ := s.keys.Credentials(ctx) // a call says what is wrong
			return credentials.IDFrom
		},
	}}
	for _, app := range s.applications {
		w.Applications = append(w.Applications, app.watched)
	}
	w.Behind = s.behind()
	w.Run(ctx)
}
