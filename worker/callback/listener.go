package callback

import (
	"net"
	"sync"
)

// A limitedListener accepts a connection only when fewer are open than may be.
type limitedListener struct {
	net.Listener
	open   chan struct{} // as many as may be
	closed chan struct{}
	close  func() error
}

func newLimitedListener(listener net.Listener, most int) *limitedListener {
	l := &limitedListener{Listener: listener, open: make(chan struct{}, most), closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return listener.Close()
	})
	return l
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.open })}, nil
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
