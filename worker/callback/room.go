package callback

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A room is memory for bodies that come at the same time. Who has come furthest gets the next of it, so that nobody waits for
// those who stop early; and if somebody waits, who has not come on for longer than patience is cut off. One may take
// more than there is, so that there is always one who can finish: it bounds memory to what it was made for, and one body.
type room struct {
	mu      sync.Mutex
	free    int
	reading list.List // of *guest; in front the one that has come on least lately
	waiting []*guest  // in the order in which they came
	first   *guest    // may take what there is not
	look    *time.Timer
}

func newRoom(bytes int) *room {
	m := &room{free: bytes}
	m.reading.Init()
	return m
}

// A guest is a body that takes room.
type guest struct {
	room    *room
	cut     func() // has its read fail
	has     int
	wants   int
	granted chan struct{}
	at      *list.Element // in reading
	since   time.Time     // when it last came on
	gone    bool          // cut off, or done
}

var errBusy = errors.New("no room for a large body")

// take waits for n bytes more.
func (g *guest) take(ctx context.Context, n int) error {
	m := g.room
	m.mu.Lock()
	if g.gone {
		m.mu.Unlock()
		return errBusy
	}
	m.rest(g)
	g.wants, g.granted = n, make(chan struct{})
	m.waiting = append(m.waiting, g)
	m.settle()
	m.mu.Unlock()
	select {
	case <-g.granted:
		return nil
	case <-ctx.Done():
		return errBusy // its room is given back by leave
	}
}

// cameOn says that there is more of it.
func (g *guest) cameOn() {
	g.room.mu.Lock()
	defer g.room.mu.Unlock()
	if g.at != nil {
		g.since = time.Now()
		g.room.reading.MoveToBack(g.at)
	}
}

// whole says that it is all there: it keeps its room, and is not cut off any more. It reports whether it was.
func (g *guest) whole() bool {
	g.room.mu.Lock()
	defer g.room.mu.Unlock()
	g.room.rest(g)
	return !g.gone
}

// leave gives its room back.
func (g *guest) leave() {
	g.room.mu.Lock()
	defer g.room.mu.Unlock()
	g.room.end(g)
	g.room.settle()
}

// The rest is called with the lock held.

// rest takes it out of those that are read.
func (m *room) rest(g *guest) {
	if g.at != nil {
		m.reading.Remove(g.at)
		g.at = nil
	}
}

func (m *room) end(g *guest) {
	m.rest(g)
	m.waiting = slices.DeleteFunc(m.waiting, func(w *guest) bool { return w == g })
	m.free += g.has
	g.has, g.gone = 0, true
	if m.first == g {
		m.first = nil
	}
}

// settle gives room to those that wait.
func (m *room) settle() {
	for len(m.waiting) > 0 {
		next := m.waiting[0]
		for _, g := range m.waiting {
			if g.has > next.has {
				next = g
			}
		}
		slowest, left := m.slowest()
		switch {
		case next.wants <= m.free, next == m.first:
		case slowest != nil && left <= 0:
			m.end(slowest)
			slowest.cut()
			continue
		case m.first == nil:
			m.first = next
		default:
			m.lookAgain(slowest, left)
			return
		}
		m.give(next)
	}
}

func (m *room) give(g *guest) {
	m.waiting = slices.DeleteFunc(m.waiting, func(w *guest) bool { return w == g })
	m.free -= g.wants
	g.has += g.wants
	g.since, g.at = time.Now(), m.reading.PushBack(g)
	close(g.granted)
}

// slowest returns who has come on least lately, and how long he has left.
func (m *room) slowest() (*guest, time.Duration) {
	front := m.reading.Front()
	if front == nil {
		return nil, 0
	}
	g := front.Value.(*guest)
	return g, patience - time.Since(g.since)
}

// lookAgain has settle called when the slowest has run out of time. Without one, somebody's leaving will.
func (m *room) lookAgain(slowest *guest, left time.Duration) {
	switch {
	case slowest == nil:
	case m.look == nil:
		m.look = time.AfterFunc(left, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.settle()
		})
	default:
		m.look.Reset(left)
	}
}
