package callback_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// A caller posts to a Receiver as VOD does, and knows what became of it.
type caller struct {
	*callback.Receiver
	t     *testing.T
	begin time.Time
	log   *lockedBuffer

	mu            sync.Mutex
	written, gone []worker.DeadLetter
}

// letters returns those that were written, and lost those that were not.
func (c *caller) letters() []worker.DeadLetter { return c.clone(&c.written) }
func (c *caller) lost() []worker.DeadLetter    { return c.clone(&c.gone) }

func (c *caller) clone(letters *[]worker.DeadLetter) []worker.DeadLetter {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(*letters)
}

func newCaller(t *testing.T, handlers []worker.Handler, opts callback.Options) *caller {
	t.Helper()
	c := &caller{t: t, begin: time.Now(), log: &lockedBuffer{}}
	opts.Log = zerolog.New(c.log)
	opts.Hooks = opts.Hooks.Join(callback.Hooks{Lost: func(letter worker.DeadLetter) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.gone = append(c.gone, letter)
	}})
	var err error
	if c.Receiver, err = callback.New(handlers, &opts); err != nil {
		t.Fatal(err)
	}
	return c
}

// newBurier is newCaller with dead letters. The n-th write, from 1, fails with what fails returns, before or after the letter
// is kept; nil: none fails.
func newBurier(t *testing.T, handlers []worker.Handler, fails func(n int) (before, after error)) *caller {
	t.Helper()
	var c *caller
	n := 0
	c = newCaller(t, handlers, callback.Options{DeadLetters: &worker.DeadLetters{
		Write: func(_ context.Context, letter worker.DeadLetter) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			n++
			var before, after error
			if fails != nil {
				before, after = fails(n)
			}
			if before != nil {
				return before
			}
			c.written = append(c.written, letter)
			return after
		},
	}})
	return c
}

// What a post came to instead of a status.
const (
	noAnswer = 0
	hungUp   = -1
)

// post posts a body and returns the status. patience is after what it hangs up; 0: never.
func (c *caller) post(body string, patience time.Duration) (status int) {
	return c.postTo(&recorder{}, body, patience)
}

func (c *caller) postTo(w *recorder, body string, patience time.Duration) (status int) {
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	if patience > 0 {
		defer time.AfterFunc(patience, hangUp).Stop()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://receiver/", strings.NewReader(body))
	if err != nil {
		c.t.Error(err)
	}
	return c.serve(w, r)
}

// serve does what net/http's server would.
func (c *caller) serve(w *recorder, r *http.Request) (status int) {
	defer func() {
		switch cause := recover(); {
		case cause != nil && cause != http.ErrAbortHandler:
			panic(cause)
		case r.Context().Err() != nil: // whatever was written
			status = hungUp
		case cause == nil:
			status = max(w.status, http.StatusOK)
		}
	}()
	c.ServeHTTP(w, r)
	return w.status
}

func (c *caller) at(d time.Duration) {
	c.t.Helper()
	synctest.Wait()
	if got := time.Since(c.begin); got != d {
		c.t.Errorf("it is %v, want %v", got, d)
	}
}

// sleepUntil lets time pass until d after the beginning.
func (c *caller) sleepUntil(d time.Duration) {
	time.Sleep(time.Until(c.begin.Add(d)))
	synctest.Wait()
}

func (c *caller) stop(servers ...*http.Server) {
	c.t.Helper()
	if err := c.Shutdown(context.Background(), servers...); err != nil {
		c.t.Errorf("Shutdown: %v", err)
	}
	synctest.Wait()
	if s := c.Status(); s.Events != 0 || s.Held != 0 || s.Stuck != 0 || s.Received != s.Answered+s.Unanswered {
		c.t.Errorf("something is left: %+v", s)
	}
}

// wantLog checks that something was logged just once.
func (c *caller) wantLog(what string, times int) {
	c.t.Helper()
	if got := strings.Count(c.log.String(), what); got != times {
		c.t.Errorf("%q was logged %d times, want %d:\n%s", what, got, times, c.log)
	}
}

// A recorder is the ResponseWriter of one request.
type recorder struct {
	status int
	header http.Header
	broken error // what writing comes to
}

func (w *recorder) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return len(p), w.broken
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) FlushError() error { return w.broken }

// A direct transport carries an emulator's callbacks to a Receiver without a network.
type direct struct{ *caller }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	served, hangUp := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() { done <- d.serve(&recorder{}, r.WithContext(served)) }()
	defer hangUp()
	select {
	case status := <-done:
		if status <= noAnswer {
			return nil, io.ErrUnexpectedEOF
		}
		return &http.Response{StatusCode: status, Body: http.NoBody, Request: r}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
