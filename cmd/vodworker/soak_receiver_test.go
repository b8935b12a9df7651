package main

import (
	"context"
	"io"
	"net/http"
	"path"
	"strconv"
	"sync/atomic"
	"time"
)

// A receiver of webhooks that is slow, fails, hangs, refuses some events for good, and is down at times.
type receiver struct {
	ledger *ledger
	dice   *dice
	down   atomic.Int64 // what it answers all posts with; 0 while it is up
	mended atomic.Bool
}

func newReceiver(ledger *ledger, seed uint64) *receiver {
	return &receiver{ledger: ledger, dice: newDice(seed, 3)}
}

// breakDown has it be down now and then until ctx ends, in one way after the other.
func (r *receiver) breakDown(ctx context.Context, proxy *soakProxy) {
	ways := []int64{503, 401, 429, 422, resets, refuses}
	title := func(way int64) string { return "receiver down: " + wayNames[way] }
	for _, way := range ways {
		r.ledger.demand(title(way))
	}
	for deck := newDeck(r.dice, ways...); passes(ctx, r.dice.between(3*time.Second, 9*time.Second)); {
		way, long := deck.deal(), r.dice.between(time.Second, 8*time.Second)
		r.ledger.count(title(way), 1)
		if way == refuses {
			if err := proxy.refuse(ctx, long); err != nil {
				r.ledger.complain(nil, "listen again: %v", err)
			}
			continue
		}
		r.down.Store(way)
		passes(ctx, long)
		r.down.Store(0)
	}
}

// What it does instead of answering.
const (
	hangs   = -1
	resets  = -2
	refuses = -3 // connections
)

var wayNames = map[int64]string{
	503: "503", 401: "401", 429: "429 with Retry-After", 422: "422",
	resets: "closes without an answer", refuses: "refuses connections",
}

// answer chooses a status, or one of the above, and after how long. Sick events are well once all is mended.
func (r *receiver) answer(f fate) (status int, after time.Duration) {
	after = r.dice.between(0, 100*time.Millisecond)
	switch {
	case f == poison:
		return http.StatusUnprocessableEntity, after
	case r.mended.Load():
		return http.StatusOK, after
	case r.down.Load() != 0:
		return int(r.down.Load()), after
	case f == sick:
		return http.StatusInternalServerError, after
	}
	switch r.dice.pick(0.05, 0.02, 0.02, 0.01, 0.02, 0.01, 0.01, 0.001) {
	case 0: // slower than its handler may be, or even its window lasts
		return http.StatusOK, r.dice.between(time.Second, soakWindow+time.Second)
	case 1:
		return http.StatusInternalServerError, after
	case 2:
		return http.StatusServiceUnavailable, after
	case 3:
		return http.StatusTooManyRequests, after
	case 4:
		return resets, after
	case 5:
		return hangs, after
	case 6:
		return http.StatusUnauthorized, after
	case 7:
		return http.StatusUnprocessableEntity, after
	}
	return http.StatusOK, after
}

// ServeHTTP takes posts to /PROCESS/HANDLER.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it was killed while it posted
	}
	process, handler := path.Base(path.Dir(req.URL.Path)), path.Base(req.URL.Path)
	e := r.ledger.posted(process, handler, req.Header.Get("webhook-id"), body)
	if e == nil {
		http.Error(w, "no such event", http.StatusBadRequest)
		return
	}
	status, after := r.answer(e.fate)
	if status == hangs {
		after = time.Minute
	}
	if !passes(req.Context(), after) {
		r.ledger.count("posts without an answer in time", 1)
		return
	}
	if status < 0 {
		r.ledger.count("posts reset", 1)
		panic(http.ErrAbortHandler)
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(1+r.dice.index(3)))
	}
	r.ledger.answering(e, process, handler, status) // before anybody can know of it
	w.WriteHeader(status)
}
