package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/worker/vodtest"
)

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
	forward  string

	taskTime    time.Duration
	failResults string
	procedures  []string // NAME=TASKS

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
	flags.DurationVar(&o.config.RoundTrip, "round-trip", 0, "time added to each call, but for those that --forward hands on")
	flags.DurationVar(&o.taskTime, "task-time", time.Second,
		"how long a task takes that ProcessMedia, … or PullUpload has made (0: none)")
	flags.StringVar(&o.failResults, "fail-results", "", "results of task flows, or pulls, that fail")
	flags.StringArrayVar(&o.procedures, "procedure", nil, "`NAME=TASKS` is one more task flow template; may be given several times")
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
		"refuse calls beyond the rate of their action, as VOD does; =`KIND` is how they are counted: window, sliding or bucket")
	flags.Lookup("quota").NoOptDefVal = "window"
	flags.StringVar(&o.forward, "forward", "",
		"hand other actions on to a stub of yours at this `URL`, without key and signature")
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
	o.config.TaskTime = cmp.Or(o.taskTime, -1) // where 0 is the default
	o.config.Observe = func(call vodtest.Call) { logs.Call(log, call) }
	o.config.Push.Observe = func(callback vodtest.Callback) { logs.Callback(log, callback) }
	emulator := vodtest.New(o.config)
	if err := o.script(emulator); err != nil {
		return nil, usageError{err}
	}
	return emulator, nil
}

// script does what flags say in texts of their own.
func (o *emulateOptions) script(emulator *vodtest.Emulator) error {
	faults, err := vodtest.ParseFaults(o.faults)
	if err != nil {
		return fmt.Errorf("--faults: %w", err)
	}
	emulator.Script(faults...)
	failures, err := vodtest.ParseFailures(o.failResults)
	if err != nil {
		return fmt.Errorf("--fail-results: %w", err)
	}
	emulator.FailResults(failures...)
	for _, text := range o.procedures {
		name, tasks, _ := strings.Cut(text, "=")
		if name == "" || tasks == "" {
			return fmt.Errorf("--procedure %q: want NAME=TASKS, as in daily=Transcode:100010+CoverBySnapshot:10", text)
		}
		if err := emulator.SetProcedure(name, tasks); err != nil {
			return fmt.Errorf("--procedure: %w", err)
		}
	}
	if o.forward != "" {
		if err := emulator.ForwardTo(o.forward); err != nil {
			return fmt.Errorf("--forward: %w", err)
		}
	}
	if o.callback != "" {
		if err := emulator.PushTo(o.subAppID, o.callback, ""); err != nil {
			return fmt.Errorf("--callback: %w", err)
		}
	}
	return nil
}
