package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestEventsAreFilteredByTypeAndFile(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	for _, event := range []string{
		`{"EventType":"Odd","X":{"FileId":"387702301","Name":"x"}}`, `{"EventType":"Odd","X":{"FileId":"387702302"}}`,
		`{"EventType":"Even","X":{"FileId":"387702301","TaskId":"0-Task-1"}}`,
	} {
		e.post(t, "send", `{"Event":`+event+`}`)
	}
	b := open(t, e.url)
	const seen = `[...document.querySelectorAll("#waiting > li")].filter((row) => row.checkVisibility()).length`
	b.await(seen + " === 3")
	b.do(chromedp.SendKeys(chromedp.ID("filter-text"), "387702301"))
	b.see("#filtered", "2 of 3")
	eval[bool](b, `(() => { const type = document.getElementById("filter-type"); type.value = "Odd";
		return type.dispatchEvent(new Event("change")); })()`)
	b.see("#filtered", "1 of 3")
	e.post(t, "send", `{"Event":{"EventType":"Odd","X":{"FileId":"387702303"}}}`)
	b.see("#filtered", "1 of 4") // what comes is filtered too
	b.do(chromedp.Reload())
	b.see("#filtered", "1 of 4") // a reload keeps it
	b.await(seen + " === 1")
	b.do(chromedp.SendKeys(chromedp.ID("filter-text"), "9"))
	b.see("#nothing", "No event is like that.")
	b.click("#unfilter")
	b.await(seen + " === 4")
	b.sound(e.url)
}

func TestARowOpensByKeyboardStaysOpenAndIsCopied(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	const event = `{"EventType":"Odd","Big":12345678901234567890,"Text":"a, {b}: \"c\"","None":[ ],"All":[1,{"x":null}]}`
	e.post(t, "send", `{"Event":`+event+`}`)
	b := open(t, e.url)
	b.see("#waiting", "Odd")
	b.do(chromedp.Focus(chromedp.CSS("#waiting summary")), chromedp.KeyEvent(kb.Enter))
	b.see("#waiting pre", `"Big": 12345678901234567890`)
	e.post(t, "send", `{"Event":{"EventType":"Other"}}`)
	b.see("#waiting", "Other")
	if !eval[bool](b, `document.querySelector("#waiting [data-type=Odd] pre").checkVisibility()`) {
		t.Error("the row is closed again")
	}
	eval[bool](b, `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }, true`)
	b.click("#waiting [data-type=Odd] .buttons button")
	b.see("#said", "Copied")
	var want, got any
	_ = json.Unmarshal([]byte(event), &want)
	copied := eval[string](b, "window.copied")
	if err := json.Unmarshal([]byte(copied), &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) ||
		!strings.Contains(copied, "12345678901234567890") {
		t.Errorf("copied is %s", copied)
	}
	eval[bool](b, `navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed")), true`)
	b.click("#waiting [data-type=Odd] .buttons button")
	b.see("#said", "It is selected")
	if got := eval[string](b, "getSelection().toString()"); got != copied {
		t.Errorf("selected is %s", got)
	}
	b.sound(e.url)
}

func TestTimesAreThoseOfTheLog(t *testing.T) {
	t.Setenv("TZ", "Asia/Kolkata") // neither UTC nor the browser's zone, which begins at a whole hour
	e := emulate(t)
	e.post(t, "upload", `{"Name":"x.mp4"}`)
	consume(t, e)
	var logged string
	for logged == "" {
		select {
		case line := <-e.lines:
			if line["message"] == "ConfirmEvents" {
				logged = line["time"].(string)
			}
		case <-time.After(patience):
			t.Fatal("no ConfirmEvents is logged")
		}
	}
	at, err := time.Parse(time.RFC3339Nano, logged)
	if err != nil || !strings.HasSuffix(logged, "+05:30") {
		t.Fatalf("the log's time is %s: %v", logged, err)
	}
	b := open(t, e.url)
	b.see("#calls", "1 of 1 confirmed")
	for _, selector := range []string{"#calls li:has(> span:first-of-type) .end", "#past .end"} {
		text := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((end) => end.innerText + " " + end.title).join("\n")`, selector))
		near := false
		for ms := -5; ms <= 1; ms++ { // the line is written when the call is over
			near = near || strings.Contains(text, at.Add(time.Duration(ms)*time.Millisecond).Format("15:04:05.000")+
				at.Add(time.Duration(ms)*time.Millisecond).UTC().Format(" 2006-01-02T15:04:05.000Z"))
		}
		if !near {
			t.Errorf("the log says %s, and the page, in %s, %s", logged, selector, text)
		}
	}
	b.sound(e.url)
}

func TestASampleIsEditedAndSent(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.do(chromedp.SendKeys(chromedp.ID("type"), "PullComplete"))
	b.click("#edit")
	b.await(`document.getElementById("json").value.includes('"EventType": "PullComplete"') && document.activeElement.id === "json"`)
	if got := eval[int](b, `document.getElementById("json").selectionEnd + document.getElementById("json").scrollTop`); got != 0 {
		t.Error("the text is not open at its beginning")
	}
	b.do(chromedp.SetValue(chromedp.ID("json"), `{"EventType": "Edited", "Big": 12345678901234567890}`))
	b.click("#send-own button")
	b.click("#waiting summary")
	b.see("#waiting pre", `"EventType": "Edited", "Big": 12345678901234567890`)
	b.do(chromedp.SetValue(chromedp.ID("json"), `{}, "SubAppId": 7`))
	b.click("#send-own button")
	b.see("#said", "That is no JSON")
	if got := e.state(t).Stats.Sent; got != 1 {
		t.Errorf("%d events were sent, want 1", got)
	}
	b.sound(e.url)
}

// The lines to copy are run, by a shell that knows nothing else.
func TestTheLinesToCopyConnectAWorker(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "upload", `{"SubAppId":1500000001,"Name":"x.mp4"}`)
	b := open(t, e.url+"/#1500000001")
	b.see("#keys", "emulator")
	b.see("#snippet", "vodworker run")
	dir := t.TempDir()
	own := filepath.Join(dir, "config.yaml")
	const mine = "handlers: [{name: mine, stdout: {}}]\n"
	if err := os.WriteFile(own, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(lines string) (out string) {
		t.Helper()
		cmd := exec.Command("sh", "-ec", lines)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")}
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\n%v\n%s", lines, err, text)
		}
		return string(text)
	}
	lines := strings.Replace(eval[string](b, `document.getElementById("snippet").textContent`), "vodworker run", "vodworker drain -c", 1)
	if out := run(lines); !strings.Contains(out, "NewFileUpload") {
		t.Errorf("%s\n%s", lines, out)
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != mine {
		t.Errorf("config.yaml was overwritten: %s %v", text, err)
	}
	var pulls string
	for _, language := range eval[[]string](b, `[...document.getElementById("language").options].map((o) => o.value)`) {
		text := eval[string](b, fmt.Sprintf(`(() => { const l = document.getElementById("language"); l.value = %q;
			l.dispatchEvent(new Event("change")); return document.getElementById("snippet").textContent; })()`, language))
		empties := language == "curl, to empty all queues" // of all applications
		for _, part := range []string{strings.TrimPrefix(e.url, "http://"), "1500000001"} {
			if !strings.Contains(text, part) && !empties {
				t.Errorf("%s lacks %s: %s", language, part, text)
			}
		}
		if strings.Contains(text, "/reset") != empties {
			t.Errorf("%s: %s", language, text)
		}
		switch language {
		case "curl, to make events":
			if out := run(text); !strings.Contains(out, `"Waiting":1`) {
				t.Errorf("%s\n%s", text, out)
			}
		case "vodworker, one call by hand":
			pulls = text
		}
	}
	if out := run(pulls); !strings.Contains(out, `"NewFileUpload"`) { // of what curl has made
		t.Errorf("%s\n%s", pulls, out)
	}
	b.sound(e.url)
}

func TestBannersTellOfFaultsAndOfPush(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.see("#nothing", "There is no event yet")
	const banners = `[...document.querySelectorAll(".banner")].filter((banner) => banner.checkVisibility()).length`
	if got := eval[int](b, banners); got != 0 {
		t.Errorf("%d banners are there", got)
	}
	icon := eval[string](b, `document.getElementById("icon").href`)
	e.post(t, "faults", `{"Faults":"PullEvents:*=502"}`)
	b.see("#faulty-banner", "Calls fail: PullEvents:*=502")
	b.await(fmt.Sprintf(`document.getElementById("icon").href !== %q`, icon))
	b.click("#stop-faults")
	b.await(banners + " === 0")
	e.post(t, "settings", `{"Mode":"PUSH"}`)
	b.see("#push-banner", "There is no URL to post events to: they are lost.")
	e.post(t, "settings", `{"NotificationUrl":"http://127.0.0.1:1/vod?token=hunter2"}`)
	b.see("#push-banner", "Mode is PUSH: nothing is queued. Events are posted to http://127.0.0.1:1/vod")
	b.click("#to-pull")
	b.await(banners + " === 0")
	if got := e.state(t); got.Faults != "" || got.Settings.Mode != "PULL" {
		t.Errorf("the state is %+v", got)
	}
	b.sound(e.url)
}

func TestResetIsAskedForTwice(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "upload", `{"Name":"x.mp4"}`)
	e.post(t, "faults", `{"Faults":"PullEvents:*=502"}`)
	e.post(t, "settings", `{"DeleteMediaCompleteEventSwitch":"ON"}`)
	b := open(t, e.url)
	b.see("#counts", "1 waiting")
	b.click("#reset")
	b.click("#unsure")
	b.await(`!document.getElementById("sure").open`)
	if got := e.state(t).Stats.Sent; got != 1 {
		t.Errorf("it is reset at once: %d events", got)
	}
	b.click("#reset")
	b.shoot("reset")
	b.click("#reset-all")
	b.see("#said", "The emulator is empty again")
	b.see("#counts", "0 waiting")
	b.await(`document.querySelectorAll("#waiting > li").length === 0 && document.getElementById("process").disabled`)
	b.await(`!document.querySelector("[name=DeleteMediaCompleteEventSwitch]").checked`)
	if got := e.state(t); got.Stats.Sent != 0 || got.Faults != "" {
		t.Errorf("the state is %+v", got)
	}
	b.sound(e.url)
}
