package nats

import (
	"context"
	"errors"
	"time"
)

// pause is how long after an attempt began the next one may, however soon that failed: a server that refuses the login is not asked
// as often as there are events.
const pause = 200 * time.Millisecond

// An attempt to connect is shared by all who wait for a connection.
type attempt struct {
	begins time.Time
	done   chan struct{} // then one of these is there
	link   *link
	err    error
}

func (a *attempt) isOver() bool {
	select {
	case <-a.done:
		return a.err != nil || a.link.isClosed()
	default:
		return false
	}
}

var errClosed = errors.New("the sink is closed")

// link returns the connection. If there is none it tries to connect, so that events flow again as soon as a server is back.
func (s *Sink) link(ctx context.Context) (*link, error) {
	s.mu.Lock()
	if s.life.Err() != nil { // Close waits for no other attempt
		s.mu.Unlock()
		return nil, errClosed
	}
	if s.last == nil || s.last.isOver() {
		begins := time.Now()
		if s.last != nil && s.last.begins.Add(pause).After(begins) {
			begins = s.last.begins.Add(pause)
		}
		s.last = &attempt{begins: begins, done: make(chan struct{})}
		go s.try(s.last) // Close waits for it
	}
	last := s.last
	s.mu.Unlock()
	select {
	case <-last.done:
		return last.link, last.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Sink) try(a *attempt) {
	defer close(a.done)
	select {
	case <-time.After(time.Until(a.begins)):
	case <-s.life.Done(): // so that connect fails
	}
	if a.link, a.err = s.connect(s.life, s.wasLost); a.err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		s.opts.Log.Info().Msg("connected to NATS again")
	}
	s.lost = false
}

func (s *Sink) wasLost(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = true
	s.opts.Log.Warn().Err(why).Msg("the connection to NATS was lost; the next event makes another")
}
