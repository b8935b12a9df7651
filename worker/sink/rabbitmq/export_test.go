package rabbitmq

import "time"

// Pause returns how long the last try to connect had to wait.
func (s *Sink) Pause() time.Duration {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.line.pause
}
