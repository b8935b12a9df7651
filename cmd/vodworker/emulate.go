package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func emulateCommand(a *app) *cobra.Command {
	var options emulateOptions
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Emulate the VOD API, to develop against without an account",
		Long: `Emulate PullEvents, ConfirmEvents, DescribeEventsState, DescribeEventConfig and ModifyEventConfig, until
SIGTERM or SIGINT. Credentials are ` + vodtest.DefaultSecretID + ` and ` + vodtest.DefaultSecretKey + `. Queues are in memory.
It behaves as the API is documented to, but for three things: the rate of calls has no limit, a new application
pulls its events, and it hears of uploads. Flags change that, and what the documentation leaves open.

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
	options.addFlags(cmd)
	return cmd
}

type emulateOptions struct {
	config   vodtest.Config
	listen   string
	subAppID uint64
	events   int
	every    time.Duration
	empty    string
	callback string
	faults   string
	quota    string

	temporary time.Duration // how long a temporary key is good for

	made int    // events
	file string // uploaded last
}

func (o *emulateOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9266", "`ADDRESS` to listen on")
	flags.Uint64Var(&o.subAppID, "sub-app-id", 0,
		"application whose queue gets the events of --events and --every (0: the default one)")
	flags.IntVar(&o.events, "events", 2, "events to begin with: uploads and finished task flows alternately")
	flags.DurationVar(&o.every, "every", 0, "one more event each time this has passed (0: none)")
	flags.DurationVar(&o.config.Window, "window", 30*time.Second, "how long a pulled event is hidden and may be confirmed")
	flags.DurationVar(&o.config.Hold, "hold", 5*time.Second, "how long PullEvents waits for an event")
	flags.DurationVar(&o.config.Retention, "retention", 96*time.Hour, "how long an event is kept that is not confirmed")
	flags.DurationVar(&o.config.RoundTrip, "round-trip", 0, "time added to each call")
	flags.StringVar(&o.empty, "empty", "error", "what an empty queue answers: error, null, list or absent")
	flags.BoolVar(&o.config.AllOrNothing, "all-or-nothing", false,
		"one bad handle makes ConfirmEvents confirm none (default: the good ones)")
	flags.BoolVar(&o.config.Reconfirm, "reconfirm", false, "accept a handle that was confirmed before (default: refuse it)")
	flags.BoolVar(&o.config.KeepHandle, "keep-handle", false, "an event comes again under the same handle (default: a new one)")
	flags.BoolVar(&o.config.NewAccount, "new-account", false,
		"begin as a new account does: mode PUSH, no callback URL, and all event switches off (default: PULL, uploads on)")
	flags.StringVar(&o.callback, "callback", "", "begin in the mode PUSH: post the events, as normal callbacks, to this `URL`")
	flags.BoolVar(&o.config.Push.OldFormat, "callback-2.0", false,
		"post uploads, pulls, deletions and task flows in the 2.0 format, as to accounts from before 2019")
	flags.StringVar(&o.faults, "faults", "", "calls that fail")
	flags.Uint64Var(&o.config.Seed, "seed", 0, "which calls the shares in --faults pick: the same ones with the same seed")
	flags.StringVar(&o.quota, "quota", "",
		"refuse calls beyond the documented rates, 100 a second for PullEvents and ConfirmEvents each, 20 for the others; "+
			"=`KIND` is how they are counted: window, sliding or bucket")
	flags.Lookup("quota").NoOptDefVal = "window"
	flags.DurationVar(&o.temporary, "temporary-key", 0,
		"accept a temporary key too, for so long; the log tells it, and its token (0: none)")
}

const mostEvents = 1_000_000

func (o *emulateOptions) emulator(log zerolog.Logger) (*vodtest.Emulator, error) {
	if err := o.choose(); err != nil {
		return nil, err
	}
	if o.config.Window <= 0 || o.config.Hold <= 0 || o.config.Retention <= 0 {
		return nil, usageError{errors.New("--window, --hold and --retention must be positive")}
	}
	if o.events > mostEvents {
		return nil, usageError{fmt.Errorf("--events %d: it must be at most %d, since all are in memory", o.events, mostEvents)}
	}
	faults, err := vodtest.ParseFaults(o.faults)
	if err != nil {
		return nil, usageError{fmt.Errorf("--faults: %w", err)}
	}
	o.config.Observe = func(call vodtest.Call) { logs.Call(log, call) }
	o.config.Push.Observe = func(callback vodtest.Callback) { logs.Callback(log, callback) }
	emulator := vodtest.New(o.config)
	emulator.Script(faults...)
	if o.callback != "" {
		if err := emulator.PushTo(o.subAppID, o.callback, ""); err != nil {
			return nil, usageError{fmt.Errorf("--callback: %w", err)}
		}
	}
	return emulator, nil
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
	log.Info().Str("endpoint", served.url).Str("secret_id", vodtest.DefaultSecretID).Str("secret_key", vodtest.DefaultSecretKey).
		Int("events", options.events).Msg("emulating the VOD API")
	if options.config.NewAccount {
		log.Info().Msg(options.newAccount(served.url))
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
