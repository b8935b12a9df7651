package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/memlimit"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/letters"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
	"github.com/vodworker/vodworker/worker/sink/nats"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// outlets are where events go.
type outlets struct {
	handlers    []worker.Handler // that events are handed to: those that are configured, or the inbox
	configured  []worker.Handler
	inbox       *inbox.Inbox // nil: there is none
	deadLetters *worker.DeadLetters
	places      []string            // of the configured handlers, for people
	lettersAt   string              // so too; empty: nowhere
	letters     letters.Store       // nil: they go elsewhere
	stored      func() (int, error) // counts letters in a folder; nil: they are in none
	observers   observers
	closers     []io.Closer
}

// outlets opens what events are handed to; bodies, in bytes, are for what is handed out of an inbox. The caller closes it.
func (a *app) outlets(
	ctx context.Context, config *config.Config, log zerolog.Logger, observe observers, bodies int,
) (_ *outlets, err error) {
	o := &outlets{observers: observe}
	defer func() {
		if err == nil {
			return
		}
		if err = errors.Join(err, o.Close()); !errors.Is(err, inbox.ErrUnreached) { // that is nobody's mistake
			err = usageError{err}
		}
	}()
	if o.configured, o.closers, err = a.handlers(config, log); err != nil {
		return nil, err
	}
	o.handlers = o.configured
	for i, h := range config.Handlers {
		o.places = append(o.places, h.Name+": "+placeText(h.Place, o.closers[i]))
	}
	if config.Inbox.On() {
		err = o.putInbox(ctx, config, log, bodies)
	} else {
		err = o.openLetters(a, config, log)
	}
	if err != nil {
		return nil, err
	}
	if observe.history != nil {
		o.closers = append(o.closers, memlimit.Pace(observe.history.Held))
	}
	return o, nil
}

// placeText names a place that is open, without what may be a secret.
func placeText(place config.Place, open io.Closer) string {
	if place.Stdout != nil {
		return place.Kind()
	}
	return fmt.Sprintf("%s %v", place.Kind(), open)
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
	for i, h := range config.Handlers {
		to, err := a.open(h.Place, config, log.With().Str("handler", h.Name).Logger())
		if err != nil {
			return nil, closers, unopened(config, handlerKey(i), h.Place, err)
		}
		closers = append(closers, to)
		handlers = append(handlers, h.To(to.Handle))
	}
	return handlers, closers, nil
}

// open makes the sink for a place. A new kind of sink is a field of [config.Place] and a case here.
func (a *app) open(place config.Place, config *config.Config, log zerolog.Logger) (sink.Sink, error) {
	place = place.Clone()
	if broker := place.Broker(); broker != nil {
		broker.MaxInFlight, broker.ReadSecret, broker.Log = atOnce(config), readSecret, log
	}
	switch {
	case place.File != nil:
		return sink.NewFile(*place.File)
	case place.Exec != nil:
		options := place.Exec
		options.Withhold, options.Hide, options.Log, options.Passing = config.Withheld(), secretsOf(config), log, a.drains
		return sink.NewExec(*options)
	case place.Webhook != nil:
		options := place.Webhook
		options.MaxIdle = atOnce(config)
		options.ReadSecret, options.Log, options.Passing = readSecret, log, a.drains
		return sink.NewWebhook(*options)
	case place.Kafka != nil:
		return kafka.New(*place.Kafka)
	case place.NATS != nil:
		return nats.New(*place.NATS)
	case place.Redis != nil:
		return redis.New(*place.Redis)
	case place.RabbitMQ != nil:
		return rabbitmq.New(*place.RabbitMQ)
	case place.Stdout != nil:
		if closedOutput(a.stdout) {
			return nil, errClosedOutput
		}
		return sink.NewStdout(a.stdout, *place.Stdout)
	}
	return nil, fmt.Errorf("%s: this program can't open it", place.Kind())
}

// atOnce is how many events a handler gets at the same time: from each application, or from the inbox, which is one for all.
func atOnce(config *config.Config) int {
	if config.Inbox.On() {
		return config.Worker.Concurrency
	}
	return config.Worker.Concurrency * len(config.Applications())
}

// Close closes what the events went to, after the worker is done with it: the inbox in front of what is behind it.
func (o *outlets) Close() error {
	if o.inbox == nil {
		return closeAll(o.closers)
	}
	return errors.Join(o.inbox.Close(), closeAll(o.closers))
}

func closeAll(closers []io.Closer) error {
	var errs []error
	for _, closer := range closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}
