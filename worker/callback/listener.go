package callback

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"

	"github.com/rs/zerolog"
)

// A listener lets everybody in. When its places are taken, the one with the least to say makes room.
type listener struct {
	net.Listener
	places *places
	log    zerolog.Logger
	hello  func(from net.Addr, first byte) // nil: what comes first does not matter
	closed chan struct{}
	close  func() error
}

func newListener(inner net.Listener, most int, log zerolog.Logger) *listener {
	l := &listener{Listener: inner, places: newPlaces(most), log: log, closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return inner.Close()
	})
	return l
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	for outOfFiles(err) && l.places.cutLeast() {
		conn, err = l.Listener.Accept()
	}
	if err != nil {
		return nil, err
	}
	if l.places.makeRoom(l.closed) {
		l.log.Warn().Int("connections", l.places.most).Msg("all places are taken: connections that say nothing are closed for new ones")
	}
	c := l.places.add(conn)
	c.hello = l.hello
	return c, nil
}

func outOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

func (l *listener) Close() error { return l.close() }

// watch follows a server's connections.
func watch(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateActive: // with a whole header
		placeOf(conn).to(reading)
	case http.StateIdle:
		placeOf(conn).to(idle)
	}
}

// serve lets go of whoever next has answered, and tells him not to stay where it is crowded.
func (p *places) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer placeIn(r.Context()).to(idle)
		if p.crowded() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
