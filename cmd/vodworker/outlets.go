package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/memlimit"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
	"github.com/vodworker/vodworker/worker/sink/nats"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// outlets are where events go.
type outlets struct {
	handlers    []worker.Handler
	deadLetters *worker.DeadLetters
	places      []string     // of the handlers, for people
	lettersAt   string       // so too; empty: nowhere
	letters     *letters.Dir // nil: they go elsewhere
	observers   observers
	closers     []io.Closer
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
	for i, h := range config.Handlers {
		o.places = append(o.places, h.Name+": "+placeText(h.Place, o.closers[i]))
	}
	switch dead := config.DeadLetters; {
	case dead.Dir != "":
		dir, err := letters.NewDir(dead.Dir)
		if err != nil {
			if _, why := letters.Reach(context.Background(), dead.Dir); why != nil {
				err = why // in the words of check
			}
			return nil, config.Errorf("dead_letters.dir", "%w", err)
		}
		o.deadLetters = deadLetters(dead, dir.Write)
		o.deadLetters.Record = dir.Record
		o.letters, o.lettersAt = dir, "dir "+dead.Dir
	case dead.On():
		to, err := a.open(dead.Place, config, log)
		if err != nil {
			return nil, unopened(config, "dead_letters", dead.Place, err)
		}
		o.closers = append(o.closers, to)
		o.deadLetters = deadLetters(dead, letters.Send(alsoLogged(dead.Place, to, log)))
		o.lettersAt = placeText(dead.Place, to)
	}
	if observe.history != nil {
		o.closers = append(o.closers, memlimit.Pace(observe.history.Held))
	}
	return o, nil
}

// alsoLogged returns a place's Handle. What a webhook takes is logged too unless its success was looked at: many refuse with a 200,
// and a letter that was so refused would be nowhere.
func alsoLogged(place config.Place, to sink.Sink, log zerolog.Logger) func(context.Context, events.Event) error {
	if place.Webhook == nil || place.Webhook.Success != nil {
		return to.Handle
	}
	return func(ctx context.Context, letter events.Event) error {
		if err := to.Handle(ctx, letter); err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, letter.Raw); err != nil {
			return err
		}
		log.Error().Bytes("dead_letter", line.Bytes()).Msg("dead letter posted; it is here too, since the webhook has no success")
		return nil
	}
}

// placeText names a place that is open, without what may be a secret.
func placeText(place config.Place, open io.Closer) string {
	if place.Stdout != nil {
		return place.Kind()
	}
	return fmt.Sprintf("%s %v", place.Kind(), open)
}

func deadLetters(config config.DeadLetters, write func(context.Context, worker.DeadLetter) error) *worker.DeadLetters {
	after := cmp.Or(time.Duration(config.After), worker.DefaultAfter)
	return &worker.DeadLetters{Attempts: config.Attempts, After: after, Write: write}
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

// atOnce is how many events a handler gets at the same time.
func atOnce(config *config.Config) int { return config.Worker.Concurrency * len(config.Applications()) }

// Close closes what the events went to, after the worker is done with it.
func (o *outlets) Close() error { return closeAll(o.closers) }

func closeAll(closers []io.Closer) error {
	var errs []error
	for _, closer := range closers {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}
