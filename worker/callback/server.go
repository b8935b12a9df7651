package callback

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/certificate"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// maxHeader bounds, with maxLoose and what a Receiver reads, the memory that strangers can take.
	maxHeader = 8 << 10

	// How long a connection may take for each of its steps; headerTime is for the TLS handshake too.
	headerTime = 5 * time.Second
	readTime   = headerTime + bodyTime // for who sends a body that nobody reads
	idleTime   = 30 * time.Second
	answerTime = 15 * time.Second // more than a request is held
)

// ServerOptions are the settings of a Server. The zero value of each field but Listen is its default.
type ServerOptions struct {
	Listen string // the TCP address, such as ":8080" or "127.0.0.1:0"

	// Path is the only one that is served: what is posted elsewhere is refused with 404, and logged. "/", the default,
	// takes what is posted to any path. It may be a secret, and is not logged.
	Path string

	// CertFile and KeyFile, in PEM, have it speak HTTPS. They are read again when they have changed, so that a certificate
	// that is renewed needs no restart.
	CertFile, KeyFile string

	// Grace is how long handlers may go on after a stop was asked for: 20 s.
	Grace time.Duration

	// Log is silent by default.
	Log zerolog.Logger
}

func (o ServerOptions) withDefaults() (ServerOptions, error) {
	if o.Path == "" {
		o.Path = "/"
	}
	if o.Grace == 0 {
		o.Grace = worker.Defaults().StopGrace
	}
	switch {
	case o.Listen == "":
		return o, errors.New("an address to listen on is needed")
	case !strings.HasPrefix(o.Path, "/"):
		return o, errors.New("the path must begin with /")
	case o.Grace < 0:
		return o, errors.New("the grace must not be negative")
	}
	return o, nil
}

// A Server serves a Receiver to whoever reaches it: HTTP/1, or HTTPS, with 5 s for a handshake and for a request's headers, of
// up to 8 KiB, and 30 s in which a connection may be idle. At most 3,072 connections are open that hold no event, or half of
// the files that the process may have open: then the one with the least to say is closed for the next. Create it with [Listen].
type Server struct {
	receiver *Receiver
	http     *http.Server
	listener net.Listener
	serve    func() error
	grace    time.Duration
}

// Listen returns a Server that listens: what comes before Run waits. It fails if the options make no sense, if there is no
// certificate where they name one, and if it can't listen.
func Listen(receiver *Receiver, opts ServerOptions) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	renewed, err := opts.certificate()
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	listener, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, err
	}
	return newServer(receiver, listener, placesFor(maxLoose), opts, renewed), nil
}

func newServer(
	receiver *Receiver, inner net.Listener, most int, opts ServerOptions, renewed *certificate.Renewed,
) *Server {
	odd := say.Sampled(opts.Log) // strangers decide how many there are
	listener := newListener(inner, most, say.Sampled(opts.Log))
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true) // to close a connection without an answer must not close those of others
	s := &Server{receiver: receiver, listener: listener, grace: opts.Grace}
	s.http = &http.Server{
		Handler:           listener.places.serve(atPath(opts.Path, receiver, odd)),
		ConnState:         watch,
		ConnContext:       withPlace,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          stdlog.New(warnings{odd, receiver}, "", 0),
		Protocols:         protocols,

		DisableGeneralOptionsHandler: true, // OPTIONS * is nothing else than others
	}
	s.serve = func() error { return s.http.Serve(s.listener) }
	if renewed == nil {
		listener.hello = spotTLS(receiver, odd)
	} else {
		s.http.TLSConfig = tlsConfig(renewed)
		s.serve = func() error { return s.http.ServeTLS(s.listener, "", "") }
	}
	opts.Log.Info().Str("listen", listener.Addr().String()).Bool("tls", renewed != nil).Msg("receiving callbacks")
	return s
}

// Addr returns the address that it listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Status returns that of its Receiver.
func (s *Server) Status() Status { return s.receiver.Status() }

// Run serves until ctx ends, and then stops everything, the Receiver too: see [Receiver.Shutdown]. What was begun is finished
// within the grace and 6 s. It returns nil after such a stop, and an error if it can't accept connections any more; then it
// has stopped everything too. It is to be called once, also if ctx has ended: nothing else closes what Listen opened.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-served: // such as no more file descriptors for good
		served <- http.ErrServerClosed
	}
	grace, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), s.grace, errors.New("the grace is over"))
	defer cancel()
	_ = s.receiver.Shutdown(grace, s.http) // it has logged what it could not finish
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	if err != nil {
		return fmt.Errorf("receive callbacks: %w", err)
	}
	return nil
}

// atPath serves one path; what is posted to "/" may be for any. VOD takes a 404 as delivered, so the log says that somebody posted elsewhere.
// The path may be a secret.
func atPath(path string, next http.Handler, log zerolog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path && (path != "/" || r.Method != http.MethodPost) {
			if r.Method == http.MethodPost {
				log.Warn().Str("from", r.RemoteAddr).
					Msg("request refused: it is not for the path that is served; if it was VOD's it does not come again")
			}
			leaveUnread(w, r)
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
