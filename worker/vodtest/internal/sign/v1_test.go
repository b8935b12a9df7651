package sign

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
)

// v1Request returns a request in the way of version 1, signed by the official SDK's function at exampleTime. edit changes
// the parameters before they are signed.
func v1Request(method string, edit func(url.Values)) (*http.Request, []byte) {
	form := url.Values{
		v1Action: {"DescribeEventConfig"}, v1Version: {"2018-07-17"}, v1Timestamp: {unix(0)}, v1Nonce: {"11886"}, "Region": {""},
		v1SecretID: {"AKIDEXAMPLE"}, v1Method: {common.SHA256},
	}
	if edit != nil {
		edit(form)
	}
	r, _ := v1Unsigned(method, form)
	form.Set(v1Signature, common.Sign(v1Text(r, form), "SKEXAMPLE", form.Get(v1Method)))
	return v1Unsigned(method, form)
}

func v1Unsigned(method string, form url.Values) (r *http.Request, body []byte) {
	const endpoint = "http://vod.example.com/"
	if method == http.MethodGet {
		return httptest.NewRequest(method, endpoint+"?"+form.Encode(), nil), nil
	}
	return httptest.NewRequest(method, endpoint, nil), []byte(form.Encode())
}

// unix returns exampleTime in seconds, off by skew.
func unix(skew time.Duration) string { return strconv.FormatInt(exampleTime.Add(skew).Unix(), 10) }

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
	form.Set(v1Signature, "EliP9YW3pW28FpsEdkXt/+WcGeI=")
	r.URL.RawQuery = form.Encode()
	q, err := Read(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Check(time.Unix(1465185768, 0), func(string, string) (string, error) { return key, nil }); err != nil {
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
			{name: "SubAppId", edit: set("SubAppId", "7")},
			{name: "HmacSHA1", edit: set(v1Method, "HmacSHA1")},
			{name: "no method, which is HmacSHA1", edit: drop(v1Method)},
			{name: "unknown method", edit: set(v1Method, "HmacMD5"), code: "AuthFailure.SignatureFailure"},
			{name: "the newer method", edit: set(v1Method, "TC3-HMAC-SHA256"), code: "AuthFailure.SignatureFailure"},
			{name: "no id", edit: drop(v1SecretID), code: "MissingParameter"},
			{name: "other id", edit: set(v1SecretID, "AKIDother"), code: "AuthFailure.SecretIdNotFound"},
			{name: "a token", edit: set(v1Token, "x"), code: "AuthFailure.TokenFailure"},
			{name: "no time", edit: drop(v1Timestamp), code: "MissingParameter"},
			{name: "odd time", edit: set(v1Timestamp, "now"), code: "AuthFailure.InvalidAuthorization"},
			{name: "old", edit: set(v1Timestamp, unix(-6*time.Minute)), code: "AuthFailure.SignatureExpire"},
			{name: "early", edit: set(v1Timestamp, unix(6*time.Minute)), code: "AuthFailure.SignatureExpire"},
			{name: "no nonce", edit: drop(v1Nonce), code: "MissingParameter"},
		} {
			r, body := v1Request(method, test.edit)
			if err := check(r, body, exampleTime); code(err) != test.code || test.code == "" && err != nil {
				t.Errorf("%s, %s: error is %v, want the code %q", method, test.name, err, test.code)
			}
		}
	}
}

func TestARequestOfVersion1ThatIsNotAsItWasSignedIsRefused(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		for name, edit := range map[string]func(r *http.Request, form url.Values){
			"parameter":     func(_ *http.Request, form url.Values) { form.Set("SubAppId", "7") },
			"nonce":         func(_ *http.Request, form url.Values) { form.Set(v1Nonce, "1") },
			"method":        func(_ *http.Request, form url.Values) { form.Set(v1Method, "HmacSHA1") },
			"signature":     func(_ *http.Request, form url.Values) { form.Set(v1Signature, "AAAA") },
			"odd signature": func(_ *http.Request, form url.Values) { form.Set(v1Signature, form.Get(v1Signature)+"%") },
			"host":          func(r *http.Request, _ url.Values) { r.Host = "vod.intl.example.com" },
			"path":          func(r *http.Request, _ url.Values) { r.URL.Path = "/v2" },
			"verb":          func(r *http.Request, _ url.Values) { r.Method = "PUT" },
		} {
			r, body := v1Request(method, nil)
			q, err := Read(r, body)
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Check(exampleTime, exampleKeys); err != nil {
				t.Fatalf("%s, as it was: %v", method, err)
			}
			edit(r, q.v1)
			if err := q.Check(exampleTime, exampleKeys); code(err) != "AuthFailure.SignatureFailure" {
				t.Errorf("%s, other %s: %v", method, name, err)
			}
		}
	}
}

func TestAFormIsNoWayAroundASignature(t *testing.T) {
	for _, test := range []struct{ method, query, body string }{
		{"GET", "Action=PullEvents", ""},
		{"POST", "", "Action=PullEvents"},
		{"POST", "SecretId=AKIDEXAMPLE&Signature=", "{}"},
		{"POST", "", `{"SecretId":"AKIDEXAMPLE","Signature":""}`},
	} {
		r := httptest.NewRequest(test.method, "/?"+test.query, nil)
		if err := check(r, []byte(test.body), exampleTime); code(err) != "AuthFailure.InvalidAuthorization" {
			t.Errorf("%+v: error is %v", test, err)
		}
	}
	r, body := v1Request("POST", nil)
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 x")
	if err := check(r, body, exampleTime); code(err) != "AuthFailure.InvalidAuthorization" {
		t.Errorf("with an Authorization too: error is %v", err)
	}
}

func TestTheParametersOfTheActionAreWhatIsNotOfTheSignature(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		r, body := v1Request(method, func(form url.Values) {
			form.Set("SubAppId", "7")
			form.Set("Language", "en-US")
		})
		q, err := Read(r, body)
		if err != nil {
			t.Fatal(err)
		}
		if q.Action != "DescribeEventConfig" || q.Version != "2018-07-17" || q.Form.Encode() != "SubAppId=7" {
			t.Errorf("%s: read %s of %s, with %s", method, q.Action, q.Version, q.Form.Encode())
		}
	}
	q, err := Read(exampleRequest(), []byte(exampleBody))
	if err != nil || q.Form != nil {
		t.Errorf("a request that is signed in its headers has the form %v, %v", q.Form, err)
	}
}

func TestAFormThatCannotBeReadIsRefused(t *testing.T) {
	r := httptest.NewRequest("GET", "/?SecretId=AKIDEXAMPLE&Token=%zz", nil)
	if _, err := Read(r, nil); code(err) != "InvalidParameter" {
		t.Errorf("error is %v", err)
	}
}
