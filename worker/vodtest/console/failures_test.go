package console

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestControlMakesResultsFail(t *testing.T) {
	bubble(t, vodtest.Config{Hold: -1}, func(t *testing.T, e *vodtest.Emulator) {
		set := func(failures string) {
			t.Helper()
			var answer struct{ Failures string }
			status := controlled(t, e, http.MethodPost, "fail-results", `{"Failures":"`+failures+`"}`, &answer)
			if status != http.StatusOK || answer.Failures != failures || stateOf(t, e).Failures != failures {
				t.Errorf("%q is answered %d %+v, and the state has %q", failures, status, answer, stateOf(t, e).Failures)
			}
		}
		file := post(t, e, "upload", `{"SubAppId":1500000001,"Name":"lighthouse.mp4"}`)
		for _, test := range []struct {
			failures string
			fail     int // results of two
		}{{"Transcode:10=SourceFileError.NoVideoMedia", 1}, {"*=InternalError", 2}, {"", 0}} {
			set(test.failures)
			post(t, e, "process", `{"SubAppId":1500000001,"FileId":"`+file.FileID+`"}`)
			events := pull(t, e)
			if event := string(events[len(events)-1].Raw); strings.Count(event, `"Status":"FAIL"`) != test.fail {
				t.Errorf("with %q the event is %s", test.failures, event)
			}
		}
	})
}

func TestANoteSaysThatAPullFails(t *testing.T) {
	e := vodtest.New(vodtest.Config{Hold: -1})
	const pull = `{"Url":"https://example.com/far.mp4"}`
	for _, test := range []struct{ failures, want string }{
		{"*=InternalError", ""},
		{"*=InternalError,PullUpload=SourceFileError,PullUpload=InvalidInput", "the pull fails: SourceFileError"},
		{"", ""},
	} {
		post(t, e, "fail-results", `{"Failures":"`+test.failures+`"}`)
		made := post(t, e, "pull-upload", pull)
		if made.Note != test.want || made.TaskID == "" || (made.FileID == "") != (test.want != "") {
			t.Errorf("with %q a pull is answered %+v", test.failures, made)
		}
	}
}
