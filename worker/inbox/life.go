package inbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A life is a process as the database knows it: by an id, for as long as nobody takes it for dead. Its context ends then.
type life struct {
	context.Context
	id  string
	end context.CancelCauseFunc
}

func newLife() *life {
	l := &life{id: rand.Text()[:10]}
	if host, err := os.Hostname(); err == nil {
		l.id = host + "-" + l.id
	}
	l.Context, l.end = context.WithCancelCause(context.Background())
	return l
}

// errLost is why runs of a life are cancelled that is over.
var errLost = fmt.Errorf("%w: this process did not reach the database for so long that others run its events", worker.ErrTaken)

// longestGap is how far apart two turns may be of a process that may call others dead. After an outage of the database all
// seem to be.
const longestGap = 2 * store.Beat

// A pulse is what a process knows of its own beats.
type pulse struct {
	joined  bool
	beatAt  time.Time // the next one
	last    time.Time // a turn succeeded
	regular time.Time // since when without a gap
}

// beaten notes a turn that succeeded.
func (p *pulse) beaten(beat bool, now time.Time) {
	if p.last.IsZero() || now.Sub(p.last) >= longestGap {
		p.regular = now
	}
	p.last = now
	if beat {
		p.joined, p.beatAt = true, now.Add(store.Beat)
	}
}

// steady reports whether this process may say that others are dead.
func (p *pulse) steady(now time.Time) bool {
	return p.joined && now.Sub(p.last) < longestGap && now.Sub(p.regular) >= store.Silence
}

// lose takes a turn that was refused, since others took this process for dead. It goes on as a new one. What the old one runs
// is cancelled; if it succeeds all the same, and nobody has begun it anew, that still counts.
func (h *hub) lose(t *turn, now time.Time) {
	h.mu.Lock()
	h.putBack(t)
	old := h.life
	h.life = newLife()
	h.mu.Unlock()
	h.pulse = pulse{beatAt: now}
	h.retryAt = now.Add(h.retrying.NextBackOff())
	old.end(errLost)
	h.log.Warn().Msg("this process did not reach the inbox for so long that others run its events; it cancels what it runs of them")
}
