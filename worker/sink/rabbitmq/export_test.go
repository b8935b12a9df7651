package rabbitmq

import "time"

// Returned returns of how many attempts it is remembered that the broker has returned them.
func (s *Sink) Returned() int {
	l := s.link.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.returned)
}

// Pause returns how long the last try to connect had to wait.
func (s *Sink) Pause() time.Duration {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.line.pause
}
