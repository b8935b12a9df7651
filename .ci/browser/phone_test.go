package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

var panels = []string{"events", "media", "make", "calls", "settings", "connect"}

// show goes to a part of the page if only one is shown at a time.
func (b *tab) show(panel string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf("document.querySelector('[data-to=%s]').click() === undefined", panel))
	b.await(fmt.Sprintf("document.querySelector('[data-panel=%s]:not([hidden])').checkVisibility()", panel))
}

// busy fills an emulator with one event in each state.
func busy(t *testing.T) emulator {
	t.Helper()
	e := emulate(t, "--window", "1h")
	e.post(t, "upload", `{"Name":"confirmed.mp4"}`)
	e.post(t, "confirm", `{"Number":1}`)
	e.post(t, "upload", `{"Name":"lighthouse.mp4"}`)
	e.pull(t)
	e.post(t, "expire", `{"Number":2}`)
	e.post(t, "send", `{"Type":"ProcedureStateChanged"}`)
	e.pull(t)
	e.post(t, "expire", `{"Number":2}`)
	e.post(t, "upload", `{"Name":"waits.mp4"}`)
	e.post(t, "send", `{"Type":"PullComplete"}`)
	e.post(t, "faults", `{"Faults":"ConfirmEvents:*=InternalError,PullEvents:*=502"}`)
	return e
}

func TestOnAPhoneTheQueueIsFirstAndAFingerHitsEverything(t *testing.T) {
	t.Parallel()
	e := busy(t)
	b := open(t, e.url)
	b.resize(390, "light")
	b.see("#past", "confirmed")
	if top := eval[float64](b, `document.getElementById("waiting").getBoundingClientRect().top`); top > 450 {
		t.Errorf("the queue begins at %v px", top)
	}
	if eval[bool](b, `document.getElementById("upload").checkVisibility()`) {
		t.Error("there are forms beside the queue")
	}
	b.click("#past summary")
	b.see("#past pre", "EventType")
	for _, panel := range panels {
		b.show(panel)
		small := eval[string](b, `[...document.querySelectorAll("button, select, summary, input, textarea, .switch")]
			.filter((e) => e.checkVisibility() && !/radio|checkbox/.test(e.type) && e.getBoundingClientRect().height < 39.5)
			.map((e) => e.outerHTML.slice(0, 80)).join("; ")`)
		if small != "" {
			t.Errorf("%s: too small for a finger: %s", panel, small)
		}
		cut := eval[string](b, `[...document.querySelectorAll("input[placeholder]")].filter((e) => {
			const style = getComputedStyle(e), canvas = document.createElement("canvas").getContext("2d");
			canvas.font = style.font;
			return e.checkVisibility() && canvas.measureText(e.placeholder).width > e.clientWidth - parseFloat(style.paddingLeft) * 2;
		}).map((e) => e.placeholder).join("; ")`)
		if cut != "" {
			t.Errorf("%s: placeholders are cut: %s", panel, cut)
		}
		if got := eval[int64](b, "document.documentElement.scrollWidth"); got > 390 {
			t.Errorf("%s is %d wide", panel, got)
		}
		for _, colours := range []string{"light", "dark"} {
			b.resize(390, colours)
			b.shoot(fmt.Sprintf("phone-%s-%s", panel, colours))
		}
	}
	b.sound(e.url)
}

// contrast returns the least contrast of text that is seen, and whose it is.
const contrast = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data]; };
	const over = (top, below) => top.slice(0, 3).map((c, i) => (c * top[3] + below[i] * (255 - top[3])) / 255);
	const light = (c) => c.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const back = (e) => e ? over(rgba(getComputedStyle(e).backgroundColor), back(e.parentElement)) : [255, 255, 255];
	let least = [99, ""];
	for (const e of document.querySelectorAll("body *")) {
		if (!e.checkVisibility() || e.disabled || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const b = back(e), a = light(over(rgba(getComputedStyle(e).color), b)), c = light(b);
		const ratio = (Math.max(a, c) + .05) / (Math.min(a, c) + .05);
		if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 100)];
	}
	return least[0].toFixed(2) + " " + least[1];
})()`

func TestEverythingCanBeReadInLightAndDark(t *testing.T) {
	t.Parallel()
	e := busy(t)
	b := open(t, e.url)
	b.see("#waiting", "missed 2×")
	b.see("#inflight", "in flight")
	b.shoot("desktop-light")
	b.click("#waiting summary")
	b.see("#waiting pre", "EventType")
	for _, colours := range []string{"light", "dark"} {
		b.resize(1280, colours)
		b.shoot("desktop-open-" + colours)
		for _, state := range []string{"flight", "late"} { // the next tick sets it right
			var ratio float64
			least := eval[string](b, fmt.Sprintf(`document.querySelector("#inflight > li").dataset.state = %q, %s`, state, contrast))
			if _, err := fmt.Sscan(least, &ratio); err != nil || ratio < 4.5 {
				t.Errorf("%s, %s: the contrast is %s", colours, state, least)
			}
		}
	}
	b.sound(e.url)
}

func TestNewsDoNotCoverWhatWasPressed(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.resize(390, "light")
	b.show("make")
	b.click("#own summary")
	height := eval[int64](b, `document.documentElement.offsetHeight`)
	b.do(chromedp.EmulateViewport(390, height)) // so that the button is at the bottom
	for _, json := range []string{`{"EventType": "Odd"}`, `{`} {
		b.do(chromedp.SetValue(chromedp.ID("json"), json))
		b.click("#send-own button")
		b.await(`document.getElementById("said").innerText !== ""`)
		if eval[bool](b, `document.querySelector("#send-own button").getBoundingClientRect().bottom >
			document.getElementById("said").getBoundingClientRect().top`) {
			t.Errorf("%q covers the button", eval[string](b, `document.getElementById("said").innerText`))
		}
	}
	b.sound(e.url)
}
