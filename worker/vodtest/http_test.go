package vodtest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

// ask returns the answer of a handler that is called in process.
func ask(e *Emulator, r *http.Request) (status int, contentType, body string) {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Content-Type"), w.Body.String()
}

func TestAClosedEmulatorDoesNotEvenRefuse(t *testing.T) {
	e := New(Config{})
	e.Close()
	r := request(describeEventConfig, `{}`)
	r.Header.Del("Authorization")
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("the connection is not broken, but %v", got)
		}
	}()
	_, _, answer := ask(e, r)
	t.Errorf("the answer is %s", answer)
}

// resign signs a request again whose headers were changed.
func resign(r *http.Request, body string) {
	signAs(r, DefaultSecretID, DefaultSecretKey, []byte(body), "content-type", "host")
}

func TestRequestsAreRefusedForWhatIsWrongWithThem(t *testing.T) {
	for _, test := range []struct {
		name   string
		action string
		body   string
		edit   func(r *http.Request, body string)
		code   string
	}{
		{name: "nothing", action: describeEventConfig, body: `{"SubAppId":7}`},
		{name: "no body at all", action: describeEventConfig, body: ``},
		{name: "null", action: describeEventConfig, body: `null`},
		{name: "null SubAppId", action: describeEventConfig, body: `{"SubAppId":null}`},
		{name: "unsigned", action: describeEventConfig, body: `{}`, code: "AuthFailure.InvalidAuthorization",
			edit: func(r *http.Request, _ string) { r.Header.Del("Authorization") }},
		{name: "key", action: describeEventConfig, body: `{}`, code: "AuthFailure.SignatureFailure",
			edit: func(r *http.Request, body string) {
				signAs(r, DefaultSecretID, "other", []byte(body), "content-type", "host")
			}},
		{name: "id", action: describeEventConfig, body: `{}`, code: "AuthFailure.SecretIdNotFound",
			edit: func(r *http.Request, body string) {
				signAs(r, "other", DefaultSecretKey, []byte(body), "content-type", "host")
			}},
		{name: "clock", action: describeEventConfig, body: `{}`, code: "AuthFailure.SignatureExpire",
			edit: func(r *http.Request, body string) {
				r.Header.Set("X-TC-Timestamp", unixNow(-6*time.Minute))
				resign(r, body)
			}},
		{name: "method", action: describeEventConfig, body: `{}`, code: "UnsupportedProtocol",
			edit: func(r *http.Request, body string) { r.Method = "PUT"; resign(r, body) }},
		{name: "action", action: "PullEvent", body: `{}`, code: "InvalidAction"},
		{name: "an action that VOD has", action: "LiveRealTimeClip", body: `{}`, code: "UnsupportedOperation"},
		{name: "no action", action: "", body: `{}`, code: "InvalidAction"},
		{name: "version", action: describeEventConfig, body: `{}`, code: "NoSuchVersion",
			edit: func(r *http.Request, body string) { r.Header.Set("X-TC-Version", "2024-07-18"); resign(r, body) }},
		{name: "not JSON", action: describeEventConfig, body: `{`, code: "InvalidParameter"},
		{name: "not an object", action: describeEventConfig, body: `[]`, code: "InvalidParameter"},
		{name: "misspelt parameter", action: describeEventConfig, body: `{"SubAppID":7}`, code: "UnknownParameter"},
		{name: "SubAppId as text", action: describeEventConfig, body: `{"SubAppId":"7"}`, code: "InvalidParameter"},
		{name: "negative SubAppId", action: describeEventConfig, body: `{"SubAppId":-7}`, code: "InvalidParameter"},
		{name: "handles as text", action: confirmEvents, body: `{"EventHandles":"x"}`, code: "InvalidParameter"},
		{name: "numbers as handles", action: confirmEvents, body: `{"EventHandles":[1]}`, code: "InvalidParameter"},
		{name: "no handles", action: confirmEvents, body: `{}`, code: "MissingParameter"},
		{name: "null as a handle", action: confirmEvents, body: `{"EventHandles":[null]}`, code: "InvalidParameter"},
		{name: "reserved parameter", action: pullEvents, body: `{"ExtInfo":"x"}`, code: "ResourceNotFound"},
		{name: "too large", action: describeEventConfig, body: strings.Repeat(" ", serve.MaxBody) + "{}",
			code: "RequestSizeLimitExceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := New(Config{Hold: -1})
			r := request(test.action, test.body)
			if test.edit != nil {
				test.edit(r, test.body)
			}
			status, contentType, body := ask(e, r)
			if status != http.StatusOK || contentType != "application/json" {
				t.Errorf("answer is %d, %s", status, contentType)
			}
			if got := answeredCode(t, body); got != test.code {
				t.Errorf("answer is %s, want the code %q", body, test.code)
			}
		})
	}
}

func TestRefusedRequestsCountForNothing(t *testing.T) {
	e := New(Config{})
	ask(e, request(pullEvents, `{"SubAppId":7,"Limit":1}`))
	if got := e.Stats(7); len(got.Calls) != 0 {
		t.Errorf("calls are %v", got.Calls)
	}
}

func TestABodyThatBreaksOffIsNotAnswered(t *testing.T) {
	r := request(pullEvents, `{}`)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenReader{}))
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panic is %v, want %v", got, http.ErrAbortHandler)
		}
	}()
	ask(New(Config{}), r)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestABrowserIsToldWhatThisIs(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := httptest.NewRequest(method, "http://127.0.0.1:9266/", nil)
		status, contentType, body := ask(New(Config{SecretID: "AKIDmine"}), r)
		if status != 200 || contentType != "text/plain; charset=utf-8" {
			t.Errorf("answer is %d, %s", status, contentType)
		}
		for _, want := range []string{"emulator", "127.0.0.1:9266", "AKIDmine", pullEvents} {
			if !strings.Contains(body, want) {
				t.Errorf("answer %q does not contain %q", body, want)
			}
		}
	}
	status, _, body := ask(New(Config{}), httptest.NewRequest(http.MethodGet, "/?Action=PullEvents", nil))
	if got := answeredCode(t, body); status != 200 || got != "AuthFailure.InvalidAuthorization" {
		t.Errorf("an unsigned call is answered %d %s", status, body)
	}
}

func TestAQueryCarriesParametersToo(t *testing.T) {
	var last Call
	bubble(t, Config{Hold: -1, Observe: func(c Call) { last = c }}, func(t *testing.T, e *Emulator) {
		call := func(action, query string) string {
			r := httptest.NewRequest(http.MethodGet, "http://vod.example.com/?"+query, nil)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-TC-Action", action)
			r.Header.Set("X-TC-Version", version)
			r.Header.Set("X-TC-Timestamp", unixNow(0))
			resign(r, "")
			_, _, body := ask(e, r)
			return answeredCode(t, body)
		}
		handles := deliver(t, e, 12)
		query := "SubAppId=1500000001"
		for i, place := range []string{"10", "11", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
			query += "&EventHandles." + place + "=" + handles[i]
		}
		if got := call(confirmEvents, query); got != "" {
			t.Errorf("ConfirmEvents answers %s", got)
		}
		if want := append(slices.Clone(handles[2:]), handles[:2]...); !slices.Equal(last.Handles, want) {
			t.Errorf("the handles came as %v, want %v", last.Handles, want)
		}
		if got := e.Stats(appID); got.Confirmed != 12 {
			t.Errorf("%d events were confirmed, want 12", got.Confirmed)
		}
		for query, want := range map[string]string{
			"SubAppId=x":             "InvalidParameter",
			"SubAppId=":              "InvalidParameter",
			"Limit=16":               "UnknownParameter",
			"EventHandles.0=unknown": "InvalidParameterValue",
			"a=%zz":                  "InvalidParameter",
		} {
			if got := call(confirmEvents, query); got != want {
				t.Errorf("%s is answered %s, want %s", query, got, want)
			}
		}
		if got := call(modifyEventConfig, "Mode=PUSH&NotificationUrl=http%3A%2F%2F1.2.3.4%2F"); got != "" {
			t.Errorf("ModifyEventConfig answers %s", got)
		}
		if got := e.app(0).settings; got.mode != "PUSH" || got.url != "http://1.2.3.4/" {
			t.Errorf("settings are %+v", got)
		}
	})
}

func TestNoTwoRequestsHaveTheSameID(t *testing.T) {
	e := New(Config{Hold: -1})
	seen := map[string]bool{}
	for range 100 {
		_, _, body := ask(e, request(pullEvents, `{}`))
		_, id, _ := strings.Cut(body, `"RequestId":`)
		if seen[id] || len(id) != len(`"00000000-0000-0000-0000-000000000000"}}`) {
			t.Fatalf("RequestId in %s is odd or was seen before", body)
		}
		seen[id] = true
	}
}

func TestWhoAsksForAnActionThatIsNotHereLearnsWhoseItIs(t *testing.T) {
	for action, want := range map[string]string{
		"LiveRealTimeClip": "VOD has the action LiveRealTimeClip, and this emulator does not; it has PullEvents, ",
		"ProcessMedias":    `there is no action \"ProcessMedias\" in version 2018-07-17`,
	} {
		if _, _, body := ask(New(Config{}), request(action, `{}`)); !strings.Contains(body, want) {
			t.Errorf("%s is answered %s", action, body)
		}
	}
}

// Who mixes up their headers sends a secret for an action.
func TestOnlyWhoSignsNamesAnActionThatVODDoesNotHave(t *testing.T) {
	v1 := func(*http.Request) *http.Request {
		return httptest.NewRequest(http.MethodGet, "/?Action=AKIDsecret&SecretId=AKIDnobody&Timestamp="+unixNow(0)+
			"&Nonce=1&Signature=x", nil)
	}
	for _, test := range []struct {
		name, action, want string
		edit               func(*http.Request) *http.Request
	}{
		{"signed", "AKIDsecret", "AKIDsecret", nil},
		{"with another key", "AKIDsecret", "", func(r *http.Request) *http.Request {
			signAs(r, "AKIDnobody", DefaultSecretKey, []byte(`{}`), "content-type", "host")
			return r
		}},
		{"by another method", "AKIDsecret", "", func(r *http.Request) *http.Request { r.Method = "PUT"; return r }},
		{"in the query", "", "", v1},
		{"what VOD has", "LiveRealTimeClip", "LiveRealTimeClip", func(r *http.Request) *http.Request {
			r.Header.Del("Authorization")
			return r
		}},
	} {
		var seen Call
		e := New(Config{Observe: func(c Call) { seen = c }})
		r := request(test.action, `{}`)
		if test.edit != nil {
			r = test.edit(r)
		}
		_, _, body := ask(e, r)
		if answeredCode(t, body) == "" || seen.Action != test.want {
			t.Errorf("%s: the action is %q, the answer %s", test.name, seen.Action, body)
		}
		if state := string(e.State(0, Filter{})); test.want == "" && strings.Contains(state, "AKIDsecret") {
			t.Errorf("%s: it is in the state", test.name)
		}
	}
}
