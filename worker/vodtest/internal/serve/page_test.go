package serve_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

func TestARequestOfAPageIsToldFromOneOfAProgram(t *testing.T) {
	const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	for _, test := range []struct {
		name    string
		headers map[string]string
		want    bool
	}{
		{"an image of another site", map[string]string{"Sec-Fetch-Site": "cross-site", "User-Agent": browser}, true},
		{"an image of another port", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		{"a page of the same origin", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"a form", map[string]string{"Origin": "https://evil.example"}, true},
		{"a page without an origin", map[string]string{"Origin": "null"}, true},
		{"an empty Origin", map[string]string{"Origin": ""}, true},
		{"a form that says it is of no site", map[string]string{"Origin": "null", "Sec-Fetch-Site": "none"}, true},
		{"an image at a rebound name", map[string]string{"User-Agent": browser}, true},
		{"what somebody types", map[string]string{"Sec-Fetch-Site": "none", "User-Agent": browser}, false},
		{"fetch of Node.js", map[string]string{"Sec-Fetch-Mode": "cors", "User-Agent": "node", "Accept-Language": "*"}, false},
		{"fetch of Deno", map[string]string{"User-Agent": "Deno/2.1.4", "Accept-Language": "*"}, false},
		{"an SDK", map[string]string{"User-Agent": "Go-http-client/1.1", "X-TC-RequestClient": "SDK_GO_1.3.108"}, false},
		{"nothing at all", nil, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?Action=PullEvents", nil)
		for name, value := range test.headers {
			r.Header.Set(name, value)
		}
		if got := serve.FromPage(r); got != test.want {
			t.Errorf("%s: FromPage is %v", test.name, got)
		}
	}
}

func TestWhoIsTakenForAPageLearnsByWhat(t *testing.T) {
	w := httptest.NewRecorder()
	serve.RefusePage(w)
	for _, want := range []string{"Origin", "Sec-Fetch-Site", "User-Agent"} {
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), want) {
			t.Errorf("answer is %d without %s: %s", w.Code, want, w.Body)
		}
	}
}
