package emulate

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
	"github.com/vodworker/vodworker/worker/vodtest/front"
)

// A Served is an emulator that listens, with its control API and its page beside it.
type Served struct {
	URL      string
	names    []string // of --host
	emulator *vodtest.Emulator
	trust    *trust // of clients by https; nil: there is http alone
	server   *front.Server
	served   chan error
}

// A site is where an emulator is served, and how.
type site struct {
	listen  string
	hosts   []string // names of it, beside those that it has anyway
	tls     bool
	dir     string // that the authority is kept in; "": nowhere
	onError func(error)
}

// Serve begins to serve an emulator at an address, by http.
func Serve(emulator *vodtest.Emulator, listen string) (*Served, error) {
	return serve(emulator, site{listen: listen})
}

func serve(emulator *vodtest.Emulator, at site) (*Served, error) {
	listener, err := net.Listen("tcp", at.listen)
	if err != nil {
		return nil, usage.Mistaken(fmt.Errorf("--listen %q: %w", at.listen, usage.Listening(at.listen, err)))
	}
	host, _, _ := net.SplitHostPort(at.listen) // it is one, since it could be listened on
	hosts := append(slices.Clone(at.hosts), host)
	s := &Served{
		URL:      "http://" + listener.Addr().String(),
		names:    at.hosts,
		emulator: emulator,
		server:   &front.Server{Vendor: emulator, OnError: at.onError},
		served:   make(chan error, 1),
	}
	options := console.Options{Hosts: hosts}
	if at.tls {
		if s.trust, err = newTrust(at.dir, hosts); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		s.server.Authority = s.trust.authority
		options.Authority = s.trust.authority.PEM()
	}
	s.server.Handler = console.Handler(emulator, options)
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// Close ends the calls that the emulator holds, and the server.
func (s *Served) Close() error {
	s.emulator.Close()
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, s.trust.end())
}
