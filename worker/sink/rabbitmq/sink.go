package rabbitmq

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// A Sink publishes events to one exchange. It has one connection, which the first event makes.
//
// Handle returns nil once the broker has confirmed the event: each queue that it was routed to has it, in a file if the queue is durable,
// and a quorum queue on the disks of most of its members. An event that is too large, or whose fields make no routing key, is permanent. All else is
// unreachable, even if it is not known whether the event has arrived: a connection that is lost or blocked, an exchange that is not
// there, a refusal of the broker, and, unless Options say something else, no queue.
type Sink struct {
	opts Options
	target
	tlsConfig *tls.Config // nil: not encrypted
	login     func() (username, password string)
	name      string

	alive context.Context // until Close
	close context.CancelFunc

	// Each event has a slot until its outcome is known, even if nobody waits for that any more. Half of them are for such ones.
	slots  chan struct{}
	flying sync.WaitGroup

	turn chan struct{} // whoever is in it may publish, and use the line
	line line
	link atomic.Pointer[link] // nil: none yet
}

var _ sink.Sink = (*Sink)(nil)

// New returns a sink. It makes no connection, but reads the files of certificates. Its errors are those of [Options.Validate], and
// [*sink.OptionError] values about files.
func New(opts Options) (*Sink, error) {
	t, err := opts.parse()
	if err != nil {
		return nil, err
	}
	opts.MaxMessageBytes = cmp.Or(opts.MaxMessageBytes, defaultMaxMessageBytes)
	opts.MaxInFlight = cmp.Or(opts.MaxInFlight, sink.DefaultMaxInFlight)
	s := &Sink{opts: opts, target: t, login: opts.Login(), slots: make(chan struct{}, 2*opts.MaxInFlight), turn: make(chan struct{}, 1)}
	if t.tls {
		if s.tlsConfig, err = opts.TLS(); err != nil {
			return nil, err
		}
		s.tlsConfig.ServerName = t.host
	}
	s.name = t.server() + " " + s.place()
	s.line.trouble = say.Trouble{Log: opts.Log, What: "publish to " + s.name}
	s.alive, s.close = context.WithCancel(context.Background())
	return s, nil
}

// place is the exchange or, where it is the default one, the queue.
func (s *Sink) place() string {
	if s.opts.Exchange != "" {
		return say.OneLine("exchange "+s.opts.Exchange, 2*maxName)
	}
	return say.OneLine("queue "+s.opts.RoutingKey, 2*maxName)
}

// String names the broker, the vhost if it is not /, and the exchange, or the queue if it is the default exchange.
func (s *Sink) String() string { return s.name }

// Handle publishes e, and returns when the broker has confirmed it or ctx has ended. After that e may arrive all the same.
func (s *Sink) Handle(ctx context.Context, e events.Event) error {
	return broker.InTime(ctx, func(ctx context.Context) error { return s.handle(ctx, e) })
}

func (s *Sink) handle(ctx context.Context, e events.Event) error {
	since := time.Now()
	if ctx.Err() != nil {
		return s.ended(ctx)
	}
	m, err := s.message(e)
	if err != nil {
		return s.failure(err)
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return s.ended(ctx)
	}
	outcome := make(chan error, 1)
	s.flying.Go(func() {
		defer func() { <-s.slots }()
		outcome <- s.publish(ctx, m, since)
	})
	select {
	case err = <-outcome:
	case <-ctx.Done():
		select {
		case err = <-outcome:
		default:
			return s.ended(ctx)
		}
	}
	if err != nil {
		return s.failure(err)
	}
	return nil
}

// publish waits for the outcome, however long that takes: see [patient] and [link.abandon].
func (s *Sink) publish(ctx context.Context, m message, since time.Time) error {
	l, sent, err := s.send(ctx, m, since)
	if err != nil {
		return err
	}
	select {
	case <-sent.confirmed.Done():
	case <-ctx.Done():
		l.abandon(sent)
	}
	err = l.outcome(sent)
	if errors.Is(err, errUnroutable) && s.opts.Unroutable == UnroutableFails {
		return worker.Permanent(err)
	}
	if err != nil {
		return worker.Unreachable(err)
	}
	return nil
}

func (s *Sink) send(ctx context.Context, m message, since time.Time) (*link, attempt, error) {
	if err := s.link.Load().isBlocked(); err != nil { // whoever has the turn may be stuck in a write
		return nil, attempt{}, worker.Unreachable(err)
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, attempt{}, say.Ended(ctx)
	}
	l, err := s.connected(since)
	if ctx.Err() != nil {
		return nil, attempt{}, say.Ended(ctx)
	}
	if err == nil {
		err = l.isBlocked()
	}
	if err != nil {
		return nil, attempt{}, worker.Unreachable(err)
	}
	sent, err := l.publish(s.opts.Exchange, m)
	if err != nil {
		return nil, attempt{}, worker.Unreachable(err)
	}
	return l, sent, nil
}

func (s *Sink) failure(err error) error { return fmt.Errorf("%s: %w", s.name, err) }

func (s *Sink) ended(ctx context.Context) error { return s.failure(say.Ended(ctx)) }

// Close ends the connection. It takes a second at most.
func (s *Sink) Close() error {
	s.close()
	if l := s.link.Load(); l != nil {
		l.close()
	}
	s.flying.Wait()
	return nil
}
