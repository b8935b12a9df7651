package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/tencent"
)

// An assembly is the applications as configured, with what their events are handed to.
type assembly struct {
	*outlets
	applications []application
}

// outlets are where events go.
type outlets struct {
	handlers    []worker.Handler
	deadLetters *worker.DeadLetters
	observers   observers
	closers     []io.Closer
}

// observers hear of what happens: of what is pulled from all applications, and of callbacks. Each event says of which
// application it is.
type observers struct {
	worker   worker.Hooks
	callback worker.CallbackHooks
}

// assemble connects what the configuration names. The caller closes the assembly.
func (a *app) assemble(config *config.Config, log zerolog.Logger, observe observers) (_ *assembly, err error) {
	outlets, err := a.outlets(config, log, observe)
	if err != nil {
		return nil, err
	}
	s := &assembly{outlets: outlets}
	defer func() {
		if err != nil {
			err = usageError{errors.Join(err, s.Close())}
		}
	}()
	limiter, err := worker.NewLimiter(config.VOD.Rate)
	if err != nil {
		return nil, err
	}
	keys, err := a.keyring(context.Background(), config, log)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, keys)
	for _, id := range config.Applications() {
		source, err := tencent.New(sourceOptions(config, id, keys))
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, source)
		app := application{id: id, log: applicationLog(config, log, id)}
		options := workerOptions(config, outlets)
		options.SubAppID, options.Log = id, app.log
		options.Limiter = limiter // one for all: the quota is the account's
		app.Worker, err = worker.New(source, s.handlers, options)
		if err != nil {
			return nil, err
		}
		s.applications = append(s.applications, app)
	}
	return s, nil
}

// workerOptions are what the workers of all applications have in common.
func workerOptions(config *config.Config, to *outlets) *worker.Options {
	return &worker.Options{
		Concurrency: config.Worker.Concurrency,
		Unmatched:   worker.Unmatched(config.Worker.Unmatched),
		StopGrace:   time.Duration(config.Worker.StopGrace),
		Window:      time.Duration(config.VOD.Window),
		Margin:      time.Duration(config.Confirm.Margin),
		Linger:      time.Duration(config.Confirm.Linger),
		DeadLetters: to.deadLetters,
		Hooks:       to.observers.worker,
	}
}

func sourceOptions(config *config.Config, subAppID uint64, keys *tencent.Keyring) tencent.Options {
	return tencent.Options{
		Keyring:  keys,
		SubAppID: subAppID,
		Endpoint: config.VOD.Endpoint,
		Region:   config.VOD.Region,
		CAFile:   config.VOD.CAFile,
		From:     tencent.Places{SubAppID: "vod.sub_app_ids", Region: "vod.region", Endpoint: "vod.endpoint"},
	}
}

// outlets opens what events are handed to. The caller closes it.
func (a *app) outlets(config *config.Config, log zerolog.Logger, observe observers) (_ *outlets, err error) {
	o := &outlets{observers: observe}
	defer func() {
		if err != nil {
			err = usageError{errors.Join(err, o.Close())}
		}
	}()
	if o.handlers, o.closers, err = a.handlers(config, log); err != nil {
		return nil, err
	}
	switch dead := config.DeadLetters; {
	case dead.Dir != "":
		dir, err := sink.NewDeadLetterDir(dead.Dir)
		if err != nil {
			return nil, err
		}
		o.deadLetters = &worker.DeadLetters{Attempts: dead.Attempts, Write: dir.Write}
	case dead.On():
		to, err := a.open(dead.Place, config, log)
		if err != nil {
			return nil, fmt.Errorf("dead_letters: %w", err)
		}
		o.closers = append(o.closers, to)
		o.deadLetters = &worker.DeadLetters{Attempts: dead.Attempts, Write: sink.WriteLetters(to.Handle)}
	}
	return o, nil
}

// router runs the configured handlers on events that were not pulled. The caller closes the closers, also after an error.
func (a *app) router(config *config.Config, log zerolog.Logger) (*worker.Router, []io.Closer, error) {
	handlers, closers, err := a.handlers(config, log)
	if err != nil {
		return nil, closers, usageError{err}
	}
	router, err := worker.NewRouter(handlers)
	if err != nil {
		return nil, closers, usageError{err}
	}
	return router, closers, nil
}

// handlers makes the configured handlers. The caller closes the closers, also after an error.
func (a *app) handlers(config *config.Config, log zerolog.Logger) (handlers []worker.Handler, closers []io.Closer, err error) {
	for _, h := range config.Handlers {
		to, err := a.open(h.Place, config, log.With().Str("handler", h.Name).Logger())
		if err != nil {
			return nil, closers, fmt.Errorf("handler %q: %w", h.Name, err)
		}
		closers = append(closers, to)
		handlers = append(handlers, handler(h, to.Handle))
	}
	return handlers, closers, nil
}

func handler(h config.Handler, handle func(context.Context, events.Event) error) worker.Handler {
	types := make([]string, len(h.Events))
	for i, pattern := range h.Events {
		types[i] = string(pattern)
	}
	return worker.Handler{
		Name:    h.Name,
		Types:   types,
		SubApps: h.SubAppIDs,
		Handle:  handle,
		Timeout: time.Duration(h.Timeout),
		Retry: worker.Retry{
			Tries:   h.Retry.Tries,
			Initial: time.Duration(h.Retry.Initial),
			Max:     time.Duration(h.Retry.Max),
		},
	}
}

// open makes the sink for a place. A new kind of sink is a field of [config.Place] and a case here.
func (a *app) open(place config.Place, config *config.Config, log zerolog.Logger) (sink.Sink, error) {
	switch {
	case place.File != nil:
		return sink.NewFile(*place.File)
	case place.Exec != nil:
		options := *place.Exec
		options.Withhold, options.Log = config.Withheld(), log
		return sink.NewExec(options)
	case place.Webhook != nil:
		options := *place.Webhook
		options.MaxIdle = config.Worker.Concurrency * len(config.Applications())
		return sink.NewWebhook(options)
	default:
		return sink.NewStdout(a.stdout, *place.Stdout)
	}
}

// Close closes what the events went to, after the worker is done with it.
func (o *outlets) Close() error { return closeAll(o.closers) }

func closeAll(closers []io.Closer) error {
	var errs []error
	for _, closer := range closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}
