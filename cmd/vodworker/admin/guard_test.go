package admin

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
)

func TestWhoMaySeeEvents(t *testing.T) {
	const token = "0123456789abcdef"
	events := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for name, test := range map[string]struct {
		token   string
		here    bool // the listener
		request func(*http.Request)
		want    int
	}{
		"here, no token":                 {"", true, func(*http.Request) {}, http.StatusOK},
		"here, by localhost":             {"", true, func(r *http.Request) { r.Host = "localhost:9464" }, http.StatusOK},
		"here, by ::1":                   {"", true, func(r *http.Request) { r.Host = "[::1]:9464" }, http.StatusOK},
		"here, by a rebound name":        {"", true, func(r *http.Request) { r.Host = "evil.example:9464" }, http.StatusForbidden},
		"here, by what begins like it":   {"", true, func(r *http.Request) { r.Host = "127.0.0.1.evil.example" }, http.StatusForbidden},
		"here, by no name":               {"", true, func(r *http.Request) { r.Host = "" }, http.StatusForbidden},
		"wider, no token":                {"", false, func(*http.Request) {}, http.StatusNotFound},
		"wider, no token, but a bearer":  {"", false, bearer("x"), http.StatusNotFound},
		"wider, no token, empty bearer":  {"", false, bearer(""), http.StatusNotFound},
		"token, none given":              {token, true, func(*http.Request) {}, http.StatusUnauthorized},
		"token, bearer":                  {token, false, bearer(token), http.StatusOK},
		"token, in small letters":        {token, false, func(r *http.Request) { r.Header.Set("Authorization", "bearer "+token) }, http.StatusOK},
		"token, any name":                {token, false, func(r *http.Request) { r.SetBasicAuth("whoever", token) }, http.StatusOK},
		"token, by any host":             {token, false, func(r *http.Request) { r.SetBasicAuth("", token); r.Host = "vodworker.example" }, http.StatusOK},
		"token, as the name":             {token, false, func(r *http.Request) { r.SetBasicAuth(token, "") }, http.StatusUnauthorized},
		"token, a part":                  {token, false, bearer(token[:15]), http.StatusUnauthorized},
		"token, in the URL":              {token, false, func(r *http.Request) { r.URL.RawQuery = "token=" + token }, http.StatusUnauthorized},
		"a post from here":               {"", true, post("", ""), http.StatusOK},
		"a post of the page":             {"", true, post("same-origin", "http://127.0.0.1:9464"), http.StatusOK},
		"a post of another origin":       {"", true, post("cross-site", "https://evil.example"), http.StatusForbidden},
		"a post of another port":         {"", true, post("same-site", "http://127.0.0.1:8080"), http.StatusForbidden},
		"the like of an old browser":     {"", true, post("", "https://evil.example"), http.StatusForbidden},
		"another origin, with the token": {token, false, func(r *http.Request) { bearer(token)(r); post("cross-site", "https://evil.example")(r) }, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9464/", nil)
			test.request(request)
			answer := httptest.NewRecorder()
			guard(test.token, test.here, events).ServeHTTP(answer, request)
			if answer.Code != test.want {
				t.Errorf("%d %s, want %d", answer.Code, answer.Body, test.want)
			}
		})
	}
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func post(site, origin string) func(*http.Request) {
	return func(r *http.Request) {
		r.Method = http.MethodPost
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
	}
}

func TestProbesAndMetricsAskForNothing(t *testing.T) {
	for name, o := range map[string]Options{
		"a token":         {Listen: "127.0.0.1:0", Token: "0123456789abcdef"},
		"wider, no token": {Listen: ":0"},
	} {
		s, err := Listen(o)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int{"/livez": 200, "/readyz": 503, "/": map[bool]int{true: 401, false: 404}[o.Token != ""]} {
			request := httptest.NewRequest(http.MethodGet, "http://10.1.2.3:9464"+path, nil)
			answer := httptest.NewRecorder()
			s.http.Handler.ServeHTTP(answer, request)
			if answer.Code != want {
				t.Errorf("%s: %s: %d, want %d", name, path, answer.Code, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	scrape := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	s, err := Listen(Options{Listen: "127.0.0.1:0", Token: "0123456789abcdef", Metrics: scrape})
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []string{"GET /livez", "GET /readyz", "GET /metrics", "POST /metrics", "GET /", "GET /none", "GET //api/state",
		"GET /x/../api/state", "OPTIONS *", "CONNECT x:1"} {
		method, target, _ := strings.Cut(ask, " ")
		answer := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(answer, httptest.NewRequest(method, target, nil))
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy", "Cross-Origin-Resource-Policy"} {
			if answer.Header().Get(header) == "" {
				t.Errorf("%s: there is no %s", ask, header)
			}
		}
	}
	if !s.http.DisableGeneralOptionsHandler {
		t.Error("OPTIONS * is answered by another handler")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestProfilesTakeATokenAndTheSwitch(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		want    int
	}{
		"both":      {Options{Token: "0123456789abcdef", Pprof: true}, 200},
		"no switch": {Options{Token: "0123456789abcdef"}, 404},
		"no token":  {Options{Pprof: true}, 404},
	} {
		test.options.Listen = "127.0.0.1:0"
		s, err := Listen(test.options)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodGet, s.URL()+"/debug/pprof/", nil)
		bearer(test.options.Token)(request)
		answer := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(answer, request)
		if answer.Code != test.want {
			t.Errorf("%s: %d, want %d", name, answer.Code, test.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestThatThereIsNoPageIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"wider, no token": {Options{Listen: ":0"}, "admin.token is not set"},
		"wider, a token":  {Options{Listen: ":0", Token: "0123456789abcdef"}, ""},
		"here":            {Options{Listen: "127.0.0.1:0"}, ""},
	} {
		var log bytes.Buffer
		test.options.Log = zerolog.New(&log)
		s, err := Listen(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), test.want) || test.want == "" && log.Len() > 0 {
			t.Errorf("%s: it logged %q", name, log.String())
		}
	}
}

// Whoever reads the log reads lines of it, whatever breaks.
func TestAPanicIsALineOfTheLog(t *testing.T) {
	said := make(lines, 10)
	s, err := Listen(Options{Listen: "127.0.0.1:0", Log: zerolog.New(said), Metrics: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(s.URL() + "/metrics"); err == nil {
		t.Error("it answers")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	close(said)
	if line := <-said; !strings.Contains(line, `"level":"warn"`) || !strings.Contains(line, "panic serving") || strings.Count(line, "\n") != 1 {
		t.Errorf("it says %q", line)
	}
}

type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// Whatever the page has is behind the guard, and nothing else is.
func TestEveryRouteOfThePageIsGuarded(t *testing.T) {
	const token = "0123456789abcdef"
	for _, options := range []Options{{Listen: "127.0.0.1:0", Token: token}, {Listen: "127.0.0.1:0"}} {
		s, err := Listen(options)
		if err != nil {
			t.Fatal(err)
		}
		s.Begin(Process{Page: page.New(page.Options{History: page.NewHistory(0)})})
		for route, want := range map[string]int{
			"GET /": 200, "GET /page/page.js": 200, "GET /page/page.css": 200, "GET /page/none.js": 404, "GET /api/state": 200, "GET /api/explain?id=1": 200,
			"GET /api/event?n=1": 404, "GET /api/letters": 404, "GET /api/letter?name=x": 404, "POST /api/replay?name=x": 404, "POST /api/purge?name=x": 404,
		} {
			method, path, _ := strings.Cut(route, " ")
			asks := map[string]func(*http.Request){"": func(*http.Request) {}}
			if method == http.MethodPost { // of what is only read, a browser keeps the answer from the other
				asks["another origin"] = post("cross-site", "https://evil.example")
			}
			if options.Token != "" {
				asks["no token"] = func(r *http.Request) { r.Header.Del("Authorization") }
			} else {
				asks["rebound"] = func(r *http.Request) { r.Host = "evil.example" }
			}
			for name, change := range asks {
				request := httptest.NewRequest(method, s.URL()+path, nil)
				bearer(options.Token)(request)
				change(request)
				answer := httptest.NewRecorder()
				s.http.Handler.ServeHTTP(answer, request)
				switch expected := map[string]int{"": want, "no token": 401, "rebound": 403, "another origin": 403}[name]; {
				case answer.Code != expected:
					t.Errorf("%s, %s: %d, want %d", route, name, answer.Code, expected)
				case answer.Header().Get("Cache-Control") != "no-store" || !strings.Contains(answer.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'"):
					t.Errorf("%s: %v", route, answer.Header())
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
