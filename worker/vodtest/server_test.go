package vodtest

import (
	"net/http"
	"testing"
)

// recorder is a TB whose test ends when end is called.
type recorder struct {
	testing.TB
	cleanups []func()
}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

func TestAServerIsClosedWithItsTest(t *testing.T) {
	tb := &recorder{TB: t}
	observed := make(chan Call, 1)
	server := NewServer(tb, Config{Observe: func(c Call) { observed <- c }})
	arrived := make(chan struct{})
	server.ScriptFunc(func(Call) *Fault { close(arrived); return nil })
	failed := make(chan error, 1)
	go func() {
		r := request(pullEvents, `{}`)
		r.URL.Host = server.URL[len("http://"):]
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	<-arrived
	tb.end()
	if err := <-failed; err == nil {
		t.Error("the held pull was answered")
	}
	if call := <-observed; call.Err != errClosed {
		t.Errorf("the held pull ended with %v", call.Err)
	}
	if response, err := http.Get(server.URL); err == nil {
		_ = response.Body.Close()
		t.Error("the server still answers")
	}
}
