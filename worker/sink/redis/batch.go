package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	// connections is how many pipelines are under way at the same time: while one waits for its answers, the next is written.
	connections = 2

	// maxBatch bounds a pipeline, in bytes of bodies: a server may close a connection on which more than 1 MiB waits. A larger
	// body has a pipeline of its own, since a server that refuses it closes the connection.
	maxBatch = 512 << 10

	// silence is after how long without answers a connection is given up: who took over under the server's name is asked then.
	// A pipeline has the time of its bytes besides, at slowest a second.
	silence = 6 * time.Second
	slowest = 256 << 10

	// replicasTime is how long replicas may need. It is less than silence, so that the answer comes.
	replicasTime = 4 * time.Second

	// patience is how long an answer is waited for at most if an event's time has no end.
	patience = 5 * time.Minute

	// grace is for answers that come when the time of the last event is just over.
	grace = time.Second
)

// An entry is an event on its way.
type entry struct {
	stream string
	values []any
	size   int // of the body
	until  time.Time
	done   chan error // takes one without a wait
}

func (s *Sink) entry(ctx context.Context, e events.Event) (*entry, error) {
	m, err := sink.NewMessage(e, s.opts.Format)
	if err != nil {
		return nil, err
	}
	stream, err := s.stream.Of(e)
	if err != nil {
		return nil, err
	}
	fields := broker.Fields(e, m, "")
	values := make([]any, 0, 2*len(fields)+2)
	for _, f := range fields {
		values = append(values, f.Name, f.Value)
	}
	until, ends := ctx.Deadline()
	if !ends {
		until = time.Now().Add(patience)
	}
	return &entry{stream, append(values, "body", m.Body), len(m.Body), until, make(chan error, 1)}, nil
}

// write sends what comes, until Close.
func (s *Sink) write() {
	var first *entry
	for {
		if first == nil {
			select {
			case first = <-s.queue:
			case <-s.alive.Done():
				return
			}
		}
		var batch []*entry
		batch, first = s.gather(first)
		s.send(batch)
	}
}

// gather takes what waits besides the first, and waits for nothing. One that would make a pipeline too large begins the next.
func (s *Sink) gather(first *entry) (batch []*entry, next *entry) {
	batch = []*entry{first}
	for size := first.size; size < maxBatch && len(batch) < s.opts.MaxInFlight; size += next.size {
		select {
		case next = <-s.queue:
		default:
			return batch, nil
		}
		if size+next.size > maxBatch {
			return batch, next
		}
		batch = append(batch, next)
	}
	return batch, nil
}

// send adds entries in one pipeline, and tells each what became of it. An entry whose Handle has returned is added too: others wait
// behind it.
func (s *Sink) send(batch []*entry) {
	until, size := batch[0].until, 0
	for _, e := range batch {
		if size += e.size; e.until.After(until) {
			until = e.until
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), until.Add(grace))
	defer cancel()
	if err := s.ready(ctx, batch[0].size); err != nil {
		for _, e := range batch {
			e.done <- err
		}
		return
	}
	ctx, cancel = context.WithTimeout(ctx, s.silence+time.Duration(size)*time.Second/slowest)
	defer cancel()
	client := s.client
	if batch[0].size > smallestLimit { // a server that does not take it ends the connection, and what came next there would fail
		client = s.place.client(1)
		defer func() { _ = client.Close() }()
		defer context.AfterFunc(s.alive, func() { _ = client.Close() })()
	}
	pipe := client.Pipeline()
	added := make([]*goredis.StringCmd, len(batch))
	for i, e := range batch {
		added[i] = pipe.XAdd(ctx, &goredis.XAddArgs{Stream: e.stream, MaxLen: s.opts.MaxLen, Approx: true, Values: e.values})
	}
	var replicas *goredis.IntCmd
	if s.opts.Replicas > 0 { // it counts for what its own connection has written
		replicas = waitFor(ctx, s.opts.Replicas)
		_ = pipe.Process(ctx, replicas) // queued: its error comes with Exec
	}
	_, err := pipe.Exec(ctx)
	s.watch(err)
	if replicas != nil {
		s.caught.Store(replicas.Err() == nil && replicas.Val() >= int64(s.opts.Replicas))
	}
	for i, e := range batch {
		e.done <- s.outcome(added[i], replicas, err)
	}
}

// ready fails if nothing is to be added: the first, which is alone if it is large, is too large, or replicas would not get it.
func (s *Sink) ready(ctx context.Context, size int) error {
	ctx, cancel := context.WithTimeout(ctx, s.silence)
	defer cancel()
	if err := s.tooLarge(ctx, size); err != nil {
		return err
	}
	return s.catchUp(ctx)
}
