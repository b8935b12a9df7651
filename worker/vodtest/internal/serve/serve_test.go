package serve_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

func TestACallIsPostedOrSignedOrHasAQuery(t *testing.T) {
	for _, test := range []struct {
		method, url string
		signed      bool
		want        bool
	}{
		{"GET", "/", false, false},
		{"HEAD", "/", false, false},
		{"GET", "/?Action=PullEvents", false, true},
		{"GET", "/", true, true},
		{"POST", "/", false, true},
		{"PUT", "/", false, true},
	} {
		r := httptest.NewRequest(test.method, test.url, nil)
		if test.signed {
			r.Header.Set("Authorization", "TC3-HMAC-SHA256 …")
		}
		if got := serve.IsCall(r); got != test.want {
			t.Errorf("%+v: IsCall is %v", test, got)
		}
	}
}

func TestNoMoreIsTakenThanTheAPIAllows(t *testing.T) {
	if serve.MaxBody != 10*1024*1024 || serve.MaxQuery != 32*1024 {
		t.Errorf("the limits are %d and %d bytes, want 10 MiB and 32 KiB", serve.MaxBody, serve.MaxQuery)
	}
	for _, test := range []struct {
		method      string
		query, body int // bytes
		code        string
	}{
		{"POST", 0, serve.MaxBody, ""},
		{"POST", 0, serve.MaxBody + 1, "RequestSizeLimitExceeded"},
		{"POST", 0, serve.MaxBody + 100, "RequestSizeLimitExceeded"},
		{"GET", serve.MaxQuery, 0, ""},
		{"GET", serve.MaxQuery + 1, 0, "RequestSizeLimitExceeded"},
		{"POST", serve.MaxQuery + 1, 0, "RequestSizeLimitExceeded"},
		{"PUT", 0, 0, "UnsupportedProtocol"},
	} {
		r := httptest.NewRequest(test.method, "/?"+strings.Repeat("x", test.query), strings.NewReader(strings.Repeat("x", test.body)))
		body, err := serve.NewBodies().Read(t.Context(), httptest.NewRecorder(), r)
		if err != nil || len(body) != min(test.body, serve.MaxBody+1) {
			t.Errorf("%+v: %d bytes are read, %v", test, len(body), err)
		}
		if got := code(serve.Check(r, body)); got != test.code {
			t.Errorf("%+v: the code is %q", test, got)
		}
	}
}

func TestParametersAreReadFromWhereTheyAre(t *testing.T) {
	for _, test := range []struct {
		method string
		form   url.Values
		want   string
	}{
		{"POST", nil, "json"},
		{"GET", nil, "query"},
		{"POST", url.Values{"Name": {"form"}}, "form"},
		{"GET", url.Values{"Name": {"form"}}, "form"},
	} {
		r := httptest.NewRequest(test.method, "/?Name=query", nil)
		given, err := serve.Parameters(r, test.form, []byte(`{"Name":"json"}`))
		var p struct{ Name string }
		if err == nil {
			err = given.Read(&p)
		}
		if err != nil || p.Name != test.want {
			t.Errorf("%+v: they are %+v, %v", test, p, err)
		}
	}
}

func TestAnAnswerIsJSONWhateverIsInIt(t *testing.T) {
	for _, test := range []struct {
		answer serve.Answer
		want   string
	}{
		{serve.Response("1-2", nil), `{"Response":{"RequestId":"1-2"}}`},
		{serve.Response("1-2", []byte(`"Total":1`)), `{"Response":{"Total":1,"RequestId":"1-2"}}`},
		{serve.Refusal("1-2", "InvalidParameter", "a \"b\"\n\x80"),
			`{"Response":{"Error":{"Code":"InvalidParameter","Message":"a \"b\"\n\ufffd"},"RequestId":"1-2"}}`},
	} {
		if test.answer.Status != 200 || test.answer.ContentType != "application/json" || string(test.answer.Body) != test.want {
			t.Errorf("it is %d, %s, %s, want %s", test.answer.Status, test.answer.ContentType, test.answer.Body, test.want)
		}
	}
}

func TestAnAnswerIsOutWhenItIsWritten(t *testing.T) {
	w := httptest.NewRecorder()
	serve.Odd.Write(w)
	if !w.Flushed || w.Body.String() != "{}" || w.Header().Get("Content-Length") != "2" {
		t.Errorf("it is %+v", w)
	}
}

func TestHalfOfAnAnswerPromisesAllOfIt(t *testing.T) {
	w := httptest.NewRecorder()
	defer func() {
		if got := recover(); got != http.ErrAbortHandler || !w.Flushed {
			t.Errorf("panic is %v, want %v", got, http.ErrAbortHandler)
		}
		if w.Body.String() != "12" || w.Header().Get("Content-Length") != "4" {
			t.Errorf("of 1234 it sends %s with %v", w.Body, w.Header())
		}
	}()
	serve.Answer{Status: 200, ContentType: "text/plain", Body: []byte("1234")}.Cut(w)
}

// code returns the code of an API error, and "" for any other error and for none.
func code(err error) string {
	if refused, ok := errors.AsType[*api.Error](err); ok {
		return refused.Code
	}
	return ""
}
