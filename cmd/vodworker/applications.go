package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// An application is one queue and the worker that consumes it. Applications have nothing in common but the handlers,
// the dead letters and the account's quota, so one that fails holds up no other.
type application struct {
	*worker.Worker
	watched watch.Application
	told    *atomic.Pointer[tencent.Settings] // what VOD said last; nil: nothing yet
}

// trouble is what keeps events from being pulled, as far as VOD has told; empty if nothing does.
func (a application) trouble() string {
	if settings := a.told.Load(); settings != nil {
		return a.watched.Trouble(*settings)
	}
	return ""
}

// overheard returns an ask whose answers told has too.
func overheard(
	told *atomic.Pointer[tencent.Settings], ask func(context.Context) (tencent.Settings, error),
) func(context.Context) (tencent.Settings, error) {
	return func(ctx context.Context) (tencent.Settings, error) {
		settings, err := ask(ctx)
		if err == nil {
			told.Store(&settings)
		}
		return settings, err
	}
}

// each has work done for every application, side by side, and returns the error that matters most. An application that
// ends with an error is logged at once: the others go on, perhaps for weeks.
func (s *assembly) each(work func(application) error) error {
	if len(s.applications) == 1 {
		return work(s.applications[0])
	}
	type result struct {
		application
		err error
	}
	results := make(chan result)
	for _, app := range s.applications {
		go func() { results <- result{app, work(app)} }()
	}
	var worst error
	for left := len(s.applications) - 1; left >= 0; left-- {
		ended := <-results
		if err := ended.err; err != nil && !errors.Is(err, errSaid) {
			text := "this application has ended"
			if left > 0 {
				text += "; others go on"
			}
			watch.Failure(ended.watched.Log.Error(), err).Msg(text)
			ended.err = fmt.Errorf("application %d: %w", ended.watched.SubAppID, err)
		}
		if rank(ended.err) < rank(worst) {
			worst = ended.err
		}
	}
	return worst
}

// rank orders the ends of several applications: the lower one decides about the exit code.
func rank(err error) int {
	order := []int{exitUsage, exitNoPerm, exitUnavailable, exitUnexpected, exitFailed, exitLimited, exitDeadLettered, exitOK}
	return slices.Index(order, exitCode(err))
}

// applicationLog returns the logger of an application, which names it unless it is the default one and the only one.
func applicationLog(config *config.Config, log zerolog.Logger, id uint64) zerolog.Logger {
	if len(config.VOD.SubAppIDs) == 0 {
		return log
	}
	return log.With().Uint64("sub_app_id", id).Logger()
}

// expected is what the configuration expects of the settings of an application, whose events go to those handlers.
func (a *app) expected(config *config.Config, id uint64, handlers []worker.Handler) watch.Expected {
	e := watch.Expected{
		SubAppID: id, Name: applicationName(id), Only: len(config.Applications()) == 1, Handlers: handlers,
	}
	if a.configFrom != "" {
		e.Flags = []string{"--config", show.File(a.configFile)}
	}
	if config.Callback.SubAppID == id {
		e.Receives = config.Callback.Listen
	}
	return e
}
