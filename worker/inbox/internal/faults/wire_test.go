package faults

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A wire leads to an address. While its gate is locked nothing gets through, and nobody is told.
type wire struct {
	net.Listener
	gate sync.RWMutex
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			all.Go(func() { w.carry(in, out) })
			all.Go(func() { w.carry(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return w
}

func (w *wire) carry(from, to net.Conn) {
	defer func() { _ = to.Close() }()
	_, _ = io.Copy(gated{w, to}, from)
}

type gated struct {
	*wire
	to net.Conn
}

func (g gated) Write(b []byte) (int, error) {
	g.gate.RLock()
	defer g.gate.RUnlock()
	return g.to.Write(b)
}
