package callback

import (
	"errors"
	"os"
	"sync"
	"time"
)

// askTime is for what has arrived to be read.
const askTime = 5 * time.Millisecond

var longAgo = time.Unix(1, 0)

// asked is for a connection that is to read what is there, and not to wait for more: that it stands still may be because its
// turn to read has not come.
type asked struct {
	mu       sync.Mutex
	is       bool
	deadline time.Time // for reading, otherwise
}

// ask has reads fail, that which goes on too, when there is nothing to read.
func (c *place) ask() {
	c.asked.mu.Lock()
	defer c.asked.mu.Unlock()
	c.asked.is = true
	_ = c.Conn.SetReadDeadline(longAgo)
}

// pardon undoes ask.
func (c *place) pardon() {
	c.asked.mu.Lock()
	defer c.asked.mu.Unlock()
	if c.asked.is {
		c.asked.is = false
		_ = c.Conn.SetReadDeadline(c.asked.deadline)
	}
}

func (c *place) Read(to []byte) (int, error) {
	n, err := c.hear(to)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !c.hurry(time.Now().Add(askTime)) {
		return n, err
	}
	n, err = c.hear(to)
	c.hurry(longAgo) // the next read is asked too
	return n, err
}

// hurry gives a read until then, or until its deadline if that is earlier. It reports whether it was asked.
func (c *place) hurry(until time.Time) bool {
	c.asked.mu.Lock()
	defer c.asked.mu.Unlock()
	if !c.asked.is {
		return false
	}
	if d := c.asked.deadline; !d.IsZero() && d.Before(until) {
		until = d
	}
	_ = c.Conn.SetReadDeadline(until)
	return true
}

// SetReadDeadline is what the server has to say.
func (c *place) SetReadDeadline(t time.Time) error {
	c.asked.mu.Lock()
	defer c.asked.mu.Unlock()
	c.asked.is, c.asked.deadline = false, t
	return c.Conn.SetReadDeadline(t)
}

// SetDeadline is for both directions.
func (c *place) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}
