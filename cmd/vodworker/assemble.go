package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

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
	closers     []io.Closer
}

// load reads the configuration, with the flags that override it.
func (a *app) load() (*Config, zerolog.Logger, error) {
	config, err := loadConfig(a.configFile)
	if err != nil {
		return nil, zerolog.Nop(), err
	}
	log, err := a.logger(config.Log)
	return config, log, err
}

func (a *app) logger(config LogConfig) (zerolog.Logger, error) {
	if a.logLevel != "" {
		config.Level = a.logLevel
	}
	if a.logFormat != "" {
		config.Format = a.logFormat
	}
	if err := config.validate(); err != nil {
		return zerolog.Nop(), usageError{err}
	}
	return config.logger(a.stderr), nil
}

// outlets opens what events are handed to. The caller closes it.
func (a *app) outlets(config *Config, log zerolog.Logger) (_ *outlets, err error) {
	o := &outlets{}
	defer func() {
		if err != nil {
			err = usageError{errors.Join(err, o.Close())}
		}
	}()
	o.handlers, o.closers, err = a.handlers(config, log)
	if err != nil {
		return nil, err
	}
	deadLetters, closer, err := config.deadLetters()
	if err != nil {
		return nil, err
	}
	o.deadLetters, o.closers = deadLetters, append(o.closers, closer)
	return o, nil
}

// assemble connects what the configuration names. The caller closes the assembly.
func (a *app) assemble(config *Config, log zerolog.Logger, hooks worker.Hooks) (_ *assembly, err error) {
	outlets, err := a.outlets(config, log)
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
	keys, err := config.keyring(context.Background(), log)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, keys)
	for _, id := range config.applications() {
		source, err := tencent.New(config.source(id, keys))
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, source)
		app := application{id: id, log: config.about(log, id)}
		options := config.options(s.deadLetters)
		options.Limiter, options.Log, options.Hooks = limiter, app.log, hooks // one limiter for all: the quota is the account's
		app.Worker, err = worker.New(source, s.handlers, options)
		if err != nil {
			return nil, err
		}
		s.applications = append(s.applications, app)
	}
	return s, nil
}

// options are what the workers of all applications have in common.
func (c *Config) options(deadLetters *worker.DeadLetters) *worker.Options {
	return &worker.Options{
		Concurrency: c.Worker.Concurrency,
		Unmatched:   worker.Unmatched(c.Worker.Unmatched),
		StopGrace:   c.stopGrace(),
		Window:      time.Duration(c.VOD.Window),
		Margin:      time.Duration(c.Confirm.Margin),
		Linger:      orLeast(c.Confirm.Linger),
		DeadLetters: deadLetters,
	}
}

// handlers makes the configured handlers. The caller closes the closers, also after an error.
func (a *app) handlers(config *Config, log zerolog.Logger) (handlers []worker.Handler, closers []io.Closer, err error) {
	for _, h := range config.Handlers {
		to, err := a.sink(h, config, log)
		if err != nil {
			return nil, closers, fmt.Errorf("handler %q: %w", h.Name, err)
		}
		closers = append(closers, to)
		handlers = append(handlers, h.handler(to.Handle))
	}
	return handlers, closers, nil
}

// router runs the configured handlers on events that were not pulled. The caller closes the closers, also after an error.
func (a *app) router(config *Config, log zerolog.Logger) (*worker.Router, []io.Closer, error) {
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

// deadLetters returns nil if no place for them is configured, and what to close after them.
func (c *Config) deadLetters() (*worker.DeadLetters, io.Closer, error) {
	letters := &worker.DeadLetters{Attempts: c.DeadLetters.Attempts}
	switch {
	case c.DeadLetters.Dir != "":
		dir, err := sink.NewDeadLetterDir(c.DeadLetters.Dir)
		if err != nil {
			return nil, nil, err
		}
		letters.Write = dir.Write
		return letters, nothing{}, nil
	case c.DeadLetters.Webhook != nil:
		hook, err := c.DeadLetters.hook()
		if err != nil {
			return nil, nil, err
		}
		letters.Write = sink.WriteLetters(hook.Handle)
		return letters, hook, nil
	}
	return nil, nothing{}, nil
}

// nothing needs no closing.
type nothing struct{}

func (nothing) Close() error { return nil }

// orLeast keeps an explicit 0 from being taken for the default.
func orLeast(d Duration) time.Duration { return max(time.Duration(d), 1) }

// stopGrace is how long handlers may go on after a signal.
func (c *Config) stopGrace() time.Duration { return orLeast(c.Worker.StopGrace) }

func (c *Config) source(subAppID uint64, keys *tencent.Keyring) tencent.Options {
	return tencent.Options{
		Keyring:  keys,
		SubAppID: subAppID,
		Endpoint: c.VOD.Endpoint,
		Region:   c.VOD.Region,
		CAFile:   c.VOD.CAFile,
	}
}

func (a *app) sink(h HandlerConfig, config *Config, log zerolog.Logger) (sink.Sink, error) {
	switch {
	case h.File != nil:
		return sink.NewFile(sink.FileOptions{Path: h.File.Path})
	case h.Exec != nil:
		return sink.NewExec(sink.ExecOptions{
			Command: h.Exec.Command, Withhold: config.withheld(), Log: log.With().Str("handler", h.Name).Logger(),
		})
	case h.Webhook != nil:
		return sink.NewWebhook(sink.WebhookOptions{
			URL: h.Webhook.URL, Secret: h.Webhook.Secret, Format: sink.Format(h.Webhook.Format),
			MaxIdle: config.Worker.Concurrency * len(config.applications()),
		})
	default:
		return sink.NewStdout(a.stdout, sink.StdoutOptions{Format: sink.StdoutFormat(h.Stdout.Format)})
	}
}

func (h HandlerConfig) handler(handle func(context.Context, events.Event) error) worker.Handler {
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

// Close closes what the events went to, after the worker is done with it.
func (o *outlets) Close() error { return closeAll(o.closers) }

func closeAll(closers []io.Closer) error {
	var errs []error
	for _, closer := range closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}
