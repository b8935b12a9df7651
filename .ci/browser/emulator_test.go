package browser

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const hostile = `<img src=x onerror="document.title='broken'">.mp4`

// consume starts a worker on the emulator.
func consume(t *testing.T, e emulator) {
	t.Helper()
	start(t, nil, "run", "--config", e.config(t))
}

func TestAnEventIsFollowedToItsConfirmation(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.do(chromedp.SetValue(chromedp.ID("name"), hostile))
	b.click("#upload button")
	b.see("#said", "Uploaded "+hostile+": file ")
	b.see("#waiting li", `<img src=x onerror="document.title='broken'">`)
	b.await(`!document.getElementById("process").disabled`)
	b.do(chromedp.Focus(chromedp.ID("process")), chromedp.KeyEvent(" ")) // by keyboard
	b.see("#said", "Processed: task 0-Procedure-")
	b.await(`document.querySelectorAll("#waiting > li").length === 2`)
	b.see("#waiting", "ProcedureStateChanged")
	b.see("#counts", "2 waiting 0 in flight 0 confirmed")
	b.await(`document.title.startsWith("2 waiting")`)

	consume(t, e)
	b.await(`document.querySelectorAll("#past > li").length === 2`)
	b.await(`document.querySelectorAll("#past > [data-state=confirmed]").length === 2`)
	b.see("#counts", "0 waiting 0 in flight 2 confirmed")
	b.see("#calls", "2 of 2 confirmed")

	b.click("#past [data-type=NewFileUpload] summary") // in whatever order they were confirmed
	b.see("#past [data-type=NewFileUpload] pre", `"EventType": "NewFileUpload"`)
	if title, images := eval[string](b, "document.title"), eval[int](b, "document.images.length"); !strings.HasPrefix(title, "0 waiting") || images != 0 {
		t.Errorf("the file's name became HTML: the title is %q, and there are %d images", title, images)
	}
	b.sound(e.url)
}

func TestAPulledEventShowsTheTimeThatIsLeft(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--window", "1h", "--faults", "ConfirmEvents:*=InternalError")
	b := open(t, e.url)
	b.click("#upload button")
	consume(t, e)
	b.await(`document.querySelectorAll("#inflight > li").length === 1`)
	b.await(`/^59:\d\d left$/.test(document.querySelector("#inflight .end").innerText)`)
	left := `document.querySelector("#inflight .end").innerText`
	first := eval[string](b, left)
	b.await(fmt.Sprintf("%s < %q", left, first)) // it counts down
	b.see("#calls", "InternalError")
	if faults := eval[string](b, `document.getElementById("faulty").value`); faults != "ConfirmEvents:*=InternalError" {
		t.Errorf("faults are shown as %q", faults)
	}
	b.click(`[data-faults="ConfirmEvents:*=hang"]`)
	b.await(`document.querySelector("[data-faults='ConfirmEvents:*=hang']").ariaPressed === "true"`)
	b.shoot("emulator-in-flight")
	b.click(`[data-faults=""]`)
	b.see("#said", "No call fails")
	b.see("#counts", "1 confirmed")
	if got := e.state(t).Faults; got != "" {
		t.Errorf("faults are %q", got)
	}
	b.sound(e.url)
}

func TestTheModeIsSwitchedAndCallbacksAreShown(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer receiver.Close()
	e := emulate(t)
	b := open(t, e.url)
	b.await(`document.querySelector("[value=PULL]").checked`)
	b.click("[value=PUSH]")
	b.do(chromedp.SendKeys(chromedp.ID("url"), receiver.URL+"/vod?token=hunter2"+kb.Enter))
	b.see("#said", "The mode is PUSH")
	if got := e.state(t).Settings; got.Mode != "PUSH" || got.NotificationUrl != receiver.URL+"/vod" {
		t.Errorf("settings are %+v", got)
	}
	b.click(`[name="DeleteMediaCompleteEventSwitch"]`) // the URL that is shown lacks its query; it must not be set
	b.click("#settings button")
	b.await(`document.querySelector("[name=DeleteMediaCompleteEventSwitch]").checked`)
	b.click("#upload button")
	b.see("#callbacks", "answered 202")
	if body := <-bodies; !strings.Contains(body, `"NewFileUpload"`) || strings.Contains(body, "EventHandle") {
		t.Errorf("the callback is %s", body)
	}
	b.see("#counts", "0 waiting")

	receiver.Close()
	b.await(`!document.getElementById("delete").disabled`)
	b.click("#delete")
	b.see("#callbacks", "given up")
	b.sound(e.url)
}

func TestNoSecretIsInThePage(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "settings", `{"SignKey":"signKEY123","NotificationUrl":"http://user:hunter2@127.0.0.1:1/vod?token=hunter2","Mode":"PUSH"}`)
	b := open(t, e.url)
	b.click("#upload button")
	b.see("#callbacks", "given up")
	b.see("#signed", "Callbacks are signed.")
	page := eval[string](b, `document.documentElement.outerHTML + JSON.stringify([...document.querySelectorAll("input, textarea")].map((i) => i.value))`)
	secrets := []string{"signKEY123", "hunter2"}
	for _, name := range []string{"secret_key", "token"} {
		secrets = append(secrets, e.key[name].(string))
	}
	for _, secret := range secrets {
		if strings.Contains(page, secret) {
			t.Errorf("%s is in the page", secret)
		}
	}
	b.sound(e.url)
}

// A page of somebody else tries what a browser lets it.
func TestAPageOfAnotherOriginChangesNothing(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	target, _ := json.Marshal(e.url)
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>stranger</title><link rel="icon" href="data:,">
<form id="form" method="post" enctype="text/plain" target="frame"><input name='{"Name":"form.mp4", "x":"' value='"}'></form>
<iframe name="frame"></iframe><iframe id="framed"></iframe>
<script>
const target = %s;
const attempts = [
	fetch(target + "/emulator/upload", {method: "POST", mode: "no-cors", body: '{"Name":"fetch.mp4"}'}),
	fetch(target + "/emulator/settings", {method: "POST", body: '{"Mode":"PUSH"}'}),
	fetch(target + "/emulator/faults", {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"Faults":"*:*=hang"}'}),
	fetch(target + "/emulator/state").then((r) => r.text()).then((text) => { window.stolen = text; }),
];
document.getElementById("framed").src = target + "/";
document.getElementById("form").action = target + "/emulator/upload";
document.querySelector("[name=frame]").addEventListener("load", () => { window.sent = true; });
document.getElementById("form").submit();
Promise.allSettled(attempts).then((all) => { window.outcome = all.map((a) => a.status).join(" "); });
</script>`, target)
	}))
	defer stranger.Close()
	b := open(t, stranger.URL)
	b.await("window.outcome !== undefined && window.sent === true")
	if got := eval[string](b, "window.outcome"); got != "fulfilled rejected rejected rejected" { // no-cors hides the answer
		t.Errorf("the attempts were %s", got)
	}
	if eval[bool](b, "window.stolen !== undefined") {
		t.Errorf("a stranger reads %s", eval[string](b, "window.stolen"))
	}
	if s := e.state(t); s.Stats.Sent != 0 || s.Settings.Mode != "PULL" || s.Faults != "" {
		t.Errorf("a stranger has changed something: %+v", s)
	}
	asked := 0
	b.mu.Lock()
	for _, url := range b.requests {
		if strings.HasPrefix(url, e.url+"/emulator/") {
			asked++
		}
	}
	b.mu.Unlock()
	if asked < 5 {
		t.Errorf("the stranger made only %d requests: %q", asked, b.requests)
	}
}

func TestThePageFitsWindowsOfAnyWidth(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--faults", "PullEvents:2=after:InternalError,ConfirmEvents:1=RequestLimitExceeded.UinLimitExceeded")
	b := open(t, e.url)
	for _, body := range []string{
		`{"Event":{"EventType":"` + strings.Repeat("LongType", 20) + `","X":{"FileId":"` + strings.Repeat("9", 200) + `"}}}`,
		`{"Type":"ProcedureStateChanged"}`, `{"Type":"PullComplete"}`,
	} {
		e.post(t, "send", body)
	}
	e.post(t, "upload", `{"Name":"`+strings.Repeat("a_long_name_", 15)+`.mp4"}`)
	consume(t, e)
	b.see("#counts", "4 confirmed")
	e.post(t, "settings", `{"Mode":"PUSH","NotificationUrl":"http://127.0.0.1:1/`+strings.Repeat("path", 50)+`"}`)
	e.post(t, "upload", `{"Name":"pushed.mp4"}`)
	b.see("#callbacks", "given up")
	e.post(t, "settings", `{"Mode":"PULL"}`)
	b.await(`document.querySelector("[value=PULL]").checked`) // what others change is shown too
	b.click("#past li:first-child summary")
	b.see("#past li:first-child pre", "EventType")
	b.resize(360, "light")
	b.click("[data-to=settings]")
	b.click(`[data-faults="PullEvents:*=502"]`) // what it says is seen though the window is not at the top
	b.see("#said", "Calls fail: PullEvents:*=502")
	b.await(`document.getElementById("said").getBoundingClientRect().bottom <= window.innerHeight`)
	for _, width := range []int64{360, 768, 1280} {
		b.resize(width, "light")
		for _, panel := range panels {
			b.show(panel)
			if got := eval[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("%s is %d wide in a window of %d", panel, got, width)
			}
		}
	}
	b.sound(e.url)
}

func TestThePageSaysThatItsEmulatorIsGone(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.see("#counts", "0 waiting")
	e.stop()
	b.see("#said", "The emulator does not answer")
}

func TestEachApplicationIsShownByItself(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "send", `{"Event":{"EventType":"Ours"}}`)
	e.post(t, "send", `{"SubAppId":1500000001,"Event":{"EventType":"Theirs"}}`)
	b := open(t, e.url)
	b.see("#waiting", "Ours")
	b.ask("1500000001")
	b.see("#waiting", "Theirs")
	b.await(`!document.getElementById("waiting").innerText.includes("Ours")`)
	b.click("#upload button")
	b.see("#counts", "2 waiting")
	if got := e.state(t).Stats.Sent; got != 1 {
		t.Errorf("%d events are in the default application, want 1", got)
	}
	b.do(chromedp.Reload())
	b.see("#waiting", "Theirs")
	b.sound(e.url)
}
