package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
)

// An application is one queue and the worker that consumes it. Applications have nothing in common but the handlers,
// the dead letters and the account's quota, so one that fails holds up no other.
type application struct {
	*worker.Worker
	id  uint64
	log zerolog.Logger
}

// each has work done for every application, side by side, and returns the error that matters most. An application that
// ends with an error is logged at once: the others go on, perhaps for weeks.
func (s *assembly) each(work func(w *worker.Worker) error) error {
	if len(s.applications) == 1 {
		return work(s.applications[0].Worker)
	}
	results := make(chan error)
	for _, app := range s.applications {
		go func() {
			err := work(app.Worker)
			if err != nil && !errors.Is(err, errSaid) {
				app.log.Error().Err(err).Msg("this application has ended; others go on")
				err = fmt.Errorf("application %d: %w", app.id, err)
			}
			results <- err
		}()
	}
	var worst error
	for range s.applications {
		if err := <-results; rank(err) < rank(worst) {
			worst = err
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
