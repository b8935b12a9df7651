package vodtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
)

// busy returns an emulator with one event that waits and one in flight.
func busy(t *testing.T) *Emulator {
	e := New(Config{Hold: -1})
	deliver(t, e, 1)
	send(t, e, `{}`)
	return e
}

// state is everything that a request could change.
func state(e *Emulator) any {
	return []any{e.Queued(appID), e.Stats(appID), e.app(appID).settings, len(e.apps)}
}

func wireRequest(method, query, action, contentType string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://vod.example.com/", nil)
	r.Method = method
	r.URL = &url.URL{Path: "/", RawQuery: query}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-TC-Action", action)
	r.Header.Set("X-TC-Version", version)
	r.Header.Set("X-TC-Timestamp", unixNow(0))
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

func FuzzUnsignedRequestsChangeNothing(f *testing.F) {
	f.Add("POST", "", pullEvents, "application/json", "", []byte(`{"SubAppId":1500000001}`))
	f.Add("POST", "", confirmEvents, "application/json",
		"TC3-HMAC-SHA256 Credential=AKIDemulator/2000-01-01/vod/tc3_request, SignedHeaders=content-type;host, Signature=00",
		[]byte(`{"SubAppId":1500000001,"EventHandles":["tdmq16294208416658607535"]}`))
	f.Add("GET", "SubAppId=1500000001&Mode=PUSH", modifyEventConfig, "", "TC3-HMAC-SHA256 Credential=/,,=;SignedHeaders=",
		[]byte(nil))
	f.Add("GET", "", "", "", "", []byte("x"))
	f.Add("GET", "Action=ModifyEventConfig&Version=2018-07-17&Mode=PUSH&SecretId=AKIDemulator&Signature=", "", "", "", []byte(nil))
	f.Add("POST", "", "", "application/x-www-form-urlencoded", "",
		[]byte("Action=PullEvents&SubAppId=1500000001&Timestamp=1&Nonce=1&SecretId=AKIDemulator&Signature=AAAA&Token=%zz"))
	f.Fuzz(func(t *testing.T, method, query, action, contentType, auth string, body []byte) {
		e := busy(t)
		before := state(e)
		r := wireRequest(method, query, action, contentType, body)
		r.Header.Set("Authorization", auth)
		status, kind, answer := ask(e, r)
		if status != http.StatusOK {
			t.Errorf("status is %d", status)
		}
		if kind == "application/json" && answeredCode(t, answer) == "" {
			t.Errorf("answer is %s", answer)
		}
		if after := state(e); !reflect.DeepEqual(before, after) {
			t.Errorf("state was %+v, is %+v", before, after)
		}
	})
}

func FuzzSignedRequestsAreAnswered(f *testing.F) {
	f.Add("", pullEvents, []byte(`{"SubAppId":1500000001}`), false)
	f.Add("", confirmEvents, []byte(`{"EventHandles":["a",null,"\ud800"],"SubAppId":1500000001}`), false)
	f.Add("EventHandles.0=a&EventHandles.-1=b&EventHandles.=c&.1=d&SubAppId=1&SubAppId=2", confirmEvents, []byte(nil), true)
	f.Add("", modifyEventConfig, []byte(`{"Mode":"PUSH","NotificationUrl":"http://\u0000","SignKey":""}`), false)
	f.Fuzz(func(t *testing.T, query, action string, body []byte, get bool) {
		e := busy(t)
		method := http.MethodPost
		if get {
			method = http.MethodGet
		}
		r := wireRequest(method, query, action, "application/json", body)
		signAs(r, DefaultSecretID, DefaultSecretKey, body, "content-type", "host")
		status, kind, answer := ask(e, r)
		if status != http.StatusOK || kind != "application/json" || !json.Valid([]byte(answer)) {
			t.Errorf("answer is %d, %s, %s", status, kind, answer)
		}
		if got := answeredCode(t, answer); got == "AuthFailure.SignatureFailure" {
			t.Errorf("a good signature is refused: %s", answer)
		}
		if got := e.Stats(appID); got.Confirmed != 0 || got.InFlight+got.Waiting != 2 {
			t.Errorf("Stats are %+v: an event went without its handle", got)
		}
	})
}

func FuzzSignedFormsAreAnswered(f *testing.F) {
	f.Add("Action=PullEvents&SubAppId=1500000001", true, true)
	f.Add("Action=ConfirmEvents&SubAppId=1500000001&EventHandles.0=a&EventHandles.-1=b&EventHandles.=c&.1=d&EventHandles=e",
		false, true)
	f.Add("Action=ModifyEventConfig&Mode=PUSH&NotificationUrl=http%3A%2F%2F%00&SignKey=&=&&%C3%28=+", false, false)
	f.Add("Action=DescribeEventsState&SubAppId=1&SubAppId=2&SubAppId.0=3&Region=&Language=x", true, false)
	f.Add("Action=ConfirmEvents&SubAppId=1500000001", true, true)
	f.Fuzz(func(t *testing.T, text string, get, sha1 bool) {
		form, _ := url.ParseQuery(text)
		form.Set("Version", version)
		form.Set("Timestamp", unixNow(0))
		form.Set("Nonce", "1")
		form.Set("SecretId", DefaultSecretID)
		form.Del("Token")
		form.Set("SignatureMethod", common.SHA256)
		if sha1 {
			form.Set("SignatureMethod", common.SHA1)
		}
		method := http.MethodPost
		if get {
			method = http.MethodGet
		}
		e := busy(t)
		status, kind, answer := ask(e, v1Signed(method, form))
		if status != http.StatusOK || kind != "application/json" || !json.Valid([]byte(answer)) {
			t.Errorf("answer is %d, %s, %s", status, kind, answer)
		}
		// A parameter of the action may be missing; those of the signature are all there.
		if strings.HasPrefix(answeredCode(t, answer), "AuthFailure") || strings.Contains(answer, "the request has no") {
			t.Errorf("a good signature is refused: %s", answer)
		}
		if got := e.Stats(appID); got.Confirmed != 0 || got.InFlight+got.Waiting != 2 {
			t.Errorf("Stats are %+v: an event went without its handle", got)
		}
	})
}
