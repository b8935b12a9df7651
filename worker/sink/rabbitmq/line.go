package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// A line is what is known of the connections of a sink. It is for whoever has the turn.
type line struct {
	failed time.Time // when the last try failed
	why    error
	pause  time.Duration // before the next try
	next   time.Time     // when that may begin

	trouble say.Trouble
}

const (
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// fail notes that a try to connect has failed, or that a connection was lost which is likely to be lost again.
func (n *line) fail(now time.Time, err error) {
	n.failed, n.why = now, err
	n.pause = min(max(2*n.pause, minPause), maxPause)
	n.next = now.Add(n.pause)
	n.trouble.Report(now, err)
}

// connected returns the link, and makes one if there is none. Whoever calls it has the turn. A try that failed is the answer to all who
// have waited since before it; who comes later waits for the next one.
func (s *Sink) connected(since time.Time) (*link, error) {
	n, l := &s.line, s.link.Load()
	switch {
	case l == nil:
	case !l.channel.IsClosed() && !l.crowded.Load():
		if l.proven.Load() {
			n.trouble.Over(time.Now())
		}
		return l, nil
	default:
		<-l.gone
		s.link.Store(nil)
		if l.proven.Load() && !l.ill {
			n.pause = 0
			n.trouble.Report(l.at, l.why)
		} else {
			n.fail(l.at, l.why)
		}
	}
	if n.failed.After(since) {
		return nil, n.why
	}
	select {
	case <-time.After(time.Until(n.next)):
	case <-s.alive.Done():
		return nil, errClosed
	}
	l, err := s.newLink()
	if err != nil {
		n.fail(time.Now(), err)
		return nil, err
	}
	return l, nil
}

var errClosed = errors.New("it is closed")

func (s *Sink) newLink() (l *link, err error) {
	err = s.dial(s.alive, func(conn *amqp.Connection, raw net.Conn) error {
		if err := s.seeExchange(conn); err != nil {
			return err
		}
		var w *watched
		if l, w, err = newLink(conn, raw, cap(s.slots)); err != nil {
			return err
		}
		s.flying.Go(func() { l.watch(w, s.opts.Log) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.link.Store(l)
	if s.alive.Err() != nil { // Close may have looked before
		l.close()
		return nil, errClosed
	}
	return l, nil
}

// connectTime is what it may take until a message can be published.
const connectTime = 10 * time.Second

// dial connects, logs in and calls use, which ends in time too. If that fails the connection is closed.
func (s *Sink) dial(ctx context.Context, use func(*amqp.Connection, net.Conn) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, connectTime, fmt.Errorf("no answer in %v", connectTime))
	defer cancel()
	stream, raw, err := s.dialRaw(ctx)
	if err != nil {
		return s.unreached(ctx, err)
	}
	end := context.AfterFunc(ctx, func() { _ = raw.Close() })
	conn, err := amqp.Open(stream, s.config())
	if err == nil {
		err = use(conn, raw)
		if err != nil {
			hangUp(conn, raw)
		}
	} else {
		err = s.notOpened(err)
		_ = raw.Close()
	}
	if !end() {
		return s.unreached(ctx, context.Cause(ctx))
	}
	return err
}
