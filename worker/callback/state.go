package callback

import (
	"sync"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// guarded holds a state. Nobody gets at it but with the lock.
type guarded struct {
	mu    sync.Mutex
	state state
}

// A state is what the lock guards, with all runs in it. Methods of state, runs and run are called with the lock held, those
// of Receiver without it: a Receiver's takes it, by lock, and only lock returns a state.
type state struct {
	receiver *Receiver
	runs     runs
	held     int // requests that wait for an answer
	working  int // passes, and letters that are being written
	status   Status
	warned   say.Types // of being unmatched
	stopping bool
	news     []func() // see tell
	telling  int      // unlocks that tell
}

// lock takes the lock. What it returns is the caller's until unlock.
func (r *Receiver) lock() *state {
	r.guarded.mu.Lock()
	return &r.guarded.state
}

// tell has something told by unlock. Hooks may ask for the Status, and a line of the log may be as large as an event: neither
// is called with the lock held. What news needs of the state is to be read before.
func (s *state) tell(news func()) { s.news = append(s.news, news) }

// unlock gives the state back and frees the lock, and then tells what was to be told. Shutdown waits for that.
func (s *state) unlock() {
	news, r := s.news, s.receiver
	s.news = nil
	if len(news) == 0 {
		r.guarded.mu.Unlock()
		return
	}
	s.telling++
	r.guarded.mu.Unlock()
	defer func() {
		s := r.lock()
		s.telling--
		s.wakeShutdown()
		s.unlock()
	}()
	for _, tell := range news {
		tell()
	}
}

// wakeShutdown has it look again at what it waits for.
func (s *state) wakeShutdown() {
	if s.stopping {
		select {
		case s.receiver.changed <- struct{}{}:
		default: // it will
		}
	}
}
