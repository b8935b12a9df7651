package worker

import "time"

// slots are an engine's room for events, and the only ones who count it. Each event that was pulled has a slot until it
// leaves: it is done, given up, failed or left. One that is being handled has a place besides. There are MaxBatch more slots
// than places: one pull of read-ahead. What its body takes up counts until nothing more is to be done with it.
type slots struct {
	spare  int // slots
	busy   int // places
	places int // in all: the concurrency

	polls      int // that are out
	bytes      int // of bodies
	stuckBytes int // of those, of events that are stuck
	maxBytes   int
	largest    largest
}

func newSlots(concurrency, maxBytes int) slots {
	return slots{spare: concurrency + MaxBatch, places: concurrency, maxBytes: maxBytes}
}

// canReserve reports whether one more poll may be sent. Its answer can be larger than is reserved for it; and where not even
// that is to be had, one poll is out when nothing else is in flight, so that any answer passes.
func (s *slots) canReserve() bool {
	return s.spare >= MaxBatch && (s.bytes+(s.polls+1)*MaxBatch*s.largest.bytes() <= s.maxBytes ||
		s.polls == 0 && s.bytes == s.stuckBytes)
}

// reserve takes the slots of a poll before it is sent, since it can't ask for fewer than MaxBatch events.
func (s *slots) reserve() { s.spare -= MaxBatch; s.polls++ }

// release gives them back when it was answered. Each of its events that stays takes one then.
func (s *slots) release() { s.spare += MaxBatch; s.polls-- }

// hold counts the body of a pulled event, stick that of a stuck one. After letGo neither counts.
func (s *slots) hold(d *delivery) {
	d.size = len(d.event.Raw)
	s.bytes += d.size
}

func (s *slots) stick(d *delivery) { s.stuckBytes += d.size }

func (s *slots) letGo(d *delivery) {
	s.bytes -= d.size
	if d.stuck {
		s.stuckBytes -= d.size
	}
	d.size = 0
}

// take takes a slot for an event that is to wait for a place.
func (s *slots) take() { s.spare-- }

// free gives back the slot of an event that leaves without having had a place.
func (s *slots) free() { s.spare++ }

// hasPlace reports whether one more event may be started.
func (s *slots) hasPlace() bool { return s.busy < s.places }

// occupy takes a place for an event that has a slot.
func (s *slots) occupy() { s.busy++ }

// vacate gives back both.
func (s *slots) vacate() { s.busy--; s.spare++ }

// A largest is the size of the largest body of the last minute or two: at least usualBody.
type largest struct {
	now, before int
	since       time.Time
}

const usualBody = 8 << 10 // bytes: few are larger

func (l *largest) note(size int, now time.Time) {
	if now.Sub(l.since) >= time.Minute {
		*l = largest{before: l.now, since: now}
	}
	l.now = max(l.now, size)
}

func (l *largest) bytes() int { return max(l.now, l.before, usualBody) }
