package callback

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

const (
	// maxLoose is how many connections are open that hold no event. When there are more, the one with the least to say is
	// closed. maxKept more hold one, or have signed what they send: those are never closed for another.
	// Each takes some 30 KB.
	maxLoose = 3072
	maxKept  = maxHeld

	// stepTime is how long somebody may take for his next step, a packet that was lost included, before he can be closed for
	// another. So maxLoose / stepTime, 3,072 a second, get in, however many want to.
	stepTime = time.Second
)

// A stage is how far a connection has come with its request.
type stage int

const (
	idle    stage = iota // answered, or about to be
	fresh                // no whole header yet
	reading              // no whole body yet
	waiting              // for room for its body: that is our fault
	kept                 // with an event, or signed
	stages
)

// places are the connections that are open, by stage. In each the one that has come on least lately is in front.
type places struct {
	most  int // that hold no event
	mu    sync.Mutex
	lines [stages]list.List // of *place
	freed chan struct{}     // wakes makeRoom
}

func newPlaces(most int) *places { return &places{most: most, freed: make(chan struct{}, 1)} }

// A place is a connection. Its methods do nothing if it is nil: that of a request to a server which is not ours.
type place struct {
	net.Conn
	of    *places
	at    *list.Element // nil: it is gone
	stage stage
	since time.Time // when it last came on
	asked asked
	hello func(from net.Addr, first byte) // is told what comes first; nil: nobody asks
}

// add is for a new connection.
func (p *places) add(conn net.Conn) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &place{Conn: conn, of: p, stage: fresh, since: time.Now()}
	c.at = p.lines[fresh].PushBack(c)
	return c
}

// to says that it has come on. What is kept is so until it is answered.
func (c *place) to(s stage) {
	if c == nil {
		return
	}
	p := c.of
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.at == nil || c.stage == kept && s != idle {
		return
	}
	if s == kept && p.lines[kept].Len() >= maxKept {
		s = reading
	}
	p.lines[c.stage].Remove(c.at)
	c.stage, c.since, c.at = s, time.Now(), p.lines[s].PushBack(c)
	p.wake()
}

// leave takes it out of the lines, with the lock held.
func (c *place) leave() {
	if c.at != nil {
		c.of.lines[c.stage].Remove(c.at)
		c.at = nil
		c.of.wake()
	}
}

func (p *places) wake() {
	select {
	case p.freed <- struct{}{}:
	default: // it will look
	}
}

func (p *places) loose() int {
	n := 0
	for s := range kept {
		n += p.lines[s].Len()
	}
	return n
}

// crowded reports whether so many are there that none should stay without a request.
func (p *places) crowded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loose() > p.most/2
}

// least returns who has the least to say, or how long it may take until somebody has.
func (p *places) least(now time.Time) (least *place, wait time.Duration) {
	if front := p.lines[idle].Front(); front != nil {
		return front.Value.(*place), 0
	}
	wait = stepTime
	for _, s := range []stage{fresh, reading} {
		if front := p.lines[s].Front(); front != nil {
			c := front.Value.(*place)
			if left := stepTime - now.Sub(c.since); left > 0 {
				wait = min(wait, left)
				continue
			}
			return c, 0
		}
	}
	return nil, wait
}

// makeRoom closes connections until there is room for one more, and reports whether any were closed. It waits for that until
// stop is closed.
func (p *places) makeRoom(stop <-chan struct{}) (closed bool) {
	for {
		p.mu.Lock()
		full := p.loose() >= p.most
		least, wait := p.least(time.Now())
		if full && least != nil {
			least.leave()
		}
		p.mu.Unlock()
		switch {
		case !full:
			return closed
		case least != nil:
			least.cut()
			closed = true
			continue
		}
		select {
		case <-time.After(wait):
		case <-p.freed:
		case <-stop:
			return closed
		}
	}
}

// cutLeast closes one connection, whether there is room or not, and reports whether there was one to close.
func (p *places) cutLeast() bool {
	p.mu.Lock()
	least, _ := p.least(time.Now())
	if least != nil {
		least.leave()
	}
	p.mu.Unlock()
	if least != nil {
		least.cut()
	}
	return least != nil
}

// cut closes it without a good-bye, of which the system would have to keep track.
func (c *place) cut() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

func (c *place) Close() error {
	c.of.mu.Lock()
	c.leave()
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite lets the server send an answer before it closes a connection of which it has not read everything.
func (c *place) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// placeOf returns the place that an http.Server's connection is; nil if it is none.
func placeOf(conn net.Conn) *place {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	c, _ := conn.(*place)
	return c
}

type placeKey struct{}

// withPlace has placeIn find the place of each request.
func withPlace(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, placeKey{}, placeOf(conn))
}

func placeIn(ctx context.Context) *place {
	c, _ := ctx.Value(placeKey{}).(*place)
	return c
}
