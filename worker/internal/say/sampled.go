package say

import (
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Sampled returns a logger for what can come in hundreds: it lets 10 lines pass in 10 s.
func Sampled(log zerolog.Logger) zerolog.Logger { return log.Sample(&sampler{}) }

const (
	sampleLines  = 10
	samplePeriod = 10 * time.Second
)

// A sampler is zerolog's BurstSampler, but on the monotonic clock: when the other one is set back by an hour, as it may be at
// any time, that lets nothing pass for as long.
type sampler struct {
	mu     sync.Mutex
	began  time.Time // the period
	passed int       // lines in it
}

// Sample reports whether a line is to pass.
func (s *sampler) Sample(zerolog.Level) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.began.IsZero() || now.Sub(s.began) >= samplePeriod {
		s.began, s.passed = now, 0
	}
	s.passed++
	return s.passed <= sampleLines
}
