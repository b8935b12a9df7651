package vodtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
)

// v1Request returns a request in the way of version 1, signed by the official SDK's function. edit changes the
// parameters before they are signed.
func v1Request(method, action string, edit func(url.Values)) *http.Request {
	form := url.Values{
		v1Action: {action}, v1Version: {version}, v1Timestamp: {unixNow(0)}, v1Nonce: {"11886"}, "Region": {""},
		v1SecretID: {DefaultSecretID}, v1Method: {common.SHA256},
	}
	if edit != nil {
		edit(form)
	}
	r := v1Unsigned(method, form)
	form.Set(v1Signature, common.Sign(v1Text(r, form), DefaultSecretKey, form.Get(v1Method)))
	return v1Unsigned(method, form)
}

func v1Unsigned(method string, form url.Values) *http.Request {
	const endpoint = "http://vod.example.com/"
	if method == http.MethodGet {
		return httptest.NewRequest(method, endpoint+"?"+form.Encode(), nil)
	}
	r := httptest.NewRequest(method, endpoint, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// The documentation's own example of this signature.
func TestAKnownVersion1SignatureIsReproduced(t *testing.T) {
	form := url.Values{
		"Action": {"DescribeInstances"}, "InstanceIds.0": {"ins-09dx96dg"}, "Limit": {"20"}, "Nonce": {"11886"}, "Offset": {"0"},
		"Region": {"ap-guangzhou"}, "SecretId": {"AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"}, "Timestamp": {"1465185768"},
		"Version": {"2017-03-12"}, "Signature": {"whatever"},
	}
	r := httptest.NewRequest(http.MethodGet, "https://cvm.tencentcloudapi.com/", nil)
	const want = "GETcvm.tencentcloudapi.com/?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Limit=20&Nonce=11886" +
		"&Offset=0&Region=ap-guangzhou&SecretId=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE&Timestamp=1465185768&Version=2017-03-12"
	text := v1Text(r, form)
	if text != want {
		t.Errorf("what is signed is %s, want %s", text, want)
	}
	const key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	if got := common.Sign(text, key, common.SHA1); got != "EliP9YW3pW28FpsEdkXt/+WcGeI=" {
		t.Errorf("the signature is %s", got)
	}
	e := New(Config{SecretID: form.Get(v1SecretID), SecretKey: key})
	form.Set(v1Signature, "EliP9YW3pW28FpsEdkXt/+WcGeI=")
	if err := e.authenticateV1(r, form, time.Unix(1465185768, 0)); err != nil {
		t.Errorf("the request is refused: %v", err)
	}
}

func TestRequestsOfVersion1AreRefusedForWhatIsWrongWithThem(t *testing.T) {
	set := func(name, value string) func(url.Values) {
		return func(form url.Values) { form.Set(name, value) }
	}
	drop := func(name string) func(url.Values) {
		return func(form url.Values) { form.Del(name) }
	}
	for _, method := range []string{"GET", "POST"} {
		for _, test := range []struct {
			name string
			edit func(url.Values)
			code string
		}{
			{name: "nothing"},
			{name: "another common parameter", edit: set("Language", "en-US")},
			{name: "SubAppId", edit: set(subAppID, "7")},
			{name: "HmacSHA1", edit: set(v1Method, "HmacSHA1")},
			{name: "no method, which is HmacSHA1", edit: drop(v1Method)},
			{name: "unknown method", edit: set(v1Method, "HmacMD5"), code: "AuthFailure.SignatureFailure"},
			{name: "the newer method", edit: set(v1Method, "TC3-HMAC-SHA256"), code: "AuthFailure.SignatureFailure"},
			{name: "no id", edit: drop(v1SecretID), code: "MissingParameter"},
			{name: "other id", edit: set(v1SecretID, "AKIDother"), code: "AuthFailure.SecretIdNotFound"},
			{name: "a token", edit: set(v1Token, "x"), code: "AuthFailure.TokenFailure"},
			{name: "no time", edit: drop(v1Timestamp), code: "MissingParameter"},
			{name: "odd time", edit: set(v1Timestamp, "now"), code: "AuthFailure.InvalidAuthorization"},
			{name: "old", edit: set(v1Timestamp, unixNow(-6*time.Minute)), code: "AuthFailure.SignatureExpire"},
			{name: "early", edit: set(v1Timestamp, unixNow(6*time.Minute)), code: "AuthFailure.SignatureExpire"},
			{name: "no nonce", edit: drop(v1Nonce), code: "MissingParameter"},
			{name: "no action", edit: drop(v1Action), code: "InvalidAction"},
			{name: "other action", edit: set(v1Action, "DescribeMediaInfos"), code: "InvalidAction"},
			{name: "no version", edit: drop(v1Version), code: "NoSuchVersion"},
			{name: "misspelt parameter", edit: set("SubAppID", "7"), code: "UnknownParameter"},
			{name: "list", edit: set("SubAppId.0", "7"), code: "InvalidParameter"},
			{name: "nested list", edit: set("SubAppId.0.x", "7"), code: "UnknownParameter"},
			{name: "odd SubAppId", edit: set(subAppID, "-7"), code: "InvalidParameter"},
		} {
			_, _, answer := serve(New(Config{}), v1Request(method, describeEventConfig, test.edit))
			if got := answeredCode(t, answer); got != test.code {
				t.Errorf("%s, %s: answer is %s, want the code %q", method, test.name, answer, test.code)
			}
		}
	}
}

func TestARequestOfVersion1ThatIsNotAsItWasSignedIsRefused(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		signed := func() (*http.Request, url.Values) {
			r := v1Request(method, describeEventConfig, nil)
			if method == "GET" {
				return r, r.URL.Query()
			}
			_ = r.ParseForm()
			return r, r.PostForm
		}
		e := New(Config{})
		for name, edit := range map[string]func(r *http.Request, form url.Values){
			"parameter":     func(_ *http.Request, form url.Values) { form.Set(subAppID, "7") },
			"nonce":         func(_ *http.Request, form url.Values) { form.Set(v1Nonce, "1") },
			"method":        func(_ *http.Request, form url.Values) { form.Set(v1Method, "HmacSHA1") },
			"signature":     func(_ *http.Request, form url.Values) { form.Set(v1Signature, "AAAA") },
			"odd signature": func(_ *http.Request, form url.Values) { form.Set(v1Signature, "%") },
			"host":          func(r *http.Request, _ url.Values) { r.Host = "vod.intl.example.com" },
			"path":          func(r *http.Request, _ url.Values) { r.URL.Path = "/v2" },
			"verb":          func(r *http.Request, _ url.Values) { r.Method = "PUT" },
		} {
			r, form := signed()
			if err := e.authenticateV1(r, form, time.Now()); err != nil {
				t.Fatalf("%s, as it was: %v", method, err)
			}
			edit(r, form)
			if err := e.authenticateV1(r, form, time.Now()); code(err) != "AuthFailure.SignatureFailure" {
				t.Errorf("%s, other %s: %v", method, name, err)
			}
		}
	}
}

func TestAFormIsNoWayAroundASignature(t *testing.T) {
	for _, r := range []*http.Request{
		v1Unsigned("GET", url.Values{v1Action: {pullEvents}}),
		v1Unsigned("POST", url.Values{v1Action: {pullEvents}}),
		httptest.NewRequest("POST", "/", strings.NewReader(`{"SecretId":"AKIDemulator","Signature":""}`)),
	} {
		_, _, answer := serve(New(Config{}), r)
		if got := answeredCode(t, answer); got != "AuthFailure.InvalidAuthorization" {
			t.Errorf("answer is %s", answer)
		}
	}
	r := v1Request("POST", describeEventConfig, nil)
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 x")
	if _, _, answer := serve(New(Config{}), r); answeredCode(t, answer) != "AuthFailure.InvalidAuthorization" {
		t.Errorf("answer is %s", answer)
	}
}

func TestALongQueryIsRefused(t *testing.T) {
	r := v1Request("GET", describeEventConfig, func(form url.Values) { form.Set("Language", strings.Repeat("x", maxQuery)) })
	if _, _, answer := serve(New(Config{}), r); answeredCode(t, answer) != "RequestSizeLimitExceeded" {
		t.Errorf("answer is %s", answer)
	}
}
