package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// A servedEmulator is an emulator that listens, with its control API and its page beside it.
type servedEmulator struct {
	url      string
	emulator *vodtest.Emulator
	server   *http.Server
	served   chan error
}

func serveEmulator(emulator *vodtest.Emulator, listen string) (*servedEmulator, error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, usageError{fmt.Errorf("--listen %q: %w", listen, usage.Listening(listen, err))}
	}
	host, _, _ := net.SplitHostPort(listen) // it is one, since it could be listened on
	s := &servedEmulator{
		url:      "http://" + listener.Addr().String(),
		emulator: emulator,
		server:   &http.Server{Handler: console.Handler(emulator, host), ReadHeaderTimeout: 10 * time.Second},
		served:   make(chan error, 1),
	}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// Close ends the calls that the emulator holds, and the server.
func (s *servedEmulator) Close() error {
	s.emulator.Close()
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// newAccount says what it means to be one, and how to go on.
func (o *emulateOptions) newAccount(endpoint string) string {
	lost := "a new account: the mode is PUSH, there is no callback URL, and uploads are off, so that all events are lost; " +
		"vodworker settings set --mode PULL --upload on --endpoint %s"
	if o.callback != "" {
		lost = "a new account: events are posted to the callback URL, but none of uploads, which are off; " +
			"vodworker settings set --upload on --endpoint %s"
	}
	return fmt.Sprintf(lost, endpoint)
}
