package inbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/internal/pause"
)

const (
	countEvery = 10 * time.Second
	cleanEvery = time.Minute
	cleanPause = 100 * time.Millisecond // between two portions, so that turns go on
	houseLimit = 30 * time.Second       // for one call
)

// A house is kept beside the turns: what has been done for long is removed, and what there is is counted.
type house struct {
	store store.Store
	keep  time.Duration
	log   zerolog.Logger
	known []string // handlers

	stop context.CancelFunc
	over chan struct{}

	mu     sync.Mutex
	counts []store.Count
	at     time.Time
}

func (h *house) begin(st store.Store, router *worker.Router, o Options) {
	h.store, h.keep, h.log, h.known = st, o.Keep, o.Log, router.Handlers()
	h.over = make(chan struct{})
	var ctx context.Context
	ctx, h.stop = context.WithCancel(context.Background())
	go h.tidy(ctx)
}

func (h *house) end() {
	h.stop()
	<-h.over
}

// tidy goes on until ctx ends. What fails is tried again at the next time: turns fail then too, and the hub says so.
func (h *house) tidy(ctx context.Context) {
	defer close(h.over)
	counted := false
	for cleanAt := time.Now(); ; {
		if h.count(ctx) && !counted {
			counted = true
			h.warnOfOthers()
		}
		if now := time.Now(); !now.Before(cleanAt) {
			if h.clean(ctx) {
				continue
			}
			cleanAt = now.Add(cleanEvery)
		}
		if !pause.For(ctx, countEvery) {
			return
		}
	}
}

func (h *house) count(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, houseLimit)
	defer cancel()
	at := time.Now()
	counts, err := h.store.Counts(ctx)
	if err != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !at.Before(h.at) { // else another has counted meanwhile
		h.counts, h.at = counts, at
	}
	return true
}

// clean removes what has been done for long, until it is time to count again, and reports whether more is left. What comes at
// VOD's ceiling has to go as fast.
func (h *house) clean(ctx context.Context) (left bool) {
	for until := time.Now().Add(countEvery); time.Now().Before(until); {
		one, cancel := context.WithTimeout(ctx, houseLimit)
		more, err := h.store.Clean(one, h.keep)
		cancel()
		if err != nil || !more || !pause.For(ctx, cleanPause) {
			return false
		}
	}
	return true
}

// warnOfOthers says which events nobody will handle who has the handlers of this process.
func (h *house) warnOfOthers() {
	counts, _ := h.counted()
	for _, c := range counts {
		if n := c.Waiting + c.Running; n > 0 && !slices.Contains(h.known, c.Handler) {
			h.log.Warn().Str("handler", c.Handler).Int("events", n).
				Msg("events wait in the inbox for a handler that is not configured: configure it again, or they stay there")
		}
	}
}

// rest is how many events have failed a handler that is configured, and wait for their next try.
func (h *house) rest() (n int) {
	counts, _ := h.counted()
	for _, c := range counts {
		if slices.Contains(h.known, c.Handler) {
			n += c.Failed
		}
	}
	return n
}

func (h *house) counted() ([]store.Count, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counts, h.at
}
