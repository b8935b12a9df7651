package sign

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A request that was signed by another program: secret id AKIDEXAMPLE, key SKEXAMPLE.
const (
	exampleBody      = `{"SubAppId":1500000001}`
	exampleHash      = "31229a9f1db86924c004bff48031bb052391a34480d2f68a8a10310f9fa09b66"
	exampleSignature = "b1383a4e3fc7fbf858ed35822835c3ea608412b311f95bef8208e3b251373258"
)

var exampleTime = time.Unix(1700000000, 0)

func exampleRequest() *http.Request {
	r, _ := http.NewRequest(http.MethodPost, "https://vod.tencentcloudapi.com/", strings.NewReader(exampleBody))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Timestamp", "1700000000")
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/vod/tc3_request, "+
		"SignedHeaders=content-type;host, Signature="+exampleSignature)
	return r
}

// exampleKeys are the key that signed it, which needs no token.
func exampleKeys(secretID, token string) (string, error) {
	switch {
	case secretID != "AKIDEXAMPLE":
		return "", api.Refuse("AuthFailure.SecretIdNotFound", "")
	case token != "":
		return "", api.Refuse("AuthFailure.TokenFailure", "")
	}
	return "SKEXAMPLE", nil
}

// check reads a request and checks it.
func check(r *http.Request, body []byte, now time.Time) error {
	q, err := Read(r, body)
	if err != nil {
		return err
	}
	return q.Check(now, exampleKeys)
}

// code returns the code of an API error, and "" for any other error and for none.
func code(err error) string {
	if refused, ok := errors.AsType[*api.Error](err); ok {
		return refused.Code
	}
	return ""
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := code(err); got != want || want == "" && err != nil {
		t.Errorf("error is %v, want code %q", err, want)
	}
}

func TestAKnownSignatureIsReproduced(t *testing.T) {
	r := exampleRequest()
	canonical := canonicalRequest(r, r.Host, []string{"content-type", "host"}, []byte(exampleBody), true)
	if got := hexSHA256([]byte(canonical)); got != exampleHash {
		t.Errorf("the canonical request has the hash %s, want %s:\n%s", got, exampleHash, canonical)
	}
	if got := signature("SKEXAMPLE", "1700000000", "2023-11-14", vodService, canonical); got != exampleSignature {
		t.Errorf("the signature is %s, want %s", got, exampleSignature)
	}
	if err := check(r, []byte(exampleBody), exampleTime); err != nil {
		t.Errorf("the request is refused: %v", err)
	}
}

func TestATimestampMayBeFiveMinutesOff(t *testing.T) {
	for _, test := range []struct {
		off  time.Duration
		code string
	}{
		{300 * time.Second, ""},
		{-300 * time.Second, ""},
		{301 * time.Second, "AuthFailure.SignatureExpire"},
		{-301 * time.Second, "AuthFailure.SignatureExpire"},
	} {
		err := check(exampleRequest(), []byte(exampleBody), exampleTime.Add(test.off))
		wantCode(t, err, test.code)
	}
}

func TestARequestThatIsNotAsItWasSignedIsRefused(t *testing.T) {
	auth := exampleRequest().Header.Get("Authorization")
	replace := func(old, new string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", strings.Replace(auth, old, new, 1)) }
	}
	for _, test := range []struct {
		name string
		body string
		edit func(*http.Request)
		code string
	}{
		{name: "as it was"},
		{name: "body", body: "{}", code: "AuthFailure.SignatureFailure"},
		{name: "host", edit: func(r *http.Request) { r.Host = "vod.intl.tencentcloudapi.com" }, code: "AuthFailure.SignatureFailure"},
		{name: "content type", edit: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
			code: "AuthFailure.SignatureFailure"},
		{name: "method", edit: func(r *http.Request) { r.Method = "GET" }, code: "AuthFailure.SignatureFailure"},
		{name: "time", edit: func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "1700000001") },
			code: "AuthFailure.SignatureFailure"},
		{name: "no time", edit: func(r *http.Request) { r.Header.Del("X-TC-Timestamp") }, code: "AuthFailure.InvalidAuthorization"},
		{name: "no authorization", edit: func(r *http.Request) { r.Header.Del("Authorization") },
			code: "AuthFailure.InvalidAuthorization"},
		{name: "other algorithm", edit: replace("TC3-HMAC-SHA256", "TC3-HMAC-SHA1"), code: "AuthFailure.InvalidAuthorization"},
		{name: "no credential", edit: replace("Credential=", "Credentials="), code: "AuthFailure.InvalidAuthorization"},
		{name: "no scope", edit: replace("/2023-11-14/vod/tc3_request", ""), code: "AuthFailure.InvalidAuthorization"},
		{name: "no signed headers", edit: replace("SignedHeaders=content-type;host, ", ""), code: "AuthFailure.InvalidAuthorization"},
		{name: "no signature", edit: replace(exampleSignature, ""), code: "AuthFailure.InvalidAuthorization"},
		{name: "other id", edit: replace("AKIDEXAMPLE", "AKIDOTHER"), code: "AuthFailure.SecretIdNotFound"},
		{name: "a token", edit: func(r *http.Request) { r.Header.Set("X-TC-Token", "x") }, code: "AuthFailure.TokenFailure"},
		{name: "other day", edit: replace("2023-11-14", "2023-11-15"), code: "AuthFailure.SignatureFailure"},
		{name: "other service", edit: replace("/vod/", "/cvm/"), code: "AuthFailure.SignatureFailure"},
		{name: "other signature", edit: replace("=b1383", "=b1384"), code: "AuthFailure.SignatureFailure"},
		{name: "query of a POST", edit: func(r *http.Request) { r.URL.RawQuery = "a=b" }},
		{name: "no space behind commas", edit: replace(", ", ",")},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := exampleRequest()
			if test.edit != nil {
				test.edit(r)
			}
			if test.body == "" {
				test.body = exampleBody
			}
			wantCode(t, check(r, []byte(test.body), exampleTime), test.code)
		})
	}
}

func TestSignedHeadersAreThoseThatTheClientNames(t *testing.T) {
	body := []byte(exampleBody)
	newRequest := func() *http.Request {
		r := exampleRequest()
		r.Header.Set("Content-Type", "application/json; charset=UTF-8")
		r.Header.Set("X-TC-Action", " PullEvents")
		return r
	}
	for _, test := range []struct {
		name    string
		headers string
		values  string // what the client signs, if it does not go by its headers
		code    string
	}{
		{name: "lower-cased values", headers: "content-type;host;x-tc-action",
			values: "content-type:application/json; charset=utf-8\nhost:vod.tencentcloudapi.com\nx-tc-action:pullevents\n"},
		{name: "values as they are", headers: "content-type;host;x-tc-action",
			values: "content-type:application/json; charset=UTF-8\nhost:vod.tencentcloudapi.com\nx-tc-action:PullEvents\n"},
		{name: "no host", headers: "content-type", values: "content-type:application/json; charset=utf-8\n",
			code: "AuthFailure.SignatureFailure"},
		{name: "no content type", headers: "host", values: "host:vod.tencentcloudapi.com\n",
			code: "AuthFailure.SignatureFailure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRequest()
			canonical := "POST\n/\n\n" + test.values + "\n" + test.headers + "\n" + hexSHA256(body)
			r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/vod/tc3_request, "+
				"SignedHeaders="+test.headers+", Signature="+signature("SKEXAMPLE", "1700000000", "2023-11-14", vodService, canonical))
			wantCode(t, check(r, body, exampleTime), test.code)
		})
	}
}

func TestABodyNeedNotBeSigned(t *testing.T) {
	r := exampleRequest()
	r.Header.Set("X-TC-Content-SHA256", "UNSIGNED-PAYLOAD")
	canonical := "POST\n/\n\ncontent-type:application/json\nhost:vod.tencentcloudapi.com\n\ncontent-type;host\n" +
		hexSHA256([]byte("UNSIGNED-PAYLOAD"))
	r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/vod/tc3_request, "+
		"SignedHeaders=content-type;host, Signature="+signature("SKEXAMPLE", "1700000000", "2023-11-14", vodService, canonical))
	wantCode(t, check(r, []byte("whatever"), exampleTime), "")
}

func TestTheServiceMayBeTheFirstPartOfTheEndpoint(t *testing.T) {
	for _, test := range []struct{ host, service, code string }{
		{"127.0.0.1:9266", "127", ""},
		{"localhost:9266", "localhost:9266", ""},
		{"localhost:9266", "vod", ""},
		{"localhost:9266", "127", "AuthFailure.SignatureFailure"},
		{"127.0.0.1:9266", "cvm", "AuthFailure.SignatureFailure"},
	} {
		r := exampleRequest()
		r.Host = test.host
		canonical := canonicalRequest(r, r.Host, []string{"content-type", "host"}, []byte(exampleBody), true)
		r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/"+test.service+"/tc3_request, "+
			"SignedHeaders=content-type;host, Signature="+signature("SKEXAMPLE", "1700000000", "2023-11-14", test.service, canonical))
		if err := check(r, []byte(exampleBody), exampleTime); code(err) != test.code {
			t.Errorf("%s as a service of %s: %v, want the code %q", test.service, test.host, err, test.code)
		}
	}
}

func TestThePortNeedNotBeSigned(t *testing.T) {
	for host, code := range map[string]string{"127.0.0.1:9266": "", "127.0.0.1": "", "127.0.0.2": "AuthFailure.SignatureFailure"} {
		r := exampleRequest()
		r.Host = "127.0.0.1:9266"
		canonical := canonicalRequest(r, host, []string{"content-type", "host"}, []byte(exampleBody), true)
		r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/vod/tc3_request, "+
			"SignedHeaders=content-type;host, Signature="+signature("SKEXAMPLE", "1700000000", "2023-11-14", vodService, canonical))
		wantCode(t, check(r, []byte(exampleBody), exampleTime), code)
	}
}
