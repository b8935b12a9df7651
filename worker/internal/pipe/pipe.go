// Package pipe is a network in memory. Tests in a synctest bubble need one for a real server: a bubble waits for what goes
// over sockets as if it were never to come.
package pipe

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// A Listener accepts what Dial connects. Create it with [Listen].
type Listener struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

// Listen returns a Listener, to be given to an http.Server's Serve.
func Listen() *Listener {
	done := make(chan struct{})
	return &Listener{conns: make(chan net.Conn), done: done, close: sync.OnceFunc(func() { close(done) })}
}

// Dial connects to the Listener whatever the address; it fits an http.Transport's DialContext. It waits until the
// connection is accepted, and fails with [net.ErrClosed] if the Listener is closed.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept returns the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial. Connections live on.
func (l *Listener) Close() error {
	l.close()
	return nil
}

// Addr returns an address that says nothing.
func (l *Listener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// Serve serves a handler until a test ends. It returns a transport that connects to it whatever the address.
func Serve(t interface{ Cleanup(func()) }, handler http.Handler) *http.Transport {
	listener := Listen()
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }() // until it is closed
	transport := &http.Transport{DialContext: listener.Dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	})
	return transport
}
