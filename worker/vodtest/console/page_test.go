package console

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestThePathSlashIsAPageToBrowsersAndAnAPIToOthers(t *testing.T) {
	const html = "text/html,application/xhtml+xml,*/*;q=0.8"
	handler := Handler(vodtest.New(vodtest.Config{}), Options{Hosts: []string{"127.0.0.1"}})
	for _, test := range []struct {
		name, method, url, accept, authorization string
		status                                   int
		contentType                              string
		isPage                                   bool
	}{
		{"a browser", "GET", "/", html, "", 200, "text/html; charset=utf-8", true},
		{"a browser that asks for the head", "HEAD", "/", html, "", 200, "text/html; charset=utf-8", true},
		{"curl", "GET", "/", "*/*", "", 200, "text/plain; charset=utf-8", false},
		{"nobody in particular", "GET", "/", "", "", 200, "text/plain; charset=utf-8", false},
		{"a call in the query", "GET", "/?Action=PullEvents", html, "", 200, "application/json", false},
		{"a signed call", "GET", "/", html, "TC3-HMAC-SHA256 x", 200, "application/json", false},
		{"a call by POST", "POST", "/", html, "", 200, "application/json", false},
		{"another path", "GET", "/elsewhere", html, "", 200, "text/plain; charset=utf-8", false},
		{"the script", "GET", "/emulator/page.js", "*/*", "", 200, "text/javascript; charset=utf-8", true},
		{"the style", "GET", "/emulator/page.css", "text/css", "", 200, "text/css; charset=utf-8", true},
		{"no such file", "GET", "/emulator/page.map", "*/*", "", 404, "application/json", false},
		{"the control API", "GET", "/emulator/state", "*/*", "", 200, "application/json", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, "http://localhost"+test.url, nil)
			r.Header.Set("Accept", test.accept)
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Type"); w.Code != test.status || got != test.contentType {
				t.Errorf("the answer is %d %s, want %d %s", w.Code, got, test.status, test.contentType)
			}
			policy := w.Header().Get("Content-Security-Policy")
			if isPage := strings.HasPrefix(policy, "default-src 'none'; script-src 'self';"); isPage != test.isPage {
				t.Errorf("its policy is %q", policy)
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("its policy is %q", policy)
			}
		})
	}
}

func TestHeadersLetNothingInThatIsNotOurs(t *testing.T) {
	page := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache", "Vary": "Accept",
	}
	control := map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
	handler := Handler(vodtest.New(vodtest.Config{}), Options{})
	for url, want := range map[string]map[string]string{
		"/": page, "/emulator/page.js": page, "/emulator/page.css": page,
		"/emulator/state": control, "/emulator/event?Number=1": control, "/emulator/nothing": control,
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+url, nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		got := map[string]string{}
		for name, values := range w.Header() {
			if name != "Content-Type" && name != "Content-Length" && name != "Accept-Ranges" {
				got[name] = strings.Join(values, ", ")
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s has %q, want %q", url, got, want)
		}
	}
}

func TestTheEmulatorIsCalledByTheNameThatItListensOn(t *testing.T) {
	handler := Handler(vodtest.New(vodtest.Config{}), Options{Hosts: []string{"Emulator"}})
	for host, want := range map[string]int{"emulator:9266": http.StatusOK, "other:9266": http.StatusForbidden} {
		r := httptest.NewRequest(http.MethodPost, "/emulator/upload", strings.NewReader(`{"Name":"x.mp4"}`))
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("a call by the name %s is answered %d, want %d", host, w.Code, want)
		}
	}
}
