package vodtest

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const hookURL = "http://user:pass@hook.example.com/vod?token=x"

// A hook answers callbacks, in place of a network.
type hook struct {
	mu     sync.Mutex
	bodies []string
	types  []string // of content
	times  []time.Duration
	start  time.Time
	out    int // now
	most   int // of out

	answer func(r *http.Request, n int) (status int, err error)
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.bodies = append(h.bodies, string(body))
	h.types = append(h.types, r.Method+" "+r.Header.Get("Content-Type"))
	h.times = append(h.times, time.Since(h.start))
	n := len(h.bodies)
	h.out++
	h.most = max(h.most, h.out)
	h.mu.Unlock()
	status, err := http.StatusOK, error(nil)
	if h.answer != nil {
		status, err = h.answer(r, n)
	}
	h.mu.Lock()
	h.out--
	h.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("no matter what"))}, nil
}

// never answers.
func never(r *http.Request, _ int) (int, error) {
	<-r.Context().Done()
	return 0, r.Context().Err()
}

// pushing runs f in a bubble with an emulator whose events go to the hook.
func pushing(t *testing.T, p Push, signKey string, f func(t *testing.T, e *Emulator, h *hook)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hook{start: time.Now()}
		p.Transport = h
		e := New(Config{Hold: -1, Push: p})
		defer e.Close()
		if err := e.PushTo(appID, hookURL, signKey); err != nil {
			t.Fatal(err)
		}
		f(t, e, h)
	})
}

// rest lets an hour pass in the bubble, and then waits until nothing moves.
func rest() {
	time.Sleep(time.Hour)
	synctest.Wait()
}

func wantCallbacks(t *testing.T, e *Emulator, want CallbackStats) {
	t.Helper()
	if got := e.Stats(appID).Callbacks; got != want {
		t.Errorf("callbacks are %+v, want %+v", got, want)
	}
}
