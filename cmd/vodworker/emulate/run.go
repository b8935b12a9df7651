package emulate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A Running is an emulator that runs as its flags say.
type Running struct {
	options  *Options
	emulator *vodtest.Emulator
	served   *Served
	keys     []vodtest.Key // temporary ones
	recorder *recorder     // nil without --record
	replay   *replay       // nil without --replay
	log      zerolog.Logger
}

// Start makes an emulator with the events to begin with, and serves it. It says in the log how to reach it,
// and, with --tls, on out how to set up clients.
func (o *Options) Start(log zerolog.Logger, out io.Writer) (running *Running, err error) {
	replay, err := o.newReplay(log)
	if err != nil {
		return nil, err
	}
	recorded, err := o.newRecorder(log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			recorded.discard()
		}
	}()
	hosts, err := o.hostNames()
	if err != nil {
		return nil, err
	}
	emulator, err := o.emulator(log)
	if err != nil {
		return nil, err
	}
	keys, err := o.issue(emulator)
	if err != nil {
		return nil, err
	}
	o.Fill(emulator)
	served, err := serve(emulator, site{
		listen: o.listen, hosts: hosts, tls: o.tls || o.tlsDir != "", dir: o.tlsDir, onError: troubles(log),
	})
	if err != nil {
		return nil, err
	}
	if to := hostOf(o.forward); to != "" && (to == o.listen || to == hostOf(served.URL)) {
		err := errors.New("--forward: this is the emulator's own address; it must be that of a stub of yours")
		return nil, errors.Join(usage.Mistaken(err), served.Close())
	}
	r := &Running{o, emulator, served, keys, recorded, replay, log}
	r.announce()
	if served.trust != nil {
		if err := served.tellClients(out); err != nil {
			return nil, errors.Join(err, served.Close())
		}
	}
	return r, nil
}

// announce says how to reach the emulator.
func (r *Running) announce() {
	o := r.options
	r.log.Info().Str("endpoint", r.served.URL).Str("secret_id", vodtest.DefaultSecretID).
		Str("secret_key", vodtest.DefaultSecretKey).Int("events", o.Events).
		Uint64("seed", o.config.Seed).Msg("emulating the VOD API")
	if t := r.served.trust; t != nil {
		r.log.Info().Str("endpoint", r.served.tlsURL()).Str("authority", cmp.Or(t.file, r.served.certificateURL())).
			Time("ends", t.authority.Ends()).Msg("emulating it by https too")
	}
	if o.config.NewAccount {
		r.log.Info().Msg(o.newAccount(r.served.URL))
	}
	if o.forward != "" {
		r.log.Info().Str("url", hostOf(o.forward)).Msg("actions that the emulator does not know are handed on")
	}
	for _, key := range r.keys {
		r.log.Info().Str("secret_id", key.SecretID).Str("secret_key", key.SecretKey).Str("token", key.Token).
			Time("ends", key.Ends).Msg("a temporary key is good too")
	}
}

// Run makes the events of --every and --replay until ctx ends, and says how many there were.
func (r *Running) Run(ctx context.Context) {
	var replaying sync.WaitGroup
	replaying.Go(func() { r.replay.run(ctx, r.emulator) })
	r.options.produce(ctx, r.emulator)
	replaying.Wait()
	s := r.emulator.Stats(r.options.SubAppID)
	r.log.Info().Int("sent", s.Sent).Int("delivered", s.Delivered).Int("redelivered", s.Redelivered).Int("confirmed", s.Confirmed).
		Int("waiting", s.Waiting).Int("in_flight", s.InFlight).Int("dropped", s.Dropped).Msg("stopped")
}

// Close ends the emulator.
func (r *Running) Close() error { return errors.Join(r.served.Close(), r.recorder.close()) }

const mostEvents = 1_000_000

// emulator makes what the flags say. Errors are the caller's to mend.
func (o *Options) emulator(log zerolog.Logger) (*vodtest.Emulator, error) {
	if err := o.choose(); err != nil {
		return nil, err
	}
	if o.config.Window <= 0 || o.config.Hold <= 0 || o.config.Retention <= 0 {
		return nil, usage.Mistaken(errors.New("--window, --hold and --retention must be positive"))
	}
	if o.Events > mostEvents {
		return nil, usage.Mistaken(fmt.Errorf("--events %d: it must be at most %d, since all are in memory", o.Events, mostEvents))
	}
	if err := contentType(o.config.Push.ContentType); err != nil {
		return nil, usage.Mistaken(err)
	}
	o.config.TaskTime = cmp.Or(o.taskTime, -1) // where 0 is the default
	o.config.Observe = func(call vodtest.Call) { logs.Call(log, call) }
	o.config.Push.Observe = func(callback vodtest.Callback) { logs.Callback(log, callback) }
	emulator := vodtest.New(o.config)
	if err := o.script(emulator); err != nil {
		return nil, usage.Mistaken(err)
	}
	return emulator, nil
}

// script does what flags say in texts of their own.
func (o *Options) script(emulator *vodtest.Emulator) error {
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
		if err := emulator.PushTo(o.SubAppID, o.callback, ""); err != nil {
			return fmt.Errorf("--callback: %w", err)
		}
	}
	return nil
}

// newAccount says what it means to be one, and how to go on.
func (o *Options) newAccount(endpoint string) string {
	lost := "a new account: the mode is PUSH, there is no callback URL, and uploads are off, so that all events are lost; " +
		"vodworker settings set --mode PULL --upload on --endpoint %s"
	if o.callback != "" {
		lost = "a new account: events are posted to the callback URL, but none of uploads, which are off; " +
			"vodworker settings set --upload on --endpoint %s"
	}
	return fmt.Sprintf(lost, endpoint)
}

// hostOf returns as much of a URL as may be logged.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
