package rabbitmq_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// A gate stands between a sink and its broker.
type gate struct {
	t       testing.TB
	address string
	to      string

	silent sync.RWMutex // locked: what the broker says does not come through

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	copying  sync.WaitGroup
}

func newGate(t testing.TB, to string) *gate {
	g := &gate{t: t, address: "127.0.0.1:0", to: to, conns: map[net.Conn]bool{}}
	g.open()
	t.Cleanup(func() { g.shut(); g.copying.Wait() })
	return g
}

func (g *gate) open() {
	listener, err := net.Listen("tcp", g.address)
	if err != nil {
		g.t.Error(err)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.address, g.listener = listener.Addr().String(), listener
	g.copying.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", g.to)
			if err != nil {
				from.Close()
				continue
			}
			g.mu.Lock()
			g.conns[from] = true
			g.mu.Unlock()
			g.copying.Go(func() { g.copy(to, from, &sync.RWMutex{}); g.mu.Lock(); delete(g.conns, from); g.mu.Unlock() })
			g.copying.Go(func() { g.copy(from, to, &g.silent) })
		}
	})
}

func (g *gate) copy(to, from net.Conn, when *sync.RWMutex) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		when.RLock()
		_, err = to.Write(buffer[:n])
		when.RUnlock()
		if err != nil {
			return
		}
	}
}

// shut ends all connections, and lets none in.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listener.Close()
	for conn := range g.conns {
		conn.Close()
	}
}

func (g *gate) leave() (over func()) { g.shut(); return g.open }

func (g *gate) hang() (over func()) { g.silent.Lock(); return g.silent.Unlock }

func (g *gate) held() (n int, err error) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		g.mu.Lock()
		n = len(g.conns)
		g.mu.Unlock()
		if n == 0 {
			break
		}
	}
	return n, nil
}
