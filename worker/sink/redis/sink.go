// Package redis adds events to a stream of Redis.
package redis

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/internal/say"
	"github.com/vodworker/vodworker/worker/sink"
)

// Sink adds each event to a stream, as an entry of these fields:
//
//	content-type, vod-event-type, vod-event-id, vod-file-id, vod-task-id, vod-sub-app-id, traceparent: those that it has
//	body: the Body of a [sink.Message]
//
// An event counts as accepted when Redis has answered with the entry's id, and with Replicas when so many have it in their memory.
type Sink struct {
	opts   Options
	place  *place
	stream broker.Name
	name   string

	client  *goredis.Client
	queue   chan *entry     // without a buffer: what is in it was surely not sent
	alive   context.Context // until Close
	end     context.CancelFunc
	writers sync.WaitGroup
	silence time.Duration
	caught  atomic.Bool // so many replicas as are asked for had all, when it was last asked

	troubled sync.Mutex
	trouble  say.Trouble
}

var _ sink.Sink = (*Sink)(nil)

// New returns a sink. It fails if the options are not valid, and with an [*sink.OptionError] if a certificate can't be used. It connects
// to nothing yet.
func New(opts Options) (*Sink, error) {
	to, stream, err := opts.parse()
	if err != nil {
		return nil, err
	}
	opts.MaxInFlight = cmp.Or(opts.MaxInFlight, sink.DefaultMaxInFlight)
	s := &Sink{
		opts: opts, stream: stream, place: &place{target: to, login: opts.Login()},
		name:  fmt.Sprintf("%v stream %s", to, say.OneLine(opts.Stream, maxName)),
		queue: make(chan *entry), silence: silence,
	}
	s.trouble = say.Trouble{Log: opts.Log, What: "redis: connect to " + s.name}
	if to.encrypted {
		if s.place.tls, err = opts.TLS(); err != nil {
			return nil, err
		}
	}
	s.alive, s.end = context.WithCancel(context.Background())
	s.client = s.place.client(connections)
	for range connections {
		s.writers.Go(s.write)
	}
	return s, nil
}

// maxName is how much of a stream's key is shown, in bytes.
const maxName = 100

// Handle adds e, and waits for the answer as long as ctx lasts. Nil means that Redis has it. A field that can't stand in the stream's
// name, and an event that is larger than the server takes, are [worker.Permanent]; all other errors are [worker.Unreachable], also if
// nobody knows whether the event was added. If ctx ended first the error wraps ctx.Err(), and the event may be added still.
func (s *Sink) Handle(ctx context.Context, e events.Event) error {
	if ctx.Err() != nil {
		return fmt.Errorf("add to %s: not added: %w", s.name, say.Ended(ctx))
	}
	if err := broker.InTime(ctx, func(ctx context.Context) error { return s.add(ctx, e) }); err != nil {
		return fmt.Errorf("add to %s: %w", s.name, err)
	}
	return nil
}

func (s *Sink) add(ctx context.Context, e events.Event) error {
	entry, err := s.entry(ctx, e)
	if err != nil {
		return err
	}
	select {
	case s.queue <- entry:
	case <-ctx.Done():
		return fmt.Errorf("not added, since events before it have no answer yet: %w", say.Ended(ctx))
	}
	select {
	case err = <-entry.done:
	case <-ctx.Done():
		select {
		case err = <-entry.done:
		default:
			err = errNoAnswer
		}
	}
	if err != nil && ctx.Err() != nil && !worker.IsPermanent(err) {
		return fmt.Errorf("no answer, it may be added still: %w", say.Ended(ctx)) // whatever the reason, it is nobody's fault
	}
	return err
}

// String names the server, the database and the stream.
func (s *Sink) String() string { return s.name }

// Close closes the connections. Nobody learns any more what becomes of an event that is under way, whose Handle has returned.
func (s *Sink) Close() error {
	s.end()
	err := s.client.Close()
	s.writers.Wait()
	return err
}
