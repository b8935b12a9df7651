package library

import (
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// sessionLife is how long a SessionId is remembered: three days, as the API documents it.
const sessionLife = 3 * 24 * time.Hour

// sessions are the SessionIds that were used.
type sessions struct {
	used    map[string]time.Time
	ordered []string // the oldest first
}

// use notes a SessionId, and refuses one that was used before. An empty one is none.
func (s *sessions) use(id string, now time.Time) error {
	for len(s.ordered) > 0 && now.Sub(s.used[s.ordered[0]]) >= sessionLife {
		s.forgetOldest()
	}
	if id == "" {
		return nil
	}
	if _, known := s.used[id]; known {
		return api.Refuse("InvalidParameterValue.SessionId", "there was a request with this SessionId in the last 3 days")
	}
	if s.used == nil {
		s.used = map[string]time.Time{}
	}
	s.used[id] = now
	if s.ordered = append(s.ordered, id); len(s.ordered) > mostSessions {
		s.forgetOldest()
	}
	return nil
}

func (s *sessions) forgetOldest() {
	delete(s.used, s.ordered[0])
	s.ordered = s.ordered[1:]
}
