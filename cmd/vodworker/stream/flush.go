package stream

import "time"

// How long Close waits: as long as lines are taken, but with the 25 s of a stop for less than the 30 s of Kubernetes.
const (
	patience = time.Second
	longest  = 4 * time.Second
)

// Flush waits until everything is written, and reports whether it is. It gives up when no line was for as long as patience,
// and after most.
func (w *Writer) Flush(patience, most time.Duration) bool {
	idle := w.whenIdle()
	end := time.NewTimer(most)
	defer end.Stop()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for before := w.count(); ; {
		select {
		case <-idle:
			return true
		case <-tick.C:
			now := w.count()
			if now == before {
				return false
			}
			before = now
		case <-end.C:
			return false
		}
	}
}

func (w *Writer) whenIdle() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	idle := make(chan struct{})
	w.idle = append(w.idle, idle)
	w.nudge()
	return idle
}

func (w *Writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// Close writes what it still can: as long as a line goes out each second, for 4 s at most. Of what is left then, and what is
// written later, nothing becomes. It is to be called once. It leaves the stream open, and returns nil.
func (w *Writer) Close() error {
	flushed := w.Flush(patience, longest)
	close(w.closed)
	if flushed {
		<-w.ended
	}
	return nil
}
