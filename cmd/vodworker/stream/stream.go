// Package stream writes lines to a stream that may stand still: a pipe that nobody reads, a terminal that is stopped, a full
// disk. Whoever has something to say never waits for it.
package stream

import (
	"io"
	"slices"
	"sync"
	"time"
)

const (
	// room is how many bytes of lines wait, at most: some 10,000 of a log.
	room = 4 << 20

	// reserve is more, for the lines that are kept: the 32 MiB of events that a receiver may have on their way, and lose at
	// once, with as much again for what JSON makes of them.
	reserve = 2 * 32 << 20

	retry = 100 * time.Millisecond // after a Write that failed
)

// A Writer hands lines on to a stream, in the order in which they came, each in one Write; an error is tried again until it
// passes, with what is left of the line. Create it with [New], end it with [Writer.Close].
//
// Up to 4 MiB of lines wait. What comes beyond that is dropped and counted, and more is dropped until half of it is written:
// then one line says how many there were. Lines that are [Writer.Kept] have 64 MiB more, of their own.
type Writer struct {
	to     io.Writer
	wake   chan struct{} // holds one: there is something to write, or to end
	closed chan struct{}
	ended  chan struct{} // the goroutine has

	mu            sync.Mutex
	lines         [][]byte
	size          int // bytes of them
	written       int // lines, since the beginning
	dropped, lost int // lines, since it was said last; how many of these should have been kept
	say           func(dropped, lost int) []byte
	idle          []chan struct{} // closed when nothing is left to write
}

// New returns a Writer to a stream, which nobody else should write to. say makes the line about lines that were dropped, lost
// of which should have been kept. It must not write.
func New(to io.Writer, say func(dropped, lost int) []byte) *Writer {
	w := &Writer{to: to, say: say, wake: make(chan struct{}, 1), closed: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// Say changes how lines that were dropped are spoken of: see [New].
func (w *Writer) Say(say func(dropped, lost int) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.say = say
}

// Write takes a line and returns at once and without an error, whatever becomes of it.
func (w *Writer) Write(line []byte) (int, error) { return w.take(line, false) }

// Kept returns where lines are written to that must not be dropped for others. They are when their 64 MiB are full, and then
// counted apart.
func (w *Writer) Kept() io.Writer { return kept{w} }

type kept struct{ *Writer }

func (k kept) Write(line []byte) (int, error) { return k.take(line, true) }

func (w *Writer) take(line []byte, keep bool) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.settle()
	switch {
	case keep && w.size+len(line) > room+reserve:
		w.dropped++
		w.lost++
	case !keep && (w.dropped > 0 || w.size+len(line) > room):
		w.dropped++
	default:
		w.add(slices.Clone(line)) // the caller uses its memory again
	}
	return len(line), nil
}

func (w *Writer) add(line []byte) {
	w.lines = append(w.lines, line)
	w.size += len(line)
	w.nudge()
}

func (w *Writer) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run writes until the Writer is closed.
func (w *Writer) run() {
	defer close(w.ended)
	for {
		if line, ok := w.first(); ok {
			w.send(line)
			w.remove()
			continue
		}
		select {
		case <-w.wake:
		case <-w.closed:
			return
		}
	}
}

// first returns the line to write next, if there is one.
func (w *Writer) first() (line []byte, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) > 0 {
		return w.lines[0], true
	}
	for _, idle := range w.idle {
		close(idle)
	}
	w.idle = nil
	return nil, false
}

// send writes one line, however often that fails.
func (w *Writer) send(line []byte) {
	for {
		n, err := w.to.Write(line)
		if line = line[min(max(n, 0), len(line)):]; err == nil || len(line) == 0 {
			return
		}
		select {
		case <-time.After(retry):
		case <-w.closed:
			return
		}
	}
}

// remove takes the first line away.
func (w *Writer) remove() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.size -= len(w.lines[0])
	w.lines[0], w.lines = nil, w.lines[1:]
	w.written++
	w.settle()
}

// settle says what was dropped once there is room again.
func (w *Writer) settle() {
	if w.dropped > 0 && w.size <= room/2 {
		w.add(w.say(w.dropped, w.lost))
		w.dropped, w.lost = 0, 0
	}
}
