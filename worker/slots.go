package worker

// slots are an engine's room for events, and the only ones who count it. Each event that was pulled has a slot until it
// leaves: it is done, failed or left. One that is being handled, or written to the dead letters, has a place besides.
// There are MaxBatch more slots than places: one pull of read-ahead.
type slots struct {
	spare  int // slots
	busy   int // places
	places int // in all: the concurrency
}

func newSlots(concurrency int) slots {
	return slots{spare: concurrency + MaxBatch, places: concurrency}
}

// canReserve reports whether one more poll may be sent.
func (s *slots) canReserve() bool { return s.spare >= MaxBatch }

// reserve takes the slots of a poll before it is sent, since it can't ask for fewer than MaxBatch events.
func (s *slots) reserve() { s.spare -= MaxBatch }

// release gives them back when it was answered. Each of its events that stays takes one then.
func (s *slots) release() { s.spare += MaxBatch }

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
