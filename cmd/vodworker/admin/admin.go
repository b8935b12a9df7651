// Package admin shows an operator what a process does: probes, metrics, and the status page. It changes nothing in the worker.
package admin

import (
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// Options are the settings of a Server.
type Options struct {
	Listen string // the TCP address, such as "127.0.0.1:9464"

	// Token is what the page and its data ask for: as the password of any name, or as a bearer. Without one they are there only
	// where Listen is of this machine alone.
	Token string

	// Pprof serves Go's profiles to whoever has the token; without a token it does nothing.
	Pprof bool

	// Metrics answers scrapes; nil: there are none.
	Metrics http.Handler

	Log zerolog.Logger
}

// A Process is what a Server shows.
type Process struct {
	Applications []Application

	// Inbox tells of the inbox; nil if there is none. Handlers may take its InboxWindow for an event.
	Inbox       func() inbox.Status
	InboxWindow time.Duration

	// Callback is where callbacks are received; nil if they are not.
	Callback net.Addr

	// Page is served to whoever may see events; nil: there is none.
	Page http.Handler

	// Stopping is closed when the process is told to end.
	Stopping <-chan struct{}
}

// An Application is one queue that is consumed.
type Application struct {
	Name   string
	Window time.Duration // of its leases
	Status func() worker.Status
}

// A Server answers operators and what they have watch the process. Create it with [Listen], and close it. Nil is one that is nowhere.
type Server struct {
	listener net.Listener
	http     *http.Server
	served   chan error
	process  atomic.Pointer[running] // nil: it is not assembled yet
}

// A running Process has begun.
type running struct {
	Process
	since time.Time
}

const (
	headerTime = 5 * time.Second
	answerTime = 40 * time.Second // a profile of half a minute; nothing else takes a second
	maxHeader  = 16 << 10         // bytes
)

// Listen returns a Server that answers from now on: that the process lives and is not ready, until [Server.Begin].
func Listen(o Options) (*Server, error) {
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{listener: listener, served: make(chan error, 1)}
	s.http = &http.Server{
		DisableGeneralOptionsHandler: true, // OPTIONS * is nothing else than others

		Handler:           protect(s.handler(o)),
		ConnState:         newCrowd().watch,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       answerTime,
		WriteTimeout:      answerTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          stdlog.New(complaints{o.Log}, "", 0),
	}
	go func() { s.served <- s.http.Serve(listener) }()
	if o.Token == "" && !onlyHere(listener.Addr()) {
		o.Log.Info().Msg("admin.listen can be reached from other machines, and admin.token is not set: probes and metrics are there, and no page")
	}
	return s, nil
}

// complaints are what net/http has to say, such as of a panic. They go to the log, as a line of it.
type complaints struct{ log zerolog.Logger }

func (c complaints) Write(text []byte) (int, error) {
	c.log.Warn().Str("error", strings.TrimSpace(string(text))).Msg("the HTTP server says")
	return len(text), nil
}

// Begin has the Server show a process. Nil shows none.
func (s *Server) Begin(p Process) {
	if s != nil {
		s.process.Store(&running{p, time.Now()})
	}
}

// URL returns where it answers; of nil "".
func (s *Server) URL() string {
	if s == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Close ends the Server at once.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	err := s.http.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("status page: %w", err)
	}
	return nil
}

// handler is all that is served. What says nothing of events is for everybody: neither the kubelet nor Prometheus has a token.
func (s *Server) handler(o Options) http.Handler {
	open := http.NewServeMux()
	open.HandleFunc("GET /livez", s.livez)
	open.HandleFunc("GET /readyz", s.readyz)
	if o.Metrics != nil {
		open.Handle("GET /metrics", o.Metrics)
	}

	shut := http.NewServeMux()
	if o.Pprof && o.Token != "" {
		shut.Handle("/debug/pprof/", profiles())
	} else {
		shut.HandleFunc("/debug/pprof/", http.NotFound)
	}
	shut.HandleFunc("/", s.page)
	open.Handle("/", guard(o.Token, onlyHere(s.listener.Addr()), shut))
	return open
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	switch p := s.process.Load(); {
	case p == nil:
		http.Error(w, "It is starting.", http.StatusServiceUnavailable)
	case p.Page == nil:
		http.NotFound(w, r)
	default:
		p.Page.ServeHTTP(w, r)
	}
}

// onlyHere reports whether an address that is listened on can be reached from this machine alone.
func onlyHere(address net.Addr) bool {
	tcp, is := address.(*net.TCPAddr)
	return is && tcp.IP.IsLoopback()
}
