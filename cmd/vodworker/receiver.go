package main

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// listenForCallbacks listens: what comes before the server runs waits.
func listenForCallbacks(config *config.Config, to *outlets, log zerolog.Logger) (*callback.Server, error) {
	receiver, err := callbackReceiver(config, to, log)
	if err != nil {
		return nil, usageError{err}
	}
	options := serverOptions(config, log)
	ends, err := options.CheckCertificate()
	if err != nil {
		return nil, usageError{badCertificate(config, err)}
	}
	if ending := endingOfCallback(ends); ending != "" {
		log.Warn().Msg(ending)
	}
	server, err := callback.Listen(receiver, options)
	if err != nil {
		return nil, usageError{config.Errorf("callback.listen", "%w", usage.Listening(config.Callback.Listen, err))}
	}
	if len(config.Callback.Keys()) == 0 {
		log.Warn().Msg("callback.sign_key is not set: whoever reaches the receiver can forge events")
	}
	return server, nil
}

// callbackReceiver makes the part that needs no network. What would be left for others with UnmatchedLeave can't be.
func callbackReceiver(config *config.Config, to *outlets, log zerolog.Logger) (*callback.Receiver, error) {
	unmatched := worker.Unmatched(config.Worker.Unmatched)
	if unmatched == worker.UnmatchedLeave {
		unmatched = worker.UnmatchedConfirm
	}
	id := config.Callback.SubAppID
	if id != 0 {
		log = log.With().Uint64("sub_app_id", id).Logger()
	}
	if !config.Handles(id) {
		return nil, config.Errorf("callback.sub_app_id", "no handler is for application %d, "+
			"so its events would be answered unseen; add one, or name another", id)
	}
	return callback.New(to.handlers, &callback.Options{
		SubAppID:    id,
		SignKeys:    config.Callback.Keys(),
		Concurrency: inFront(config),
		Unmatched:   unmatched,
		DeadLetters: to.deadLetters,
		Log:         log,
		Hooks:       to.observers.callback,
	})
}

func serverOptions(config *config.Config, log zerolog.Logger) callback.ServerOptions {
	return callback.ServerOptions{
		Listen:   config.Callback.Listen,
		Path:     config.Callback.Path,
		CertFile: config.Callback.TLS.CertFile,
		KeyFile:  config.Callback.TLS.KeyFile,
		Grace:    time.Duration(config.Worker.StopGrace),
		Log:      log,
	}
}
