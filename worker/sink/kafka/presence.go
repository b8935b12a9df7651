package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// lookEvery is how long who waits for an answer waits before brokers are asked whether they are there.
	lookEvery = time.Second

	// grace is how long nobody may be there before those who wait give up: the client goes on, and a broker that starts again within
	// that time costs no duplicates.
	grace = 10 * time.Second

	lookTime = 3 * time.Second // that a broker has to say that it is there
)

// A presence knows whether brokers are there. The client itself tries for as long as it has events, and tells nobody why.
type presence struct {
	ctx   context.Context // the sink's
	ping  func() error
	log   zerolog.Logger
	every time.Duration
	grace time.Duration
	looks sync.WaitGroup

	mu      sync.Mutex
	looking chan struct{} // closed after the look that is under way; nil: none is
	last    time.Time     // when somebody was there last
	since   time.Time     // when nobody was there first; zero: somebody is
	gone    error         // why nobody is there, once that was so for long enough; nil: somebody is
}

// errNew has the first event look before it is handed over.
var errNew = errors.New("nobody has looked yet")

// ask returns nil if an event may be handed over. Is nobody there, it looks again first.
func (p *presence) ask(ctx context.Context) error {
	if p.away() == nil {
		return nil
	}
	select {
	case <-p.look():
	case <-ctx.Done():
		return say.Ended(ctx)
	}
	if err := p.away(); err != nil {
		return worker.Unreachable(err)
	}
	return nil
}

func (p *presence) away() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// seen says that a broker has answered.
func (p *presence) seen() { p.learn(time.Time{}, nil) }

// look looks, once for all who ask at the same time, and returns what is closed then.
func (p *presence) look() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.looking != nil {
		return p.looking
	}
	done := make(chan struct{})
	p.looking = done
	p.looks.Go(func() {
		began := time.Now()
		if err := p.ping(); err == nil || p.ctx.Err() == nil {
			p.learn(began, err)
		}
		p.mu.Lock()
		p.looking = nil
		p.mu.Unlock()
		close(done)
	})
	return done
}

func (p *presence) learn(began time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		if p.gone != nil && !errors.Is(p.gone, errNew) {
			p.log.Info().Msg("Kafka is reached again")
		}
		p.last, p.since, p.gone = time.Now(), time.Time{}, nil
		return
	}
	if began.Before(p.last) {
		return // somebody has answered while it looked
	}
	if p.since.IsZero() {
		p.since = began
	}
	if p.gone == nil && time.Since(p.since) < p.grace {
		return
	}
	if p.gone == nil || errors.Is(p.gone, errNew) {
		p.log.Warn().Err(clean(err)).Msg("Kafka is not reached")
	}
	p.gone = fmt.Errorf("no broker was reached: %w", clean(err))
}

// anyone asks all brokers at the same time, and returns nil as soon as one has answered: one that stands still hides none that does not.
// The others are not cut off, since that would close their connections.
func (p *presence) anyone(client *kgo.Client) (err error) {
	for _, brokers := range [][]*kgo.Broker{client.DiscoveredBrokers(), client.SeedBrokers()} {
		answers := make(chan error, len(brokers))
		for _, b := range brokers {
			p.looks.Go(func() {
				ctx, cancel := context.WithTimeout(p.ctx, lookTime)
				defer cancel()
				req := kmsg.NewPtrMetadataRequest()
				req.Topics = []kmsg.MetadataRequestTopic{} // none
				_, err := b.Request(ctx, req)
				answers <- err
			})
		}
		for range brokers {
			if err = <-answers; err == nil {
				return nil
			}
		}
	}
	return err
}
