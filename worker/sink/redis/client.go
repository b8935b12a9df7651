package redis

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// dialTimeout is for a connection and its TLS.
	dialTimeout = 2 * time.Second

	// idleTimeout closes a connection that a firewall in between may have forgotten, or that the server has closed, which is not
	// noticed with TLS: what is sent there gets no answer.
	idleTimeout = 20 * time.Second
)

// A place is a Redis, and how to log in.
type place struct {
	target
	tls   *tls.Config // nil: connections are not encrypted
	login func() (username, password string)
	sent  atomic.Pointer[sent]
}

// A sent is the last login that was sent: an answer may quote it.
type sent struct{ username, password string }

// client returns one of so many connections at most. It connects when it is first used, and tries everything once.
func (p *place) client(connections int) *goredis.Client {
	return goredis.NewClient(&goredis.Options{
		Addr: p.address,
		DB:   p.db,
		Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := p.dial(ctx, network, address)
			if err != nil {
				return unreached(err), nil
			}
			return conn, nil
		},
		CredentialsProviderContext: func(context.Context) (username, password string, err error) {
			username, password = p.login()
			p.sent.Store(&sent{username, password})
			if username == defaultUser {
				username = "" // an old server knows passwords only
			}
			return username, password, nil
		},

		MaxRetries: -1, // an XADD that is sent again after a time-out is stored twice

		ContextTimeoutEnabled: true, // nothing else ends the wait for an answer
		ReadTimeout:           -1,
		WriteTimeout:          -1,
		DialTimeout:           dialTimeout,
		DialerRetries:         1,

		PoolSize:         connections,
		PipelinePoolSize: -1, // it would be a second pool
		ConnMaxIdleTime:  idleTimeout,

		// What old servers and proxies do not know.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// defaultUser is who logs in with a password alone.
const defaultUser = "default"

func (p *place) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if p.tls == nil {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return (&tls.Dialer{Config: p.tls}).DialContext(ctx, network, address)
}

// A noConnection fails with why there is none. The client's pool gets it in the place of an error: of those it writes lines to stderr,
// and after some it fails for up to a second without a try.
type noConnection struct {
	net.Conn
	why error
}

func unreached(why error) net.Conn {
	conn, _ := net.Pipe() // nobody is at its other end, but it takes deadlines
	return noConnection{conn, &wrapped{&unreachedError{why}}}
}

func (c noConnection) Write([]byte) (int, error) { return 0, c.why }
func (c noConnection) Read([]byte) (int, error)  { return 0, c.why }

// An unreachedError says that there was no connection, so that nothing was sent.
type unreachedError struct{ error }

func (e *unreachedError) Unwrap() error { return e.error }

// wrapped is an error of which the client may take off the outermost.
type wrapped struct{ error }

func (e *wrapped) Unwrap() error { return e.error }
