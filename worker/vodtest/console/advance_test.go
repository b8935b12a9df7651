package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestTimePassesByACallOverASocket(t *testing.T) {
	hung := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	defer receiver.Close()
	defer close(hung)
	e := vodtest.New(vodtest.Config{})
	defer e.Close()
	server := httptest.NewServer(Handler(e, Options{}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	client, err := NewClient(server.URL, appID)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.PushTo(appID, receiver.URL, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Upload(t.Context(), "lighthouse.mp4"); err != nil {
		t.Fatal(err)
	}
	if err := client.Advance(t.Context(), 17*time.Second); err != nil { // three tries of 5 s, and two gaps
		t.Fatal(err)
	}
	if got := e.Stats(appID).Callbacks; got.Tries != 3 || got.GivenUp != 1 {
		t.Errorf("counts are %+v", got)
	}
}

func TestAnAdvanceAnswersWhatTimeItIs(t *testing.T) {
	bubble(t, vodtest.Config{}, func(t *testing.T, e *vodtest.Emulator) {
		for n := range 2 {
			var got advanced
			status := controlled(t, e, "POST", "advance", `{"By":"1m30s"}`, &got)
			ahead := time.Duration(n+1) * 90 * time.Second
			if status != http.StatusOK || got.AheadMS != ahead.Milliseconds() || !got.Now.Equal(time.Now().Add(ahead)) {
				t.Errorf("%d %+v", status, got)
			}
			if got := stateOf(t, e); got.AheadMS != ahead.Milliseconds() || !got.Now.Equal(time.Now().Add(ahead)) {
				t.Errorf("the state is %+v", got)
			}
		}
	})
}

func TestAnAdvanceThatGoesNowhereIsRefused(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	for by, want := range map[string]string{
		"": "By must be a time", "banana": "such as 30s, 5m or 96h", "0s": "only goes ahead", "-5s": "only goes ahead",
		"100000h": "10 years", "9999999h": "of 10 years at most", // no duration can be that long
	} {
		var got struct{ Error string }
		status := controlled(t, e, "POST", "advance", fmt.Sprintf(`{"By":%q}`, by), &got)
		if status != http.StatusBadRequest || !strings.Contains(got.Error, want) || strings.Contains(got.Error, "vodtest") {
			t.Errorf("by %q: %d %s, want %q", by, status, got.Error, want)
		}
	}
	if e.Ahead() != 0 {
		t.Errorf("the clock is %v ahead", e.Ahead())
	}
}

func TestAnAdvanceThatStopsOnItsWayIsNoMistakeOfTheRequest(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	e.Close()
	var got struct{ Error string }
	status := controlled(t, e, "POST", "advance", `{"By":"1h"}`, &got)
	if status != http.StatusServiceUnavailable || got.Error != "the emulator was closed" {
		t.Errorf("%d %s", status, got.Error)
	}
}

func TestAnAdvanceEndsWithItsRequest(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(ctx, "POST", "http://localhost/emulator/advance", strings.NewReader(`{"By":"1h"}`))
	Control(e, Options{}).ServeHTTP(httptest.NewRecorder(), r)
	if e.Ahead() != 0 {
		t.Errorf("the clock is %v ahead", e.Ahead())
	}
}

type deadline struct{ in time.Duration }

func (d *deadline) RoundTrip(r *http.Request) (*http.Response, error) {
	at, _ := r.Context().Deadline()
	d.in = time.Until(at)
	return nil, errors.New("that is all")
}

func TestAnAdvanceMayTakeLongerThanOtherCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		c := &Client{url: "http://localhost", http: &http.Client{Transport: &d}}
		if err := c.Advance(t.Context(), time.Hour); err == nil || d.in != 2*time.Minute {
			t.Errorf("it has %v: %v", d.in, err)
		}
		if err := c.Reset(t.Context()); err == nil || d.in != 10*time.Second {
			t.Errorf("a reset has %v: %v", d.in, err)
		}
	})
}
