package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

const appID = 1500000001

func TestMain(m *testing.M) { os.Exit(leak.Check(m)) }

// bubble runs f in a synctest bubble with an emulator.
func bubble(t *testing.T, cfg vodtest.Config, f func(t *testing.T, e *vodtest.Emulator)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, vodtest.New(cfg)) })
}

// controlled calls the control API, and decodes the answer.
func controlled(t *testing.T, e *vodtest.Emulator, method, path, body string, into any) (status int) {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost:9266/emulator/"+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	Control(e).ServeHTTP(w, r)
	if w.Header().Get("Content-Type") != "application/json" && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%s %s is answered %s", method, path, w.Header())
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Errorf("%s %s is answered %d %s: %v", method, path, w.Code, w.Body, err)
		}
	}
	return w.Code
}

// post wants a good answer.
func post(t *testing.T, e *vodtest.Emulator, path, body string) (answer Made) {
	t.Helper()
	if status := controlled(t, e, http.MethodPost, path, body, &answer); status != http.StatusOK {
		t.Errorf("%s %s is answered %d", path, body, status)
	}
	return answer
}

func stateOf(t *testing.T, e *vodtest.Emulator) (s shownState) {
	t.Helper()
	controlled(t, e, http.MethodGet, fmt.Sprint("state?SubAppId=", appID), "", &s)
	return s
}

// A shownState is what these tests read of a state.
type shownState struct {
	SubAppID uint64 `json:"SubAppId"`
	Faults   string
	Failures string
	Waiting  []struct{ Number int }
	InFlight []struct{ Number int }
	Stats    struct{ Confirmed int }
}

// numbers returns those of the events that wait.
func (s shownState) numbers() (numbers []int) {
	for _, event := range s.Waiting {
		numbers = append(numbers, event.Number)
	}
	return numbers
}

type pulled struct {
	EventHandle, EventType string
	raw                    string
}

// pull returns what a pull brings.
func pull(t *testing.T, e *vodtest.Emulator) []pulled {
	t.Helper()
	set, err := e.Pull(t.Context(), appID)
	if err != nil {
		t.Errorf("Pull: %v", err)
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(set, &raw); err != nil {
		t.Errorf("EventSet %s: %v", set, err)
	}
	events := make([]pulled, len(raw))
	for i := range raw {
		if err := json.Unmarshal(raw[i], &events[i]); err != nil {
			t.Errorf("event %s: %v", raw[i], err)
		}
		events[i].raw = string(raw[i])
	}
	return events
}

// wantCode wants an API error with a code, or none if that is empty.
func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	var got string
	if api, ok := errors.AsType[*vodtest.APIError](err); ok {
		got = api.Code
	}
	if got != want || want == "" && err != nil {
		t.Errorf("error is %v, want code %q", err, want)
	}
}

// wire serves over in-memory connections, so that HTTP too runs in a bubble.
func wire(t *testing.T, handler http.Handler) *http.Transport {
	listener := pipe.Listen()
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.Dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	})
	return transport
}
