package vodtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

// signAs signs a request as a client would that follows the documentation to the letter: lower-case values. It shares
// nothing with what checks the signature.
func signAs(r *http.Request, secretID, secretKey string, body []byte, headers ...string) {
	hash := func(data []byte) string {
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:])
	}
	query := ""
	if r.Method == http.MethodGet {
		query = r.URL.RawQuery
	}
	names := strings.Join(headers, ";")
	request := r.Method + "\n/\n" + query + "\n"
	for _, name := range headers {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		request += name + ":" + strings.TrimSpace(strings.ToLower(value)) + "\n"
	}
	request += "\n" + names + "\n" + hash(body)

	date := time.Now().UTC().Format(time.DateOnly)
	scope := date + "/vod/tc3_request"
	text := "TC3-HMAC-SHA256\n" + r.Header.Get("X-TC-Timestamp") + "\n" + scope + "\n" + hash([]byte(request))
	signature := []byte("TC3" + secretKey)
	for _, message := range []string{date, "vod", "tc3_request", text} {
		mac := hmac.New(sha256.New, signature)
		mac.Write([]byte(message))
		signature = mac.Sum(nil)
	}
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential="+secretID+"/"+scope+
		", SignedHeaders="+names+", Signature="+hex.EncodeToString(signature))
}

// v1Request returns a request in the way of version 1. edit changes its parameters before they are signed.
func v1Request(method, action string, edit func(url.Values)) *http.Request {
	form := url.Values{
		"Action": {action}, "Version": {version}, "Timestamp": {unixNow(0)}, "Nonce": {"11886"}, "Region": {""},
		"SecretId": {DefaultSecretID}, "SignatureMethod": {common.SHA256},
	}
	if edit != nil {
		edit(form)
	}
	return v1Signed(method, form)
}

// v1Signed returns a request with these parameters, signed by the official SDK's function.
func v1Signed(method string, form url.Values) *http.Request {
	const host = "vod.example.com"
	form.Del("Signature")
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		pairs = append(pairs, name+"="+form.Get(name))
	}
	text := method + host + "/?" + strings.Join(pairs, "&")
	form.Set("Signature", common.Sign(text, DefaultSecretKey, form.Get("SignatureMethod")))
	if method == http.MethodGet {
		return httptest.NewRequest(method, "http://"+host+"/?"+form.Encode(), nil)
	}
	r := httptest.NewRequest(method, "http://"+host+"/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestRequestsOfVersion1AreTakenByEitherMethod(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		var last Call
		e := New(Config{Observe: func(c Call) { last = c }})
		_, _, answer := ask(e, v1Request(method, describeEventConfig, func(form url.Values) { form.Set("SubAppId", "7") }))
		if got := answeredCode(t, answer); got != "" || last.Action != describeEventConfig || last.SubAppID != 7 {
			t.Errorf("%s: answer is %s, of %+v", method, answer, last)
		}
		_, _, answer = ask(e, v1Request(method, describeEventConfig, func(form url.Values) { form.Set("SubAppID", "7") }))
		if got := answeredCode(t, answer); got != "UnknownParameter" {
			t.Errorf("%s, misspelt: answer is %s", method, answer)
		}
	}
}

func TestAnotherKeysSignatureOfVersion1IsRefused(t *testing.T) {
	_, _, answer := ask(New(Config{SecretKey: "another"}), v1Request("GET", describeEventConfig, nil))
	if got := answeredCode(t, answer); got != "AuthFailure.SignatureFailure" {
		t.Errorf("answer is %s", answer)
	}
}

func TestALongQueryIsRefused(t *testing.T) {
	r := v1Request("GET", describeEventConfig, func(form url.Values) { form.Set("Language", strings.Repeat("x", serve.MaxQuery)) })
	if _, _, answer := ask(New(Config{}), r); answeredCode(t, answer) != "RequestSizeLimitExceeded" {
		t.Errorf("answer is %s", answer)
	}
}
