package callback

import "github.com/rs/zerolog"

// A Status counts what became of requests and events, and says what a Receiver is about.
type Status struct {
	Received   int // requests with an event; each of VOD's tries counts
	Answered   int // of those: with 200
	Unanswered int // of those: held until VOD hung up
	Joined     int // of those: a later try for an event that was known
	Overloaded int // of those, and of some that were closed at once: there was no room

	Forbidden int // requests refused: not signed, or not with the key
	Invalid   int // requests refused: no event, or too large
	Broken    int // requests whose body did not come, and connections with http for https or the other way round

	Handled      int // events: all handlers that wanted it succeeded
	Unmatched    int // requests with an event that no handler wanted: answered unseen
	DeadLettered int // events written to the dead letters
	Failed       int // times that an event was left for VOD to try again
	Lost         int // events given up and not written: the log has them
	Unfinished   int // events that Shutdown left: the log has them, and VOD may try them again

	Events int // on their way now: handled, waiting for a place, or for VOD's next try
	Held   int // requests that wait for an answer now
	Stuck  int // events whose handlers have outlived their time
}

// Status returns what the Receiver has done so far. It may be called at any time, by hooks too.
func (r *Receiver) Status() Status {
	s := r.lock()
	defer s.unlock()
	status := s.status
	status.Events, status.Held = s.runs.count, s.held
	return status
}

// MarshalZerologObject puts the counts into a line of a log.
func (s Status) MarshalZerologObject(line *zerolog.Event) {
	line.Int("received", s.Received).Int("answered", s.Answered).Int("unanswered", s.Unanswered).
		Int("joined", s.Joined).Int("overloaded", s.Overloaded).Int("forbidden", s.Forbidden).Int("invalid", s.Invalid).
		Int("broken", s.Broken).Int("handled", s.Handled).Int("unmatched", s.Unmatched).
		Int("dead_lettered", s.DeadLettered).Int("failed", s.Failed).Int("lost", s.Lost).Int("unfinished", s.Unfinished)
}
