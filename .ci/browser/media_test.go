package browser

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// call calls an action of the API, signed with HmacSHA1.
func (e emulator) call(t *testing.T, action string, parameters map[string]string) {
	t.Helper()
	form := url.Values{
		"Action": {action}, "Version": {"2018-07-17"}, "Timestamp": {fmt.Sprint(time.Now().Unix())}, "Nonce": {"11886"},
		"SecretId": {"AKIDemulator"},
	}
	for name, value := range parameters {
		form.Set(name, value)
	}
	var pairs []string
	for name := range form {
		pairs = append(pairs, name+"="+form.Get(name))
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte("emulator"))
	fmt.Fprintf(mac, "GET%s/?%s", strings.TrimPrefix(e.url, "http://"), strings.Join(pairs, "&"))
	form.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := http.Get(e.url + "/?" + form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Response struct {
			Error *struct{ Code, Message string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Response.Error != nil {
		t.Fatalf("%s is answered %+v, %v", action, answer.Response.Error, err)
	}
}

// lastFile is the one that was uploaded last.
func (e emulator) lastFile(t *testing.T) string { return e.state(t).LastFileId }

// button is the button of an opened file that has a text.
func (b *tab) button(text string) {
	b.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll("#media [open] button")]
		.find((e) => e.innerText === %q && e.checkVisibility())`, text)
	b.await(found + " !== undefined")
	eval[bool](b, found+".click() === undefined")
}

func TestAFileIsFollowedFromItsUploadToItsDeletion(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.see("#media-title", "Media")
	b.do(chromedp.SetValue(chromedp.ID("name"), hostile))
	b.click("#upload button")
	b.see("#media > [data-state=uploaded]", `uploaded <img src=x onerror="document.title='broken'">.mp4 `+e.lastFile(t))
	b.click("#media summary")
	b.see("#media .facts", "source Upload")
	eval[bool](b, `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }, true`)
	b.button("Copy FileId")
	b.await(fmt.Sprintf("window.copied === %q", e.lastFile(t)))
	b.button("Process")
	b.see("#said", "Processed: task 0-Procedure-")
	b.see("#media > [data-state=ready] summary", "1 video, 1 cover")
	b.see("#media .body", "CoverBySnapshot 10 SUCCESS") // what was open is open
	b.see("#media .body", "v.f10.mp4")
	if links := eval[int](b, `document.querySelectorAll("#media a").length`); links != 0 {
		t.Errorf("there are %d links, which lead nowhere", links)
	}

	e.post(t, "upload", `{"Name":"other.mp4"}`)
	b.see("#media > li:first-child", "other.mp4")
	b.button("2 ProcedureStateChanged")
	b.see("#filtered", "2 of 3")
	b.see("#waiting", "ProcedureStateChanged")
	b.click("#unfilter")

	b.button("Delete")
	b.see("#said", "DeleteMediaCompleteEventSwitch is OFF: there is no event")
	b.see("#media > [data-state=deleted] .body", "deleted")
	b.await(`[...document.querySelectorAll("#media [open] .body > .buttons > button")]
		.filter((e) => e.checkVisibility()).map((e) => e.innerText).join() === "Copy FileId"`)
	b.see("#media > [data-state=uploaded]", "other.mp4") // which was uploaded last
	if images := eval[int](b, "document.images.length"); images != 0 {
		t.Errorf("the file's name became HTML: there are %d images", images)
	}
	e.post(t, "reset", `{}`)
	b.await(`document.getElementById("media").children.length === 0`)
	b.sound(e.url)
}

func TestAFileThatIsProcessedShowsHowFarThatIs(t *testing.T) {
	t.Parallel()
	e := emulate(t, "--task-time", "1h")
	e.post(t, "upload", `{"Name":"lighthouse.mp4"}`)
	e.call(t, "ProcessMedia", map[string]string{
		"FileId": e.lastFile(t), "MediaProcessTask.TranscodeTaskSet.0.Definition": "100010",
		"MediaProcessTask.TranscodeTaskSet.1.Definition": "100020",
	})
	b := open(t, e.url)
	b.see("#media > [data-state=processing]", "processing 0 %")
	b.click("#media summary")
	b.see("#media .task", "Procedure, PROCESSING 0 %")
	b.see("#media .task", "Transcode 100010 PROCESSING Transcode 100020 PROCESSING")
	b.sound(e.url)
}

func TestResultsFailAsTheFormSays(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	e.post(t, "upload", `{"Name":"lighthouse.mp4"}`)
	b := open(t, e.url)
	b.see("#media > [data-state=uploaded]", "lighthouse.mp4")
	if eval[bool](b, `document.getElementById("failing-banner").checkVisibility()`) {
		t.Error("results fail from the beginning")
	}
	b.click(`[data-failures="Transcode=SourceFileError.NoVideoMedia"]`)
	b.see("#failing-banner", "Results fail: Transcode=SourceFileError.NoVideoMedia")
	b.click("#media summary")
	b.button("Process")
	b.see("#media > [data-state=partly]", "1 of 2 failed")
	b.see("#media .task .bad", "FAIL: SourceFileError.NoVideoMedia")
	b.shoot("media-failed")
	b.do(chromedp.SetValue(chromedp.ID("failing"), "CoverBySnapshot=InternalError"))
	b.click("#failures button")
	b.see("#failing-banner", "Results fail: CoverBySnapshot=InternalError")
	b.click("#stop-failures")
	b.await(`!document.getElementById("failing-banner").checkVisibility()`)
	b.button("Process")
	b.see("#media > [data-state=ready]", "1 video, 1 cover") // the last result counts
	if got := e.state(t).Failures; got != "" {
		t.Errorf("failures are %q", got)
	}
	b.sound(e.url)
}

func TestTheMediaLibraryFitsAndTellsWhatIsNotListed(t *testing.T) {
	t.Parallel()
	e := library(t)
	b := open(t, e.url)
	b.see("#media-count", "the newest 50 of 56")
	for i := range 5 {
		b.click(fmt.Sprintf("#media > li:nth-child(%d) summary", i+1))
	}
	b.see("#media", "AdaptiveDynamicStreaming 10")
	for _, width := range []int64{360, 390, 768, 1280} {
		b.resize(width, "light")
		b.show("media")
		if got := eval[int64](b, "document.documentElement.scrollWidth"); got > width {
			t.Errorf("it is %d wide in a window of %d", got, width)
		}
		for _, colours := range []string{"light", "dark"} {
			b.resize(width, colours)
			b.shoot(fmt.Sprintf("media-%d-%s", width, colours))
			b.legible()
		}
	}
	b.sound(e.url)
}

// legible wants text to stand out from what is behind it.
func (b *tab) legible() {
	b.t.Helper()
	var ratio float64
	least := eval[string](b, contrast)
	if _, err := fmt.Sscan(least, &ratio); err != nil || ratio < 4.5 {
		b.t.Errorf("the contrast is %s", least)
	}
}

// library fills an emulator with 56 files, some of them in other states than the rest.
func library(t *testing.T) emulator {
	t.Helper()
	e := emulate(t)
	for range 52 {
		e.post(t, "upload", `{"Name":"x.mp4"}`)
	}
	processed := func(failures string) {
		t.Helper()
		e.post(t, "fail-results", `{"Failures":"`+failures+`"}`)
		e.post(t, "process", `{"FileId":"`+e.lastFile(t)+`","SessionContext":"order 42"}`)
	}
	e.post(t, "pull-upload", `{"Url":"https://example.com/`+strings.Repeat("a_long_name_", 15)+`.mp4"}`)
	e.call(t, "ProcessMedia", map[string]string{
		"FileId": e.lastFile(t), "MediaProcessTask.AdaptiveDynamicStreamingTaskSet.0.Definition": "10",
		"MediaProcessTask.ImageSpriteTaskSet.0.Definition": "10", "MediaProcessTask.TranscodeTaskSet.0.Definition": "100010",
		"MediaProcessTask.TranscodeTaskSet.1.Definition": "100020",
	})
	e.post(t, "upload", `{"Name":"gone.mp4"}`)
	e.post(t, "delete", `{"FileId":"`+e.lastFile(t)+`"}`)
	e.post(t, "upload", `{"Name":"half.mp4"}`)
	processed("Transcode=SourceFileError.NoVideoMedia")
	e.post(t, "upload", `{"Name":"broken.mp4"}`)
	processed("*=InternalError")
	e.post(t, "fail-results", `{"Failures":""}`)
	return e
}

func TestTheEmulatorSaysHowLikeVODItIs(t *testing.T) {
	t.Parallel()
	e := emulate(t)
	b := open(t, e.url)
	b.click("#ask-fidelity")
	b.see("#fidelity", "PullEvents")
	b.see("#fidelity", "documented")
	for _, width := range []int64{360, 1280} {
		b.resize(width, "light")
		if got := eval[int64](b, `document.getElementById("fidelity").scrollWidth`); got > width {
			t.Errorf("it is %d wide in a window of %d", got, width)
		}
		b.legible()
		b.shoot(fmt.Sprintf("fidelity-%d", width))
		b.resize(width, "dark")
		b.legible()
	}
	b.click("#close-fidelity")
	b.await(`!document.getElementById("fidelity").checkVisibility()`)
	b.sound(e.url)
}
