package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAWindowIsEndedAndAnEventConfirmedByHand(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--window", "1h")
	e.post(t, "upload", `{"Name":"x.mp4"}`)
	e.pull(t)
	b := open(t, e.url)
	b.click("#inflight summary")
	b.see("#inflight .body", "pulled 1 time")
	b.click("#inflight .buttons > :nth-child(3)")
	b.see("#said", "The window of event 1 is over")
	b.see("#waiting .body", "pulled 1 time") // the row stays open in another list
	b.see("#counts", "1 window missed")
	b.await(focus + ` === "SUMMARY"`) // that button is not there any more
	e.pull(t)
	b.see("#inflight .body", "pulled 2 times")
	b.see("#inflight .state", "2×")
	b.do(chromedp.Focus(chromedp.CSS("#inflight .buttons > :nth-child(4)")), chromedp.KeyEvent(" "))
	b.see("#past .state", "confirmed")
	b.see("#counts", "0 in flight 1 confirmed")
	b.see("#past pre", "NewFileUpload")
	b.await(focus + ` === "SUMMARY"`)
	b.sound(e.url)
}

// focus is the name of the element that has it.
const focus = "document.activeElement.tagName"

func TestTheFocusStaysWithItsRow(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--window", "1h")
	e.post(t, "upload", `{"Name":"x.mp4"}`)
	b := open(t, e.url)
	b.click("#waiting summary")
	b.see("#waiting pre", "NewFileUpload")
	b.do(chromedp.Focus(chromedp.CSS("#waiting .buttons button")))
	e.pull(t)
	b.see("#inflight pre", "NewFileUpload")
	b.await(`document.activeElement.innerText === "Copy JSON"`)
	e.post(t, "faults", `{"Faults":"PullEvents:*=502"}`)
	b.see("#faulty-banner", "PullEvents:*=502")
	b.do(chromedp.Focus(chromedp.ID("stop-faults")), chromedp.KeyEvent(" "))
	b.await(`!document.getElementById("faulty-banner").checkVisibility()`)
	b.await(focus + ` === "H1"`)
	b.sound(e.url)
}

func TestAWindowThatIsNearlyOverIsFirstAndStandsOut(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--window", "4s")
	b := open(t, e.url)
	for _, name := range []string{"first.mp4", "second.mp4"} {
		e.post(t, "upload", `{"Name":"`+name+`"}`)
		e.pull(t)
	}
	b.await(`document.querySelector("#inflight > li:first-child")?.innerText.includes("first") === true`)
	b.await(`document.querySelector("#inflight > [data-state=late]")?.innerText.includes("nearly over") === true`)
	b.see("#waiting", "missed once")
	b.sound(e.url)
}
