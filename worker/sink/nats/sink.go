// Package nats hands events to NATS: each is a message in a JetStream stream.
//
// An event counts as accepted when the stream has said that it has it. See README.md for what that takes, and for what can be lost
// or doubled.
package nats

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// Sink publishes each event to a subject of a stream. All of them share one connection.
//
// The message is the Body of a [sink.Message], with headers: content-type, vod-event-type, vod-event-id, vod-file-id, vod-task-id,
// vod-sub-app-id, traceparent, and in [sink.FormatCloudEventsBinary] the attributes as ce-type and so on. An event that can't repeat
// has a Nats-Msg-Id too, by which the stream drops a second one like it.
type Sink struct {
	opts Options
	parsed
	name string
	tls  *tls.Config // nil: connections are not encrypted

	login func() (username, password string)
	token func() string

	life context.Context // ends with Close
	end  context.CancelFunc

	slots      chan struct{} // one for each event that is being published
	publishing sync.WaitGroup

	mu   sync.Mutex
	last *attempt // the last one to connect; nil before the first
	lost bool     // a connection was, and none was made since
}

var _ sink.Sink = (*Sink)(nil)

// New returns a sink. It fails if the options are not valid, and with an [*sink.OptionError] if a certificate or the credentials can't
// be read. It connects to nothing: the first Handle does.
func New(opts Options) (*Sink, error) {
	parsed, err := opts.parse()
	if err != nil {
		return nil, err
	}
	if err := opts.checkCredentials(); err != nil {
		return nil, err
	}
	s := &Sink{
		opts: opts, parsed: parsed,
		name:  fmt.Sprintf("stream %s, subject %s, at %s", opts.Stream, opts.Subject, strings.Join(parsed.hosts, ", ")),
		login: opts.Login(), token: opts.Renewed(opts.Token, "token_file", opts.TokenFile),
		slots: make(chan struct{}, 2*cmp.Or(opts.MaxInFlight, sink.DefaultMaxInFlight)),
	}
	if parsed.encrypted {
		if s.tls, err = opts.TLS(); err != nil {
			return nil, err
		}
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Handle publishes e, once, and waits as long as ctx lasts for the stream to say that it has it. What the stream says is a duplicate
// it has too. [worker.Permanent] are a message that is larger than the server or the stream takes, and a subject that can't be made
// of the event's fields. All else is [worker.Unreachable], also where nobody knows whether the stream has it.
func (s *Sink) Handle(ctx context.Context, e events.Event) error {
	return broker.InTime(ctx, func(ctx context.Context) error { return s.handle(ctx, e) })
}

func (s *Sink) handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("publish to %s: not published: %w", s.name, say.Ended(ctx))
	}
	m, err := s.message(e)
	if err != nil {
		return fmt.Errorf("publish to %s: %w", s.name, err)
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("publish to %s: not published, a connection hangs: %w", s.name, say.Ended(ctx))
	}
	done := make(chan error, 1)
	s.publishing.Go(func() { // a write may hang, whatever ctx says
		defer func() { <-s.slots }()
		done <- s.publish(ctx, m)
	})
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("publish to %s: no answer in time: %w", s.name, say.Ended(ctx))
	}
	return fmt.Errorf("publish to %s: %w", s.name, judged(err))
}

func (s *Sink) publish(ctx context.Context, m message) error {
	to, err := s.link(ctx)
	if err != nil {
		return err
	}
	return to.publish(ctx, m, s.opts.Stream)
}

// String returns the names of the stream and of the subject, and the servers' hosts.
func (s *Sink) String() string { return s.name }

// Close ends the connection. It returns nil.
func (s *Sink) Close() error {
	s.end()
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil {
		if <-last.done; last.link != nil {
			last.link.close()
		}
	}
	s.publishing.Wait()
	return nil
}
