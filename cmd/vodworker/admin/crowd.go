package admin

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// maxConns is how many connections are open at a time: more than pages, scrapes and probes take, and few enough that strangers who
// open them leave files and memory to the worker.
const maxConns = 256

// A crowd is the open connections, the one of which nothing was heard for longest in front. That one is closed for a new one: who
// has just come is mostly a probe, and done in no time. To keep the new one out would let who holds the others have a worker killed.
type crowd struct {
	mu    sync.Mutex
	order list.List // of net.Conn
	at    map[net.Conn]*list.Element
}

func newCrowd() *crowd { return &crowd{at: map[net.Conn]*list.Element{}} }

// watch is a server's ConnState.
func (c *crowd) watch(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(conn)
	if state == http.StateClosed || state == http.StateHijacked {
		return
	}
	c.at[conn] = c.order.PushBack(conn)
	if c.order.Len() > maxConns {
		oldest := c.order.Front().Value.(net.Conn)
		c.forget(oldest)
		_ = oldest.Close()
	}
}

func (c *crowd) forget(conn net.Conn) {
	if e := c.at[conn]; e != nil {
		c.order.Remove(e)
		delete(c.at, conn)
	}
}
