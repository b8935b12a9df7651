package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A soakProxy stands before a server. Connections through it go silent, or are refused, and the server knows nothing of it.
type soakProxy struct {
	address, to string
	swallowed   func() // is told of each silent connection on which something is said in vain

	mu       sync.Mutex
	listener net.Listener
	conns    map[*soakConn]bool // that are open
	work     sync.WaitGroup
}

type soakConn struct {
	client, server net.Conn
	silent         atomic.Bool
	once           sync.Once
}

func newSoakProxy(t *testing.T, to string, swallowed func()) *soakProxy {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	p := &soakProxy{address: "127.0.0.1:" + port, to: to, swallowed: swallowed, conns: map[*soakConn]bool{}}
	if err := p.listen(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *soakProxy) listen() error {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	p.work.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.serve(client) })
		}
	})
	return nil
}

func (p *soakProxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = client.Close()
		return
	}
	c := &soakConn{client: client, server: server}
	p.mu.Lock()
	p.conns[c] = true
	p.mu.Unlock()
	p.work.Go(func() {
		p.forward(c, client, server)
		if !c.silent.Load() { // then the client does not learn of the end either
			_ = client.Close()
		}
	})
	p.forward(c, server, client)
	_ = client.Close()
	_ = server.Close()
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
}

// forward takes what is said on a silent connection too, as the system at the other end of a broken line would not.
func (p *soakProxy) forward(c *soakConn, to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		switch {
		case n > 0 && c.silent.Load():
			c.once.Do(p.swallowed)
		case n > 0:
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// fallSilent has all that are open fall silent, now and then until ctx ends. New ones work.
func (p *soakProxy) fallSilent(ctx context.Context, dice *dice) {
	for passes(ctx, dice.between(5*time.Second, 25*time.Second)) {
		p.mu.Lock()
		for c := range p.conns {
			c.silent.Store(true)
		}
		p.mu.Unlock()
	}
}

// refuse ends all connections, and refuses new ones for so long.
func (p *soakProxy) refuse(ctx context.Context, d time.Duration) error {
	p.hangUp()
	passes(ctx, d)
	return p.listen()
}

func (p *soakProxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.conns {
		_ = c.client.Close()
	}
}

// close is for when nobody refuses any more.
func (p *soakProxy) close() {
	p.hangUp()
	p.work.Wait()
}
