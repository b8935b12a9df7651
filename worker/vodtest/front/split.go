package front

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// splitting accepts connections of http and of https.
type splitting struct {
	net.Listener
	server *Server
}

func (l splitting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, read: bufio.NewReaderSize(c, maxConnect), server: l.server}, nil
}

// A conn finds out at the first Read what its client speaks: http; https, whose handshake it does; or the proxy's CONNECT, which
// it answers, and then https. That is in the goroutine that the HTTP server has for it, within the time that this has for a
// request's header, so that a slow client keeps nobody waiting.
type conn struct {
	net.Conn
	read   *bufio.Reader
	server *Server
	opened bool
	name   string                   // by which an https client has called it; "" by an address, and by http
	tls    atomic.Pointer[tls.Conn] // nil: http. Close may come at any time.
}

const recordOfHandshake = 0x16 // with which TLS begins, and no method of HTTP

func (c *conn) Read(p []byte) (int, error) {
	if !c.opened {
		c.opened = true
		if err := c.open(); err != nil {
			return 0, err
		}
	}
	if secured := c.tls.Load(); secured != nil {
		return secured.Read(p)
	}
	return c.read.Read(p)
}

func (c *conn) open() error {
	first, err := c.read.Peek(1)
	if err != nil {
		return err
	}
	host := ""
	if c.server.proxy && first[0] == 'C' {
		if host, err = c.connect(); err != nil {
			return err
		}
	}
	if host == "" && (first[0] != recordOfHandshake || c.server.Authority == nil) {
		return nil
	}
	return c.secure(host)
}

// secure does the handshake: for the host of a CONNECT, or, if that is "", for the one that the client names.
func (c *conn) secure(host string) error {
	secured := tls.Server(unread{c.Conn, c.read}, &tls.Config{
		MinVersion:             tls.VersionTLS12,
		NextProtos:             []string{"http/1.1"}, // a broken connection is that of one call
		SessionTicketsDisabled: true,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.certificate(host, weburl.Host(hello.ServerName))
		},
	})
	c.tls.Store(secured)
	if err := secured.Handshake(); err != nil {
		c.server.tell(err)
		return io.EOF // nothing may be answered
	}
	return nil
}

// certificate returns that of the host of a CONNECT, or of the one that the client names, if any. Some name an address.
func (c *conn) certificate(host, named string) (*tls.Certificate, error) {
	switch {
	case host != "" && named != "" && named != host:
		return nil, foreignName(named)
	case host != "":
		c.name = host
	case net.ParseIP(named) == nil:
		c.name = named
	}
	return c.server.Authority.leaf(c.name)
}

func (c *conn) Write(p []byte) (int, error) {
	if secured := c.tls.Load(); secured != nil {
		return secured.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *conn) Close() error {
	if secured := c.tls.Load(); secured != nil {
		return secured.Close()
	}
	return c.Conn.Close()
}

// CloseWrite lets the client read the last answer before it hears that nobody reads what it still sends.
func (c *conn) CloseWrite() error {
	if secured := c.tls.Load(); secured != nil {
		return secured.CloseWrite()
	}
	if closer, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return closer.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *conn) state() *tls.ConnectionState {
	secured := c.tls.Load()
	if secured == nil {
		return nil
	}
	state := secured.ConnectionState()
	return &state
}

// unread is a connection of which something has been read.
type unread struct {
	net.Conn
	read *bufio.Reader
}

func (u unread) Read(p []byte) (int, error) { return u.read.Read(p) }
