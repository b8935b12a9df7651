package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
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
		Args: cobra.NoArgs,
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
	if config.Callback.Listen == "" {
		config.Callback.Listen = defaultReceive
	}
	outlets, err := a.outlets(config, log, observers{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outlets.Close()) }()
	receiver, err := listenForCallbacks(config, outlets, log)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx, log)
	defer stop()
	return receiver.run(ctx)
}

// newCallback makes the receiver's part that needs no network. What would be left for others with Leave can't be.
func newCallback(config *config.Config, to *outlets, log zerolog.Logger) (*worker.Callback, error) {
	unmatched := worker.Unmatched(config.Worker.Unmatched)
	if unmatched == worker.UnmatchedLeave {
		unmatched = worker.UnmatchedConfirm
	}
	id := config.Callback.SubAppID
	if id != 0 {
		log = log.With().Uint64("sub_app_id", id).Logger()
	}
	if !config.Handles(id) {
		return nil, fmt.Errorf("no handler is for application %d, which callback.sub_app_id names: "+
			"its events would be answered unseen; add one, or name another", id)
	}
	return worker.NewCallback(to.handlers, &worker.CallbackOptions{
		SubAppID:    id,
		SignKey:     config.Callback.SignKey,
		Concurrency: config.Worker.Concurrency,
		Unmatched:   unmatched,
		DeadLetters: to.deadLetters,
		Log:         log,
		Hooks:       to.observers.callback,
	})
}

// beside runs consume, and the receiver if there is one, until both have ended. Neither outlives the other.
func beside(ctx context.Context, receiver *callbackServer, consume func(context.Context) error) error {
	if receiver == nil {
		return consume(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	received := make(chan error, 1)
	go func() {
		err := receiver.run(ctx)
		cancel(errors.New("the receiver of callbacks has ended"))
		received <- err
	}()
	err := consume(ctx)
	cancel(errors.New("nothing is pulled any more"))
	return errors.Join(err, <-received)
}
