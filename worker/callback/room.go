package callback

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// patience is how long a body may stand still, a round trip or two, while another waits for its room.
const patience = 100 * time.Millisecond

// A room is memory for bodies that come at the same time. Who has come furthest gets the next of it, so that nobody waits for
// those who stop early; and if somebody waits, who has stood still for longer than patience is asked to come on or leave. One
// may take more than there is, so that there is always one who can finish: memory is bounded by what the room was made
// for, and one body.
type room struct {
	mu      sync.Mutex
	free    int
	leaving int       // of those who were asked to leave
	reading list.List // of *guest; in front the one that has stood still for longest
	waiting []*guest  // in the order in which they came
	first   *guest    // may take what there is not
	look    *time.Timer
}

func newRoom(bytes int) *room { return &room{free: bytes} }

// A guest is a body that takes room.
type guest struct {
	room    *room
	ask     func() // has its reads fail unless there is something to read
	pardon  func() // undoes that
	has     int
	wants   int
	granted chan struct{}
	at      *list.Element // in reading
	since   time.Time     // when it last came on
	asked   bool          // to leave
}

var errBusy = errors.New("no room for a large body")

// take waits for n bytes more. If it fails, leave is to be called all the same.
func (g *guest) take(ctx context.Context, n int) error {
	m := g.room
	m.mu.Lock()
	m.rest(g)
	g.wants, g.granted = n, make(chan struct{})
	m.waiting = append(m.waiting, g)
	m.settle()
	m.mu.Unlock()
	select {
	case <-g.granted:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}

// cameOn says that there is more of it.
func (g *guest) cameOn() {
	g.room.mu.Lock()
	defer g.room.mu.Unlock()
	g.room.rest(g)
	g.room.read(g)
	g.room.settle()
}

// whole says that it is all there: it keeps its room, and is not asked for it any more.
func (g *guest) whole() {
	g.room.mu.Lock()
	defer g.room.mu.Unlock()
	g.room.rest(g)
	g.room.settle()
}

// leave gives its room back.
func (g *guest) leave() {
	m := g.room
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rest(g)
	m.waiting = slices.DeleteFunc(m.waiting, func(w *guest) bool { return w == g })
	m.free += g.has
	g.has = 0
	if m.first == g {
		m.first = nil
	}
	m.settle()
}

// What follows is called with the lock held.

// read puts it behind those that are read, and rest takes it out of them.
func (m *room) read(g *guest) { g.since, g.at = time.Now(), m.reading.PushBack(g) }

func (m *room) rest(g *guest) {
	if g.at != nil {
		m.reading.Remove(g.at)
		g.at = nil
	}
	if g.asked {
		g.asked = false
		m.leaving -= g.has
		g.pardon()
	}
}

// settle gives room to those that wait, and asks for as much as they want.
func (m *room) settle() {
	wanted := 0
	for _, g := range m.waiting {
		wanted += g.wants
	}
	for len(m.waiting) > 0 {
		next := m.next()
		if m.first == nil && next.wants > m.free {
			m.first = next
		}
		if next.wants > m.free && next != m.first {
			break
		}
		wanted -= next.wants
		m.give(next)
	}
	for wanted > m.free+m.leaving {
		slowest, left := m.slowest()
		if slowest == nil {
			return // who leaves will settle the rest
		}
		if left > 0 {
			m.lookAgain(left)
			return
		}
		m.rest(slowest)
		slowest.asked = true
		m.leaving += slowest.has
		slowest.ask()
	}
}

// next returns who waits and gets room first: who needs none, else who has come furthest, of equals the one who came first.
func (m *room) next() *guest {
	if slices.Contains(m.waiting, m.first) {
		return m.first
	}
	next := m.waiting[0]
	for _, g := range m.waiting {
		if g.has > next.has {
			next = g
		}
	}
	return next
}

func (m *room) give(g *guest) {
	m.waiting = slices.DeleteFunc(m.waiting, func(w *guest) bool { return w == g })
	m.free -= g.wants
	g.has += g.wants
	m.read(g)
	close(g.granted)
}

// slowest returns who has stood still for longest, and for how much longer he may.
func (m *room) slowest() (*guest, time.Duration) {
	front := m.reading.Front()
	if front == nil {
		return nil, 0
	}
	g := front.Value.(*guest)
	return g, patience - time.Since(g.since)
}

// lookAgain has settle called when the slowest has run out of time.
func (m *room) lookAgain(left time.Duration) {
	if m.look != nil {
		m.look.Reset(left)
		return
	}
	m.look = time.AfterFunc(left, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.settle()
	})
}
