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

// signedURL returns a call that needs no header: any page can have it made.
func signedURL(host string) string {
	query := url.Values{
		"Action": {modifyEventConfig}, "Version": {version}, "Timestamp": {unixNow(0)}, "Nonce": {"1"}, "SecretId": {DefaultSecretID},
		"Mode": {"PUSH"}, "NotificationUrl": {"http://127.0.0.1:9556/internal"},
	}
	text, _ := url.QueryUnescape(query.Encode()) // by name, as they are signed
	query.Set("Signature", common.Sign(http.MethodGet+host+"/?"+text, DefaultSecretKey, common.SHA1))
	return "http://" + host + "/?" + query.Encode()
}

func TestAPageInABrowserCallsNothing(t *testing.T) {
	image := func(host, header, value string) func(*Emulator) *http.Request {
		return func(*Emulator) *http.Request {
			r := httptest.NewRequest(http.MethodGet, signedURL(host), nil)
			r.Header.Set(header, value)
			return r
		}
	}
	post := func(header, value string) func(*Emulator) *http.Request {
		return func(*Emulator) *http.Request {
			r := request(modifyEventConfig, `{"Mode":"PUSH"}`)
			r.Header.Set(header, value)
			return r
		}
	}
	for _, test := range []struct {
		name    string
		request func(*Emulator) *http.Request
		want    int
	}{
		{"a program", image("127.0.0.1:9266", "User-Agent", "node"), http.StatusOK},
		{"what somebody types", image("127.0.0.1:9266", "Sec-Fetch-Site", "none"), http.StatusOK},
		{"an image", image("127.0.0.1:9266", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		{"an image at a rebound name", image("evil.example:9266", "User-Agent", "Mozilla/5.0"), http.StatusForbidden},
		{"a form", post("Origin", "https://evil.example"), http.StatusForbidden},
		{"a frame in a sandbox", post("Origin", "null"), http.StatusForbidden},
		{"a rebound name", post("Origin", "http://vod.example.com"), http.StatusForbidden},
		{"what a browser asks before it posts", func(*Emulator) *http.Request {
			r := httptest.NewRequest(http.MethodOptions, "/", nil)
			r.Header.Set("Origin", "https://evil.example")
			return r
		}, http.StatusForbidden},
		{"an upload", func(e *Emulator) *http.Request {
			u := apply(t, e, `"MediaType":"mp4"`)
			r := put(u, *u.MediaStoragePath, "content", time.Now())
			r.Header.Set("Origin", "https://evil.example")
			return r
		}, http.StatusForbidden},
		{"a look at the storage", func(e *Emulator) *http.Request {
			u := apply(t, e, `"MediaType":"mp4"`)
			r := put(u, "/", "", time.Now())
			r.Method, r.URL.RawQuery = http.MethodGet, ""
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			return r
		}, http.StatusForbidden},
	} {
		e := New(Config{})
		w := httptest.NewRecorder()
		e.ServeHTTP(w, test.request(e))
		refused := strings.Contains(w.Body.String(), "a page in a browser has made it")
		if changed := e.app(0).settings.mode == "PUSH"; w.Code != test.want || changed != (test.want == http.StatusOK) ||
			refused == changed {
			t.Errorf("%s: answer is %d, %s", test.name, w.Code, w.Body)
		}
	}
}

func TestALinkToTheEmulatorIsExplained(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	if status, _, body := ask(New(Config{}), r); status != http.StatusOK || !strings.Contains(body, "Endpoint") {
		t.Errorf("answer is %d, %s", status, body)
	}
}
