package storage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The examples of document 436/7778.
func TestASignatureIsThatOfTheDocumentation(t *testing.T) {
	const secretKey, keyTime = "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz", "1557989151;1557996351"
	put := httptest.NewRequest("PUT", "/exampleobject(%E8%85%BE%E8%AE%AF%E4%BA%91)", strings.NewReader("ObjectContent"))
	put.Host = "examplebucket-1250000000.cos.ap-beijing.myqcloud.com"
	for name, value := range map[string]string{
		"Date": "Thu, 16 May 2019 06:45:51 GMT", "Content-Type": "text/plain", "Content-MD5": "mQ/fVh815F3k6TAUm8m0eg==",
		"x-cos-acl": "private", "x-cos-grant-read": `uin="100000000011"`,
	} {
		put.Header.Set(name, value)
	}
	got := signature(put, url.Values{}, map[string]string{
		"q-sign-time": keyTime, "q-key-time": keyTime,
		"q-header-list": "content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read",
	}, secretKey)
	if want := "3b8851a11a569213c17ba8fa7dcf2abec6935172"; got != want {
		t.Errorf("of the upload it is %s, want %s", got, want)
	}
}

func TestWhoSignsMayUpload(t *testing.T) {
	for name, sign := range map[string]func(*rig, *http.Request){
		"in the header": func(r *rig, q *http.Request) { r.sign(q) },
		"in the query": func(r *rig, q *http.Request) {
			fields, _ := url.ParseQuery(strings.ReplaceAll(signed(q, r.key, r.now, "&"), ";", "%3B"))
			fields.Set("x-cos-security-token", r.key.Token)
			q.URL.RawQuery = fields.Encode()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := unsigned("PUT", mediaKey, "content")
			sign(r, q)
			r.wantCode(r.ask(q), 200, "")
			r.wantUploaded(mediaKey, 7, true)
		})
	}
}

const otherHost = "vod8-1250000000.cos.ap-guangzhou.myqcloud.com"

func TestWhoDoesNotSignMayNothing(t *testing.T) {
	auth := func(old, new string) func(*rig, *http.Request) {
		return func(r *rig, q *http.Request) {
			a := r.sign(q).Header.Get("Authorization")
			if !strings.Contains(a, old) {
				t.Fatalf("%s has no %s", a, old)
			}
			q.Header.Set("Authorization", strings.Replace(a, old, new, 1))
		}
	}
	after := func(change func(*http.Request)) func(*rig, *http.Request) {
		return func(r *rig, q *http.Request) { change(r.sign(q)) }
	}
	times := fmt.Sprintf("=%d;%d", epoch.Unix()-1, epoch.Unix()+900)
	for name, test := range map[string]struct {
		change func(*rig, *http.Request)
		code   string
	}{
		"no signature":          {func(*rig, *http.Request) {}, "AccessDenied"},
		"another SecretId":      {auth("q-ak=AKIDtest", "q-ak=AKIDother"), "InvalidAccessKeyId"},
		"another SecretKey":     {func(r *rig, q *http.Request) { r.key.SecretKey = "x"; r.sign(q) }, "SignatureDoesNotMatch"},
		"another signature":     {auth("q-signature=", "q-signature=0"), "SignatureDoesNotMatch"},
		"another key time":      {auth("q-key-time=", "q-key-time=0"), "SignatureDoesNotMatch"},
		"another algorithm":     {auth("=sha1", "=sha256"), "InvalidArgument"},
		"a field twice":         {auth("q-ak=AKIDtest", "q-ak=AKIDtest&q-ak=AKIDtest"), "InvalidArgument"},
		"a field too few":       {auth("&q-url-param-list=", ""), "InvalidArgument"},
		"a field too many":      {auth("q-ak=", "q-secret=x&q-ak="), "InvalidArgument"},
		"a time that is none":   {auth("q-sign-time=", "q-sign-time=x"), "InvalidArgument"},
		"a sign time before":    {auth("q-sign-time"+times, "q-sign-time=1;2"), "AccessDenied"},
		"a key time before":     {auth("q-key-time"+times, "q-key-time=1;2"), "AccessDenied"},
		"a long signature":      {auth("q-signature=", "q-signature="+strings.Repeat("0", maxAuthorization)), "InvalidArgument"},
		"of the API":            {auth("q-sign-algorithm=sha1&", "TC3-HMAC-SHA256 "), "InvalidArgument"},
		"no token":              {after(func(q *http.Request) { q.Header.Del("X-Cos-Security-Token") }), "AccessDenied"},
		"another token":         {after(func(q *http.Request) { q.Header.Set("X-Cos-Security-Token", "x") }), "AccessDenied"},
		"another method":        {after(func(q *http.Request) { q.Method = "DELETE" }), "SignatureDoesNotMatch"},
		"another path":          {after(func(q *http.Request) { q.URL.Path = "/" + coverKey }), "SignatureDoesNotMatch"},
		"another host":          {after(func(q *http.Request) { q.Host = otherHost }), "SignatureDoesNotMatch"},
		"another signed header": {after(func(q *http.Request) { q.Header.Set("Content-Md5", "x") }), "InvalidDigest"},
		"an old signature":      {func(r *rig, q *http.Request) { r.sign(q); r.now = r.now.Add(901 * time.Second) }, "AccessDenied"},
		"a signature to come": {func(r *rig, q *http.Request) {
			r.now = r.now.Add(16 * time.Minute)
			r.sign(q)
			r.now = epoch
		}, "RequestTimeTooSkewed"},
		"the end of the grant": {func(r *rig, q *http.Request) { r.now = r.key.Ends; r.sign(q) }, "ExpiredToken"},
		"a reset":              {func(r *rig, q *http.Request) { r.sign(q); r.Reset() }, "InvalidAccessKeyId"},
		"another object":       {func(r *rig, q *http.Request) { q.URL.Path += "x"; r.sign(q) }, "AccessDenied"},
		"another bucket":       {func(r *rig, q *http.Request) { q.Host = otherHost; r.sign(q) }, "AccessDenied"},
		"another region": {func(r *rig, q *http.Request) {
			q.Host = strings.Replace(host, "guangzhou", "shanghai", 1)
			r.sign(q)
		}, "AccessDenied"},
		"a query of another kind": {func(r *rig, q *http.Request) { q.URL.RawQuery = "acl"; r.sign(q) }, "MethodNotAllowed"},
		"a query that is none":    {after(func(q *http.Request) { q.URL.RawQuery = "a=%zz" }), "InvalidArgument"},
		"a parameter twice":       {after(func(q *http.Request) { q.URL.RawQuery = "a=1&a=1" }), "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			q := unsigned("PUT", mediaKey, "content")
			test.change(r, q)
			g := r.ask(q)
			if g.Code != test.code || g.status < 400 || g.status >= 500 {
				t.Errorf("answer is %d, %s, want %s", g.status, g.text, test.code)
			}
			for _, k := range []string{mediaKey, coverKey} {
				if _, there := r.Uploaded(key.SecretID, k); there {
					t.Errorf("%s was uploaded", k)
				}
			}
			for _, secret := range []string{key.SecretID, key.SecretKey, key.Token} {
				if strings.Contains(g.text, secret) {
					t.Errorf("%s is in %s", secret, g.text)
				}
			}
		})
	}
}

func TestWhoseGrantHasEndedReadsNothing(t *testing.T) {
	r := newRig(t)
	r.do("PUT", mediaKey, "content")
	r.now = key.Ends
	if g := r.do("HEAD", mediaKey, ""); g.status != 403 || g.header.Get("ETag") != "" {
		t.Errorf("HEAD is answered %d, %v", g.status, g.header)
	}
	r.wantCode(r.do("GET", mediaKey, ""), 403, "ExpiredToken")
	r.wantCode(r.do("GET", "?uploads", ""), 403, "ExpiredToken")
}

// A request takes its time. What has changed since it was allowed counts, whatever it does.
func TestWhoseGrantEndsMeanwhileDoesNothing(t *testing.T) {
	for code, end := range map[string]func(*rig){
		"ExpiredToken":       func(r *rig) { r.now = key.Ends },
		"InvalidAccessKeyId": func(r *rig) { r.Reset() },
	} {
		for _, what := range []string{"PUT", "POST ?uploads", "PUT ?partNumber=2&", "GET ?", "POST ?", "DELETE ?"} {
			t.Run(code+" "+what, func(t *testing.T) {
				r := newRig(t)
				upload := r.begin()
				part := r.put(upload, 1, "part")
				method, query, _ := strings.Cut(what, " ")
				if strings.HasSuffix(query, "?") || strings.HasSuffix(query, "&") {
					query += upload
				}
				q := r.sign(unsigned(method, mediaKey+query, all(part)))
				asked := 0
				r.Now = func() time.Time {
					if asked++; asked == 2 { // the first time it was authorized
						end(r)
					}
					return r.now
				}
				if g := r.ask(q); g.Code != code {
					t.Errorf("answer is %d, %s, want %s", g.status, g.text, code)
				}
				if r.wantUploaded(mediaKey, 0, false); r.parts > 1 || len(r.parted) > 1 {
					t.Errorf("there are %d parts of %d uploads", r.parts, len(r.parted))
				}
			})
		}
	}
}
