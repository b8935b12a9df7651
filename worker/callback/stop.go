package callback

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// hardTime is what handlers get to return when their time is up.
	hardTime = 5 * time.Second

	// closeTime is for what was answered to be sent, when all is over.
	closeTime = time.Second
)

var errStopped = errors.New("the receiver is stopping")

// Shutdown ends the work that outlives requests, and the servers that serve the Receiver: no connection is accepted any more,
// and all are closed when it returns. Nothing new is begun; what comes meanwhile is held, so that VOD tries again. Handlers go
// on until ctx ends, then theirs does, and they get 5 s to return; what they finish is answered. Events that are then not
// finished are logged whole, and not dead-lettered if VOD may yet try them again.
//
// It returns nil, or why ctx ended if that came first: 6 s after that at the latest, unless a hook or the log blocks. A
// Receiver can't be used again.
func (r *Receiver) Shutdown(ctx context.Context, servers ...*http.Server) error {
	r.closing.Lock()
	defer r.closing.Unlock()
	closing, closed := context.WithCancel(context.Background())
	defer closed()
	var ending sync.WaitGroup
	for _, server := range servers {
		ending.Go(func() { _ = server.Shutdown(closing) }) // accepts no more, and waits for what is open
	}
	err := r.stop(ctx)
	defer time.AfterFunc(closeTime, closed).Stop()
	ending.Wait()
	for _, server := range servers {
		_ = server.Close()
	}
	return err
}

// stop is Shutdown without servers.
func (r *Receiver) stop(ctx context.Context) (err error) {
	r.beginStop()
	if !r.await(ctx.Done(), func(s *state) bool { return s.working == 0 && s.telling == 0 && s.held == 0 }) {
		err = context.Cause(ctx)
		r.endWork(errStopped)
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardTime)
		defer cancel()
		r.await(hard.Done(), func(s *state) bool { return s.working == 0 && s.telling == 0 })
	}
	r.endWork(errStopped)
	r.endLife(errStopped)
	r.endRuns()
	return err
}

func (r *Receiver) beginStop() {
	s := r.lock()
	defer s.unlock()
	s.stopping = true
}

// await waits until done, or until end is closed, and says which.
func (r *Receiver) await(end <-chan struct{}, done func(*state) bool) bool {
	for {
		s := r.lock()
		ok := done(s)
		s.unlock()
		if ok {
			return true
		}
		select {
		case <-r.changed:
		case <-end:
			return false
		}
	}
}

// endRuns says what is left behind.
func (r *Receiver) endRuns() {
	s := r.lock()
	defer s.unlock()
	for _, same := range s.runs.byKey {
		for _, run := range same {
			s.runs.forget(run)
			if run.over {
				continue
			}
			e, missing, requests := run.event, run.missing(), run.requests
			s.tell(func() {
				say.Raw(say.About(r.opts.Log.Warn(), e), e).Strs("missing", missing).Int("requests", requests).
					Msg("event not finished: if VOD does not try again, this line is all that is left of it")
			})
			s.status.Unfinished++
			s.runs.end(run)
		}
	}
	clear(s.runs.byKey)
	status := s.status
	s.tell(func() { r.opts.Log.Info().EmbedObject(status).Msg("receiver stopped") })
}
