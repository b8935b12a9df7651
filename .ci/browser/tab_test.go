package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ask chooses an application as a person does.
func (b *tab) ask(app string) {
	b.t.Helper()
	b.click("#app")
	eval[bool](b, `document.getElementById("app").select() === undefined`)
	b.do(chromedp.KeyEvent(app + kb.Enter)) // over what is there
}

func TestBackGoesToTheApplicationFromBefore(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "send", `{"SubAppId":5,"Event":{"EventType":"Five"}}`)
	e.post(t, "send", `{"SubAppId":7,"Event":{"EventType":"Seven"}}`)
	b := open(t, e.url)
	b.ask("7")
	b.see("#waiting", "Seven")
	b.ask("seven")
	b.see("#said", "A SubAppId is a number")
	b.ask("5")
	b.see("#waiting", "Five")
	b.await(`document.getElementById("said").innerText === ""`)
	eval[bool](b, `history.back() === undefined`)
	b.see("#waiting", "Seven")
	b.await(`document.getElementById("app").value === "7" && location.hash === "#7"`)
	b.sound(e.url)
}

func TestTheTitleOfAHiddenTabGoesOn(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.await(`document.title.startsWith("0 waiting")`)
	eval[bool](b, `Object.defineProperty(document, "hidden", { value: true }) === document`)
	eval[bool](b, `document.dispatchEvent(new Event("visibilitychange"))`)
	for n := 1; n <= 2; n++ { // a state may be on its way when the tab is hidden
		e.post(t, "upload", `{"Name":"x.mp4"}`)
		b.await(fmt.Sprintf(`document.title.startsWith("%d waiting")`, n))
	}
	b.sound(e.url)
}

func TestTheLastUploadIsThatOfWhoeverMadeIt(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.click("#upload button")
	b.await(`!document.getElementById("process").disabled`)
	file := eval[string](b, `document.getElementById("file").value`)
	e.post(t, "upload", `{"Name":"theirs.mp4"}`)
	b.await(fmt.Sprintf(`/^[0-9]+$/.test(document.getElementById("file").value) && document.getElementById("file").value !== %q`, file))
	e.post(t, "reset", `{}`)
	b.see("#file", "none yet")
	b.await(`document.getElementById("process").disabled`)
	b.sound(e.url)
}

func TestAFilterFindsWhatIsNotListed(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "send", `{"Event":{"EventType":"Odd","X":{"FileId":"387702301"}}}`)
	for range 120 {
		e.post(t, "upload", `{"Name":"x.mp4"}`)
		e.post(t, "send", `{"Event":{"EventType":"Even"}}`)
	}
	b := open(t, e.url)
	b.see("#waiting-count", "the newest 50 of 241")
	b.do(chromedp.SendKeys(chromedp.ID("filter-text"), "387702301"))
	b.see("#filtered", "1 of 241")
	b.see("#waiting", "Odd")
	b.click("#unfilter")
	b.see("#waiting-count", "the newest 50 of 241")
	b.do(chromedp.SetValue(chromedp.ID("filter-type"), "NewFileUpload"))
	eval[bool](b, `document.getElementById("filter-type").dispatchEvent(new Event("change"))`)
	b.see("#waiting-count", "the newest 50 of 120")
	b.await(`[...document.querySelectorAll("#waiting > li")].every((row) => row.dataset.type === "NewFileUpload")`)
	b.shoot("filtered")
	b.sound(e.url)
}
