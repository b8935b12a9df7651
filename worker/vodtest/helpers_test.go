package vodtest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"
)

const appID = 1500000001

// pulled is one event of an answer.
type pulled struct {
	EventHandle string
	EventType   string
	N           int
	raw         string
}

func decode(t *testing.T, eventSet []byte) []pulled {
	t.Helper()
	if eventSet == nil {
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(eventSet, &raw); err != nil {
		t.Errorf("EventSet %s: %v", eventSet, err)
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

// pull returns what a pull brings; an empty queue brings nothing.
func pull(t *testing.T, e *Emulator, app uint64) []pulled {
	t.Helper()
	set, err := e.Pull(t.Context(), app)
	if err != nil && code(err) != "ResourceNotFound" {
		t.Errorf("Pull: %v", err)
	}
	return decode(t, set)
}

// pullOne returns the handle of the only event that a pull brings.
func pullOne(t *testing.T, e *Emulator) string {
	t.Helper()
	events := pull(t, e, appID)
	if len(events) != 1 {
		t.Errorf("Pull brought %d events, want 1", len(events))
		return ""
	}
	return events[0].EventHandle
}

func send(t *testing.T, e *Emulator, contents ...string) {
	t.Helper()
	for _, content := range contents {
		if err := e.Send(appID, []byte(content)); err != nil {
			t.Errorf("Send: %v", err)
		}
	}
}

// code returns the code of an API error, and "" for any other error and for none.
func code(err error) string {
	if api, ok := errors.AsType[*APIError](err); ok {
		return api.Code
	}
	return ""
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := code(err); got != want || want == "" && err != nil {
		t.Fatalf("error is %v, want code %q", err, want)
	}
}

func wantElapsed(t *testing.T, since time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(since); got != want {
		t.Errorf("%v passed, want %v", got, want)
	}
}

// at lets f run, in the bubble, when d has passed.
func at(d time.Duration, f func()) { time.AfterFunc(d, f) }

// bubble runs f in a synctest bubble with an emulator.
func bubble(t *testing.T, cfg Config, f func(t *testing.T, e *Emulator)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, New(cfg)) })
}

// request returns a signed request.
func request(action, body string) *http.Request {
	r, _ := http.NewRequest(http.MethodPost, "http://vod.example.com/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	r.Header.Set("X-TC-Action", action)
	r.Header.Set("X-TC-Version", version)
	r.Header.Set("X-TC-Timestamp", unixNow(0))
	signAs(r, DefaultSecretID, DefaultSecretKey, []byte(body), "content-type", "host", "x-tc-action")
	return r
}

// roundTrip returns the status and the body of the answer.
func roundTrip(t *testing.T, rt http.RoundTripper, r *http.Request) (int, string, error) {
	t.Helper()
	response, err := rt.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// answeredCode returns the code in the body of an answer.
func answeredCode(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		Response struct {
			Error     struct{ Code, Message string }
			RequestId string
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("answer %s: %v", body, err)
	}
	if answer.Response.RequestId == "" {
		t.Fatalf("answer %s has no RequestId", body)
	}
	return answer.Response.Error.Code
}

func sdkClient(t *testing.T, secretID, secretKey, endpoint, method string) *vod.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Endpoint = endpoint
	p.HttpProfile.Scheme = "HTTP"
	p.HttpProfile.ReqTimeout = 10
	p.HttpProfile.ReqMethod = method
	client, err := vod.NewClient(common.NewCredential(secretID, secretKey), "ap-guangzhou", p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// unixNow returns the time in seconds, off by skew.
func unixNow(skew time.Duration) string { return strconv.FormatInt(time.Now().Add(skew).Unix(), 10) }
