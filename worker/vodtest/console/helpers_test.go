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
	"time"

	"github.com/vodworker/vodworker/events"
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
	Control(e, Options{}).ServeHTTP(w, r)
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
	Now      time.Time
	AheadMS  int64 `json:"AheadMs"`
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

// pull returns what a pull brings.
func pull(t *testing.T, e *vodtest.Emulator) []events.Event {
	t.Helper()
	set, err := e.Pull(t.Context(), appID)
	if err != nil {
		t.Errorf("Pull: %v", err)
		return nil
	}
	if !json.Valid(set) {
		t.Errorf("EventSet %s", set)
	}
	return events.Split(set)
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
