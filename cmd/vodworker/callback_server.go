package main

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
)

const (
	// maxConns is how many connections are open at a time; more wait until one is closed. It bounds, with maxHeader and what
	// a Callback reads, the memory that strangers can take.
	maxConns  = 1024
	maxHeader = 8 << 10

	headerTime = 5 * time.Second
	idleTime   = 30 * time.Second
	answerTime = 15 * time.Second // more than a request is held

	// closeTime is for what was answered to be sent, when all is over.
	closeTime = time.Second
)

// A callbackServer is a Callback that listens.
type callbackServer struct {
	callback *worker.Callback
	server   *http.Server
	listener net.Listener
	serve    func() error
	grace    time.Duration
	log      zerolog.Logger
}

// listenForCallbacks listens: what comes before run waits.
func listenForCallbacks(config *config.Config, to *outlets, log zerolog.Logger) (*callbackServer, error) {
	callback, err := newCallback(config, to, log)
	if err != nil {
		return nil, usageError{fmt.Errorf("callback: %w", err)}
	}
	var certificates *certificates
	if files := config.Callback.TLS; files.CertFile != "" {
		if certificates, err = loadCertificates(files.CertFile, files.KeyFile, log); err != nil {
			return nil, usageError{fmt.Errorf("callback.tls: %w", err)}
		}
	}
	listener, err := net.Listen("tcp", config.Callback.Listen)
	if err != nil {
		return nil, usageError{fmt.Errorf("callback.listen: %w", err)}
	}
	r := &callbackServer{callback: callback, listener: newLimitedListener(listener, maxConns), grace: time.Duration(config.Worker.StopGrace), log: log}
	odd := log.Sample(&zerolog.BurstSampler{Burst: 10, Period: 10 * time.Second}) // strangers decide how many there are
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true) // to close a connection without an answer must not close those of others
	r.server = &http.Server{
		Handler:           atPath(config.Callback.Path, callback, odd),
		ReadHeaderTimeout: headerTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          stdlog.New(warnings{odd}, "", 0),
		Protocols:         protocols,
	}
	r.serve = func() error { return r.server.Serve(r.listener) }
	if certificates != nil {
		r.server.TLSConfig = certificates.config()
		r.serve = func() error { return r.server.ServeTLS(r.listener, "", "") }
	}
	log.Info().Str("listen", listener.Addr().String()).Bool("tls", certificates != nil).Msg("receiving callbacks")
	if config.Callback.SignKey == "" {
		log.Warn().Msg("callback.sign_key is not set: whoever reaches the receiver can make events up")
	}
	return r, nil
}

// run serves until ctx ends, and then finishes what was begun, within the grace and 6 s.
func (r *callbackServer) run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- r.serve() }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-served: // such as no more file descriptors for good
		served <- http.ErrServerClosed
	}
	closing, closed := context.WithCancel(context.Background())
	defer closed()
	var server sync.WaitGroup
	server.Go(func() { _ = r.server.Shutdown(closing) }) // accepts no more, and waits for what is open

	grace, cancel := context.WithTimeoutCause(context.Background(), r.grace, errors.New("stop_grace is over"))
	defer cancel()
	_ = r.callback.Shutdown(grace) // it has logged what it could not finish
	defer time.AfterFunc(closeTime, closed).Stop()
	server.Wait()
	_ = r.server.Close()
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	if err != nil {
		return fmt.Errorf("receive callbacks: %w", err)
	}
	return nil
}

// atPath serves one path; "/" is all of them. VOD takes a 404 as delivered, so the log says that somebody posted elsewhere.
// The path may be a secret.
func atPath(path string, next http.Handler, log zerolog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path != "/" && r.URL.Path != path {
			if r.Method == http.MethodPost {
				log.Warn().Str("from", r.RemoteAddr).Msg("request refused: it is not for callback.path; if it was VOD's it does not come again")
			}
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// warnings takes what http.Server has to say.
type warnings struct{ log zerolog.Logger }

func (w warnings) Write(line []byte) (int, error) {
	w.log.Warn().Bytes("what", line).Msg("receiver")
	return len(line), nil
}

// A limitedListener accepts a connection only when fewer than its places are open.
type limitedListener struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	close  func() error
}

func newLimitedListener(listener net.Listener, places int) *limitedListener {
	l := &limitedListener{Listener: listener, places: make(chan struct{}, places), closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return listener.Close()
	})
	return l
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

func (l *limitedListener) Close() error { return l.close() }

type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// CloseWrite lets the server send an answer before it closes a connection of which it has not read everything.
func (c *limitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
