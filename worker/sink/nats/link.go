package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// connectTimeout is how long one server may take to be connected to.
	connectTimeout = 5 * time.Second

	// A server that has answered no ping for three intervals is gone: within the 30 s that VOD gives an event.
	pingInterval = 5 * time.Second

	// writeTimeout is how long a write may hang. Nothing else can be written meanwhile.
	writeTimeout = 10 * time.Second

	// noDeadline is how long an answer is waited for when the context has no end: the client needs one.
	noDeadline = 24 * time.Hour
)

// A link is a connection. It is not made again when it is lost: what is in flight fails at once, nothing is kept to be sent later, and
// the next event makes another one.
type link struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	closed  chan struct{} // when it is lost, or was closed
	closing atomic.Bool   // by us: nobody need be told

	mu      sync.Mutex
	socket  net.Conn
	refused error // why the last server could not be dialed
	denied  error // why no answer will come on this connection, to anything
	waiting map[*waiting]struct{}
}

// waiting is somebody who waits for an answer to what was published to a subject.
type waiting struct {
	subject string
	cancel  context.CancelCauseFunc
}

// connect ends when ctx does. It calls lost, once, if the connection is lost before it is closed.
func (s *Sink) connect(ctx context.Context, lost func(error)) (*link, error) {
	l := &link{closed: make(chan struct{}), waiting: map[*waiting]struct{}{}}
	options := nats.GetDefaultOptions()
	options.Name, options.TLSConfig, options.Secure = "vodworker", s.tls, s.tls != nil
	options.AllowReconnect, options.IgnoreDiscoveredServers = false, true
	options.Timeout, options.PingInterval, options.FlusherTimeout = connectTimeout, pingInterval, writeTimeout
	options.ReconnectOnFlusherError = true // that is, it ends
	options.CustomDialer, options.SkipHostLookup = dialer{ctx, l}, true
	options.AsyncErrorCB = func(_ *nats.Conn, _ *nats.Subscription, err error) { l.deny(err) }
	options.ClosedCB = func(conn *nats.Conn) {
		if !l.closing.Load() {
			lost(conn.LastError())
		}
		close(l.closed)
	}
	if err := s.logIn(&options); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, l.cut)
	defer stop()
	var err error
	if l.conn, err = l.dial(options, s.servers); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if l.js, err = jetstream.New(l.conn, jetstream.WithDefaultTimeout(noDeadline)); err != nil {
		l.close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return l, nil
}

// dial connects to one of the servers, in any order. If none can be, it says why of each: the client would say it of the last.
func (l *link) dial(options nats.Options, servers []string) (conn *nats.Conn, err error) {
	for _, n := range rand.Perm(len(servers)) {
		options.Servers = servers[n : n+1]
		conn, why := options.Connect()
		if why == nil {
			return conn, nil
		}
		if errors.Is(why, nats.ErrNoServers) {
			why = l.lastRefused()
		}
		if why = fmt.Errorf("%s: %w", servers[n], why); err != nil {
			why = fmt.Errorf("%w; %w", err, why)
		}
		err = why
	}
	return nil, err
}

func (l *link) lastRefused() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return cmp.Or(l.refused, nats.ErrNoServers)
}

func (s *Sink) logIn(options *nats.Options) error {
	switch {
	case s.opts.CredentialsFile != "":
		return nats.UserCredentials(s.opts.CredentialsFile)(options)
	case s.opts.Token != "":
		return nats.TokenHandler(s.token)(options)
	case s.opts.Username != "":
		return nats.UserInfoHandler(s.login)(options)
	}
	return nil
}

// A dialer shows the link its socket. The socket and ctx end what the client has no context for.
type dialer struct {
	ctx context.Context
	*link
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	socket, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(d.ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.socket, d.refused = socket, err; err != nil {
		return nil, err
	}
	if d.ctx.Err() != nil { // cut was called before there was a socket
		_ = socket.Close()
	}
	return socket, nil
}

// cut ends the connection even if a write hangs.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket != nil {
		_ = l.socket.Close()
	}
}

// close waits until all that belongs to the connection has ended.
func (l *link) close() {
	l.closing.Store(true)
	l.cut()
	l.conn.Close()
	<-l.closed
}

func (l *link) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// publish returns nil when the stream has the message. That nobody answers at all proves that it has not, so the client tries that
// again, twice in half a second: a stream may be choosing its leader.
func (l *link) publish(ctx context.Context, m message, stream string) error {
	options := []jetstream.PublishOpt{jetstream.WithExpectStream(stream)}
	if m.id != "" {
		options = append(options, jetstream.WithMsgID(m.id))
	}
	return l.await(ctx, m.Subject, func(ctx context.Context) error {
		_, err := l.js.PublishMsg(ctx, m.Msg, options...)
		if _, broken := errors.AsType[*net.OpError](err); broken {
			l.cut() // what others had written with it is gone as well
		}
		return err
	})
}

// errDenied says that an answer will never come. The server says so on the connection, and not to whom.
var errDenied = errors.New("not permitted")

// await calls ask with a context that ends when the server denies what is asked on this subject.
func (l *link) await(ctx context.Context, subject string, ask func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &waiting{subject, cancel}
	l.mu.Lock()
	if l.denied != nil {
		defer l.mu.Unlock()
		return l.denied
	}
	l.waiting[w] = struct{}{}
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiting, w)
	}()
	err := ask(ctx)
	if denied := context.Cause(ctx); err != nil && errors.Is(denied, errDenied) {
		return denied
	}
	return err
}

// deny answers those who wait in vain: who has published what this user may not, and all, if it may not subscribe to answers. The
// client subscribes once: whether it may by then takes another connection.
func (l *link) deny(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	text := err.Error()
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(text, "Subscription to") {
		l.denied = fmt.Errorf("this user is %w to subscribe to _INBOX.>, where answers come", errDenied)
		l.closing.Store(true)
		defer func() { _ = l.socket.Close() }() // when all know why
	}
	for w := range l.waiting {
		switch {
		case l.denied != nil:
			w.cancel(l.denied)
		case strings.Contains(text, strconv.Quote(w.subject)):
			w.cancel(fmt.Errorf("this user is %w to publish to %s", errDenied, w.subject))
		}
	}
}
