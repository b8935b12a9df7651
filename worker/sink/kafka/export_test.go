package kafka

import (
	"context"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Hasty has s look for brokers sooner, and give up when none was there once; and for topics. It must be called before s is used.
func Hasty(s *Sink) {
	s.there.every, s.there.grace = 20*time.Millisecond, 0
	for _, l := range []*lane{s.shared, s.single} {
		l.opts = append(l.opts, kgo.MetadataMinAge(20*time.Millisecond))
		l.replace(func(*kgo.Client) {})
		l.made = time.Time{}
	}
}

// Look has s look for brokers, and returns what is closed then.
func Look(s *Sink) <-chan struct{} { return s.there.look() }

// Away returns why s hands nothing over.
func Away(s *Sink) error { return s.there.away() }

// Abort fails what is on its way in the middle, as an error in the client does.
func Abort(s *Sink) { _ = s.shared.now().AbortBufferedRecords(context.Background()) }

var (
	Losses = losses
	Clean  = clean
)

// A Presence is a presence, for tests without a network.
type Presence struct{ p *presence }

func NewPresence(ctx context.Context, log zerolog.Logger, ping func() error) Presence {
	return Presence{&presence{ctx: ctx, log: log, ping: ping, grace: grace, gone: errNew}}
}

func (p Presence) Ask(ctx context.Context) error { return p.p.ask(ctx) }
func (p Presence) Look() <-chan struct{}         { return p.p.look() }
func (p Presence) Away() error                   { return p.p.away() }
func (p Presence) Seen()                         { p.p.seen() }

// Clients returns how many clients a lane makes if each fails ten times a second for so long.
func Clients(ctx context.Context, fails error, long time.Duration) (n int, err error) {
	l, err := newLane(ctx, nil, kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		return 0, err
	}
	defer l.close()
	var last *kgo.Client
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(time.Second / 10) {
		if l.now() != last {
			last = l.now()
			n++
		}
		l.learn(last, fails)
	}
	return n, nil
}
