package say

import (
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Sampled returns a logger for what can come in hundreds: it lets 10 lines pass in 10 s. The next line that passes says how
// many were left out before it.
func Sampled(log zerolog.Logger) zerolog.Logger {
	s := &sampler{}
	return log.Sample(s).Hook(s)
}

const (
	sampleLines  = 10
	samplePeriod = 10 * time.Second
)

// A sampler is zerolog's BurstSampler with two differences. It counts what it leaves out, and it uses the monotonic clock: a
// wall clock that is set back by an hour would let nothing pass for as long.
type sampler struct {
	mu     sync.Mutex
	began  time.Time // the period
	passed int       // lines in it
	left   int       // lines left out that no line has told yet
}

// Sample reports whether a line is to pass. It is asked before the line is filled, so that one left out costs nothing.
func (s *sampler) Sample(zerolog.Level) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.began.IsZero() || now.Sub(s.began) >= samplePeriod {
		s.began, s.passed = now, 0
	}
	if s.passed >= sampleLines {
		s.left++
		return false
	}
	s.passed++
	return true
}

// Run has a line that passes tell what was left out.
func (s *sampler) Run(line *zerolog.Event, _ zerolog.Level, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left > 0 {
		line.Int("left_out", s.left)
		s.left = 0
	}
}
