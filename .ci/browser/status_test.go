package browser

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A worked is a worker on an emulator, with its status page.
type worked struct {
	emulator
	page string // its URL
	mend atomic.Bool
}

// work starts a worker whose handler fails each event whose body says so, until it is mended.
func work(t *testing.T, fails func(body string) bool, more string) *worked {
	t.Helper()
	w := &worked{emulator: emulate(t)}
	hook := httptest.NewServer(http.HandlerFunc(func(a http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !w.mend.Load() && fails(string(body)) {
			a.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	t.Cleanup(hook.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("vod: {endpoint: %q}\nhandlers: [{name: hook, webhook: {url: %q}, retry: {tries: 1}}]\n%s\n", w.url, hook.URL,
		strings.ReplaceAll(more, "DIR", dir))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := make(chan map[string]any, 1000)
	start(t, lines, "run", "--config", file)
	deadline := time.After(patience)
	for w.page == "" {
		select {
		case line := <-lines:
			w.page, _ = line["page"].(string)
		case <-deadline:
			t.Fatal("the worker does not say where its page is")
		}
	}
	return w
}

// flood sends so many uploads a second, until the test ends.
func (w *worked) flood(t *testing.T, perSecond int) {
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	go func() {
		defer ticker.Stop()
		for n := 0; ; n++ {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
				name := fmt.Sprintf("video-%d.mp4", n)
				if n%10 == 0 {
					name = fmt.Sprintf("broken-%d.mp4", n)
				}
				body, _ := json.Marshal(map[string]string{"Name": name})
				if response, err := http.Post(w.url+"/emulator/upload", "application/json", strings.NewReader(string(body))); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			}
		}
	}()
}

const outcome = `document.querySelector("#counts [data-outcome=%s] b")?.innerText.replace(/,/g, "")`

func TestTheStatusPageKeepsUpWithAFlood(t *testing.T) {
	t.Parallel()
	w := work(t, func(body string) bool { return strings.Contains(body, "broken") || strings.Contains(body, "onerror") }, "")
	b := open(t, w.page)
	w.flood(t, 200)
	b.await(fmt.Sprintf(`Number(`+outcome+`) === 256`, "confirmed"))
	b.await(fmt.Sprintf(`Number(`+outcome+`) > 20`, "failed"))
	b.see("#counts [data-outcome=confirmed]", "of ")
	b.see("#handlers", "hook")
	b.see("#handlers", "422")
	b.see("#dropped", "Dropped since the start: ")
	b.see("#verdict", "events fail, since ")

	b.click("#counts [data-outcome=failed]") // failed only: one click
	b.await(`location.search === "?outcome=failed"`)
	b.await(`document.querySelectorAll("#events > li").length > 20 && !document.querySelector("#events > li:not([data-outcome=failed])")`)
	for _, look := range []struct {
		name    string
		width   int64
		colours string
	}{{"light", 1280, "light"}, {"dark", 1280, "dark"}, {"phone", 360, "light"}, {"phone-dark", 360, "dark"}} {
		b.resize(look.width, look.colours)
		b.shoot("status-" + look.name)
		if wide := eval[int](b, "document.documentElement.scrollWidth"); wide > int(look.width) {
			t.Errorf("%s: the page is %d pixels wide", look.name, wide)
		}
	}
	b.resize(1280, "light")

	w.post(t, "upload", fmt.Sprintf(`{"Name":%q}`, hostile)) // now: of what fails, those that came first are soon not kept any more
	b.do(chromedp.SetValue(chromedp.ID("f-find"), "onerror"))
	eval[bool](b, `document.getElementById("f-find").dispatchEvent(new Event("input"))`)
	b.await(`location.search === "?outcome=failed&find=onerror" && document.querySelectorAll("#events > li").length === 1`)
	b.see("#events > li", strings.TrimSuffix(hostile, ".mp4"))
	b.click("#events summary")
	b.see("#events .facts", "VOD drops it not later than ")
	b.see("#events .facts", "Next try of hook")
	b.see("#events .past", "422")
	b.see("#events pre", `"EventType": "NewFileUpload"`)
	b.shoot("status-event")
	b.resize(360, "light")
	b.shoot("status-event-phone")
	if n := eval[int](b, "document.images.length"); n != 0 || strings.Contains(eval[string](b, "document.title"), "broken") {
		t.Errorf("the file's name became HTML: there are %d images", n)
	}
	eval[bool](b, `history.back() === undefined`)
	b.await(`location.search === "?outcome=failed" && document.querySelectorAll("#events > li").length > 20`)
	b.do(chromedp.Navigate(w.page + "/?type=FileDeleted")) // a filter that somebody was sent
	b.await(`document.getElementById("f-type").value === "FileDeleted" && !document.getElementById("nothing").hidden`)
	b.sound(w.page)
}

func TestALetterIsReplayedFromThePage(t *testing.T) {
	t.Parallel()
	w := work(t, func(body string) bool { return strings.Contains(body, "broken") }, "dead_letters: {dir: DIR/dead, attempts: 1}")
	b := open(t, w.page)
	for n := range 2 { // its handler is well otherwise
		w.post(t, "upload", `{"Name":"video\u202egpm.exe"}`)
		b.await(fmt.Sprintf(outcome+` === "%d"`, "confirmed", n+1))
		w.post(t, "upload", fmt.Sprintf(`{"Name":"broken-%d"}`, n))
		b.await(fmt.Sprintf(outcome+` === "%d"`, "given_up", n+1))
	}
	b.await(`document.querySelectorAll("#letters > li").length === 2`)
	b.see("#verdict", "2 events were given up: the last at ")
	b.await(`[...document.querySelectorAll("#events .name")].some((e) => e.textContent.startsWith("video\ufffdgpm"))`) // not backwards
	b.click("#letters summary")
	b.see("#letters pre", `"broken-`)
	b.shoot("status-letter")

	b.click("#letters details[open] .buttons > button") // it fails again
	b.see("#question", "Run hook on NewFileUpload")
	b.shoot("status-question")
	b.click("#no")
	b.await(`!document.getElementById("sure").open && document.getElementById("said").innerText === ""`)
	b.click("#letters details[open] .buttons > button")
	b.click("#yes")
	b.see("#said", "It stays: handler failed: ")
	w.mend.Store(true)
	b.await(`document.querySelectorAll("#letters details:not([open])").length === 2`) // it has another time of failure: another row
	b.click("#letters summary")
	b.see("#letters pre", `"broken-`)
	b.click("#letters details[open] .buttons > button")
	b.click("#yes")
	b.see("#said", "is done, its letter is gone")
	b.await(`document.querySelectorAll("#letters > li").length === 1`)

	b.click("#letters summary")
	b.see("#letters pre", `"broken-`)
	name := eval[string](b, `document.querySelector("#letters > li").dataset.letter`)
	if status := status(t, http.MethodPost, w.page+"/api/purge?name="+name, ""); status != http.StatusOK {
		t.Errorf("purge: %d", status)
	}
	b.click("#letters details[open] .buttons > button") // somebody else was faster
	b.click("#yes")
	b.see("#said", "This letter is gone: somebody else has replayed or purged it.")
	b.await(`document.querySelectorAll("#letters > li").length === 0`)
}

func TestThePageShowsWhatLiesInTheInbox(t *testing.T) {
	t.Parallel()
	w := work(t, func(body string) bool { return strings.Contains(body, "broken") }, "inbox: {url: 'sqlite://DIR/inbox.db'}")
	b := open(t, w.page)
	for n := range 2 { // its handler is well otherwise
		w.post(t, "upload", fmt.Sprintf(`{"Name":"video-%d"}`, n))
		w.post(t, "upload", fmt.Sprintf(`{"Name":"broken-%d"}`, n))
	}
	b.await(fmt.Sprintf(outcome+` === "4"`, "confirmed")) // though two fail
	b.await(`document.querySelectorAll("#letters > li").length > 0`)
	b.await(`!document.getElementById("inbox-part").hidden`)
	b.see("#inbox-at", "Confirmed to VOD, and not done yet")
	b.see("#inbox [data-inbox=hook]", "hook")
	b.click("#events summary")
	b.see("#events .facts", "vodworker inbox show ")
	b.shoot("status-inbox")
	b.sound(w.page)
}

// status asks as no browser does.
func status(t *testing.T, method, at, host string) int {
	t.Helper()
	request, err := http.NewRequest(method, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestPagesOfOthersGetNothingOfTheStatusPage(t *testing.T) {
	t.Parallel()
	w := work(t, func(string) bool { return true }, "dead_letters: {dir: DIR/dead, attempts: 5}")
	secret := work(t, func(string) bool { return true }, "admin: {token: 0123456789abcdef}")
	other := httptest.NewServer(http.HandlerFunc(func(a http.ResponseWriter, _ *http.Request) {
		a.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(a, "<title>other</title>")
	}))
	defer other.Close()
	b := open(t, other.URL)
	for _, call := range []string{
		fmt.Sprintf("fetch(%q)", w.page+"/api/state"),
		fmt.Sprintf("fetch(%q, {method: 'POST'})", w.page+"/api/replay?name=x"),
		fmt.Sprintf("fetch(%q, {mode: 'no-cors', credentials: 'omit'})", secret.page+"/api/state"),
	} {
		eval[bool](b, fmt.Sprintf(`(window.got = "", %s.then(r => r.text()).then(t => window.got = t || "nothing", e => window.got = "nothing"), true)`, call))
		b.await(`window.got !== ""`)
		if got := eval[string](b, "window.got"); got != "nothing" {
			t.Errorf("%s: %s", call, got)
		}
	}
	eval[bool](b, fmt.Sprintf(`(window.f = document.createElement("iframe"), f.src = %q, f.onload = () => window.framed = true, document.body.append(f), true)`, w.page))
	b.await(`window.framed === true`)
	if got := eval[bool](b, `window.f.contentDocument === null`); !got {
		t.Error("the page is in a frame of others")
	}
	rebound, _ := url.Parse(w.page)
	for what, got := range map[string]int{
		"rebound host":  status(t, http.MethodGet, w.page+"/api/state", "evil.example:"+rebound.Port()),
		"no token":      status(t, http.MethodGet, secret.page+"/", ""),
		"no token, API": status(t, http.MethodGet, secret.page+"/api/state", ""),
	} {
		if got != http.StatusForbidden && got != http.StatusUnauthorized {
			t.Errorf("%s: %d", what, got)
		}
	}
}

func TestTheAddressOfThePageMayHaveTheToken(t *testing.T) {
	t.Parallel()
	w := work(t, func(string) bool { return false }, "admin: {token: 0123456789abcdef}")
	b := open(t, strings.Replace(w.page, "://", "://any:0123456789abcdef@", 1))
	b.see("#verdict", "All well")
}
