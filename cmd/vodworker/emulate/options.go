// Package emulate is the server that the command emulate runs: an emulator as flags say, and how clients reach it.
package emulate

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// Options are the flags of the command. Their zero value is an emulator without events.
type Options struct {
	SubAppID uint64 // whose events those of --events and --every are
	Events   int    // to begin with

	config   vodtest.Config
	listen   string
	hosts    []string
	tls      bool
	tlsDir   string
	every    time.Duration
	empty    string
	callback string
	faults   string
	quota    string
	forward  string

	taskTime    time.Duration
	failResults string
	procedures  []string // NAME=TASKS

	temporary []string // how long temporary keys are good for

	record   string // file
	replayed string // file
	speed    float64

	made int    // events
	file string // uploaded last
}

// AddFlags adds the flags.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9266", "`ADDRESS` to listen on")
	flags.Uint64Var(&o.SubAppID, "sub-app-id", 0,
		"application whose queue gets the events of --events and --every (0: the default one)")
	flags.IntVar(&o.Events, "events", 2, "events to begin with: uploads and finished task flows alternately")
	flags.DurationVar(&o.every, "every", 0, "one more event each time this has passed (0: none)")
	flags.StringVar(&o.record, "record", "",
		"write each event that is sent, as a line of JSON, to this `FILE`, which must be new")
	flags.StringVar(&o.replayed, "replay", "",
		"send the events again that --record has written to this `FILE`, to the applications that they were of "+
			"(default of --events: 0)")
	flags.Float64Var(&o.speed, "speed", 1, "send those of --replay so many `TIMES` as fast as they came: 10, or 0.5")
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
	flags.StringVar(&o.config.Push.ContentType, "callback-content-type", "",
		"the callbacks' Content-Type (default application/json)")
	flags.StringVar(&o.faults, "faults", "", "calls that fail")
	flags.Uint64Var(&o.config.Seed, "seed", 0,
		"what the ids are, and which calls the shares in --faults pick: the same with the same seed (default: any; the log tells it)")
	flags.StringVar(&o.quota, "quota", "",
		"refuse calls beyond the rate of their action, as VOD does; =`KIND` is how they are counted: window, sliding or bucket")
	flags.Lookup("quota").NoOptDefVal = "window"
	flags.StringVar(&o.forward, "forward", "",
		"hand other actions on to a stub of yours at this `URL`, without key and signature")
	flags.StringArrayVar(&o.temporary, "temporary-key", nil,
		"accept a temporary key too, for this `TIME`; the log tells it, and its token; may be given several times")
	flags.StringArrayVar(&o.hosts, "host", nil,
		"one more `NAME` by which the control API may be called; may be given several times; "+
			hostVariable+" has others, separated by commas")
	flags.BoolVar(&o.tls, "tls", false,
		"serve https too, on the same port, with an authority of this run; print what makes a process trust it, and call it as VOD")
	flags.StringVar(&o.tlsDir, "tls-dir", "",
		"as --tls, and keep the authority, with its key, in this `FOLDER`, which nobody else may read")
}

// Given settles what depends on whether a flag was given. Errors are the caller's to mend.
func (o *Options) Given(flags *pflag.FlagSet) error {
	for _, name := range []string{"tls-dir", "record", "replay"} {
		if flag := flags.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usage.Mistaken(fmt.Errorf("--%s '': it must have a name; leave the flag out if there is to be none", name))
		}
	}
	if flags.Changed("speed") && o.replayed == "" {
		return usage.Mistaken(errors.New("--speed is that of --replay: name the recording, too"))
	}
	if o.config.NewAccount && !flags.Changed("events") {
		o.Events = 0 // they would be lost
	}
	if o.replayed != "" && !flags.Changed("events") {
		o.Events = 0 // they would be among those of the recording
	}
	if !flags.Changed("seed") {
		o.config.Seed = randomSeed()
	}
	return nil
}

// randomSeed returns one that programs which read it from the log as JSON can hold: in 53 bits.
func randomSeed() uint64 {
	var bits [8]byte
	_, _ = rand.Read(bits[:]) // it never fails
	return binary.NativeEndian.Uint64(bits[:]) >> 11
}
