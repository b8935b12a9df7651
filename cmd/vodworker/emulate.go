package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func emulateCommand(a *app) *cobra.Command {
	var options emulateOptions
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
			if options.config.NewAccount && !cmd.Flags().Changed("events") {
				options.events = 0 // they would be lost
			}
			return a.emulate(cmd.Context(), options)
		},
	}
	cmd.AddCommand(emulatorClients(a)...)
	cmd.AddCommand(fidelityCommand(a))
	options.addFlags(cmd)
	return cmd
}

func (a *app) emulate(ctx context.Context, options emulateOptions) (err error) {
	log, err := a.logger(config.Log{Level: "info", Format: "auto"})
	if err != nil {
		return err
	}
	emulator, err := options.emulator(log)
	if err != nil {
		return err
	}
	options.fill(emulator)
	served, err := serveEmulator(emulator, options.listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.Close()) }()
	if to := hostOf(options.forward); to != "" && (to == options.listen || to == hostOf(served.url)) {
		return usageError{errors.New("--forward: this is the emulator's own address; it must be that of a stub of yours")}
	}
	log.Info().Str("endpoint", served.url).Str("secret_id", vodtest.DefaultSecretID).Str("secret_key", vodtest.DefaultSecretKey).
		Int("events", options.events).Msg("emulating the VOD API")
	if options.config.NewAccount {
		log.Info().Msg(options.newAccount(served.url))
	}
	if options.forward != "" {
		log.Info().Str("url", hostOf(options.forward)).Msg("actions that the emulator does not know are handed on")
	}
	if options.temporary > 0 {
		key := emulator.Issue(options.temporary)
		log.Info().Str("secret_id", key.SecretID).Str("secret_key", key.SecretKey).Str("token", key.Token).Time("ends", key.Ends).
			Msg("a temporary key is good too")
	}

	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	options.produce(ctx, emulator)
	s := emulator.Stats(options.subAppID)
	log.Info().Int("sent", s.Sent).Int("delivered", s.Delivered).Int("redelivered", s.Redelivered).Int("confirmed", s.Confirmed).
		Int("waiting", s.Waiting).Int("in_flight", s.InFlight).Int("dropped", s.Dropped).Msg("stopped")
	return nil
}

// hostOf returns as much of a URL as may be logged.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// fill makes the events to begin with.
func (o *emulateOptions) fill(emulator *vodtest.Emulator) {
	for range o.events {
		o.makeOne(emulator)
	}
}

// produce makes one more event each time --every has passed, until ctx ends.
func (o *emulateOptions) produce(ctx context.Context, emulator *vodtest.Emulator) {
	if o.every == 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			o.makeOne(emulator)
		case <-ctx.Done():
			return
		}
	}
}

// makeOne uploads a video or processes the one that was uploaded last, alternately.
func (o *emulateOptions) makeOne(emulator *vodtest.Emulator) {
	if o.made++; o.made%2 == 1 {
		o.file = emulator.Upload(o.subAppID, fmt.Sprintf("video-%d.mp4", o.made/2+1))
	} else {
		emulator.Process(o.subAppID, o.file, "")
	}
}
