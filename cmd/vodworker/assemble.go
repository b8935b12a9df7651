package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/memlimit"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/tencent"
)

// An assembly is the applications as configured, with what their events are handed to.
type assembly struct {
	*outlets
	config       *config.Config
	log          zerolog.Logger
	keys         *tencent.Keyring
	limiter      *worker.Limiter
	applications []application
}

// observers hear of what happens: of what is pulled from all applications, and of callbacks. Each event says of which
// application it is.
type observers struct {
	worker   worker.Hooks
	callback callback.Hooks
	behind   worker.Hooks  // of what runs behind an inbox
	history  *page.History // hears all; nil: there is none
}

// assemble connects what the configuration names. The caller closes the assembly.
func (a *app) assemble(
	ctx context.Context, config *config.Config, log zerolog.Logger, observe observers,
) (_ *assembly, err error) {
	var received atomic.Bool
	observe.callback = observe.callback.Join(callback.Hooks{Received: func(request callback.RequestInfo) {
		if request.Type != "" {
			received.Store(true)
		}
	}})
	bodies := memlimit.Limit(int64(config.Worker.Memory), config.RunsPrograms())
	if config.Inbox.On() {
		bodies /= 2 // as many for what is stored as for what is handed out again
	}
	outlets, err := a.outlets(ctx, config, log, observe, max(1, bodies))
	if err != nil {
		return nil, err
	}
	s := &assembly{outlets: outlets, config: config, log: log}
	defer func() {
		if err != nil {
			err = usageError{errors.Join(err, s.Close())}
		}
	}()
	if s.limiter, err = worker.NewLimiter(config.VOD.Rate); err != nil {
		return nil, err
	}
	s.keys, err = a.keyring(context.Background(), config, log)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.keys)
	for _, id := range config.Applications() {
		source, err := newSource(config, id, s.keys)
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, source)
		appLog := applicationLog(config, log, id)
		options := workerOptions(config, outlets)
		options.MaxBytes = max(1, bodies/len(config.Applications()))
		options.SubAppID, options.Log = id, appLog
		options.Limiter = s.limiter // one for all: the quota is the account's
		made, err := worker.New(source, s.handlers, options)
		if err != nil {
			return nil, err
		}
		told := new(atomic.Pointer[tencent.Settings])
		s.applications = append(s.applications, application{made, watch.Application{
			Expected: a.expected(config, id, s.configured), Log: appLog, Settings: overheard(told, source.Settings), Status: made.Status,
			Received: received.Load,
		}, told})
	}
	return s, nil
}

// workerOptions are what the workers of all applications have in common.
func workerOptions(config *config.Config, to *outlets) *worker.Options {
	return &worker.Options{
		Concurrency: inFront(config),
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
		From:     tencent.Origins{SubAppID: "vod.sub_app_ids", Region: "vod.region", Endpoint: "vod.endpoint"},
	}
}
