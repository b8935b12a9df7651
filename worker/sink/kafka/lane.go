package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// renewEvery is how much time lies between the first two new clients at least. It doubles up to renewMost: an error that stays, of
	// one topic maybe, costs the others little.
	renewEvery = time.Second
	renewMost  = time.Minute

	// drainTime is what a client that was replaced has for what is on its way.
	drainTime = 10 * time.Second
)

// A lane is a way to the brokers: a client, and another in its place when it can't go on.
type lane struct {
	ctx  context.Context // the sink's
	opts []kgo.Opt

	// turn has room for those who may hand over at the same time, each of whom puts something into it before. Nil: for all.
	turn chan struct{}

	mu     sync.Mutex
	client *kgo.Client
	made   time.Time      // when it took another's place
	pause  time.Duration  // from then until one may take its own
	drains bool           // one that was replaced still has something on its way
	old    sync.WaitGroup // those that were replaced
}

func newLane(ctx context.Context, common []kgo.Opt, opts ...kgo.Opt) (*lane, error) {
	l := &lane{ctx: ctx, opts: append(opts, common...)}
	client, err := kgo.NewClient(l.opts...)
	l.client = client
	return l, err
}

// hand gives a record to the client. Then has is called once; it must not block. The client sees no context of one event: one that ends
// would have all fail that are in a partition's buffer with it.
func (l *lane) hand(r *kgo.Record, has func(error)) {
	client := l.now()
	client.TryProduce(l.ctx, r, func(_ *kgo.Record, err error) {
		l.learn(client, err)
		has(err)
		if l.turn != nil {
			<-l.turn
		}
	})
}

// leave gives up a record that nobody waits for any more where others wait for its turn. It is the only one of its client.
func (l *lane) leave() {
	if l.turn != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.replace(func(old *kgo.Client) {})
	}
}

func (l *lane) now() *kgo.Client {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client
}

// learn looks at what became of a record. A topic that is not there, or not open to us, the client looks for by itself. But some
// errors it never gets over: it knows a topic by an ID that ends with it, also if one of the same name is made, and an error about its
// own ID as a producer stays. To have it forget the topic alone would be no way: it would begin with the same numbers again, and a
// broker could take a new event for an old one, and lose it.
func (l *lane) learn(client *kgo.Client, err error) {
	switch {
	case err == nil, isRefusal(err), errors.Is(err, kgo.ErrMaxBuffered),
		errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.TopicAuthorizationFailed):
	default:
		l.renew(client)
	}
}

// renew has another client take the place of one that failed. Of those that were replaced one at most still writes.
func (l *lane) renew(failed *kgo.Client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := time.Since(l.made)
	if l.client != failed || l.drains || since < l.pause {
		return
	}
	if since > 2*renewMost {
		l.pause = 0 // it was well for long
	}
	l.pause = min(max(2*l.pause, renewEvery), renewMost)
	l.drains = l.replace(func(old *kgo.Client) {
		ctx, cancel := context.WithTimeout(l.ctx, drainTime)
		defer cancel()
		_ = old.Flush(ctx) // who waits hears of it
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drains = false
	})
}

// replace closes the client after it has ended what it has to. It must hold mu.
func (l *lane) replace(end func(old *kgo.Client)) bool {
	if l.ctx.Err() != nil {
		return false
	}
	client, err := kgo.NewClient(l.opts...)
	if err != nil {
		return false // the options have not changed, so it is none of theirs
	}
	old := l.client
	l.client, l.made = client, time.Now()
	l.old.Go(func() {
		end(old)
		old.Close()
	})
	return true
}

func (l *lane) close() {
	if client := l.now(); client != nil {
		client.Close()
	}
	l.old.Wait()
}
