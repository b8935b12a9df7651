package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

var stored = time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.UTC)

func jobsOfEachState() []inbox.Job {
	of := inbox.Job{ID: "aaaaaaaaaaaa1", App: 1500000001, Type: "NewFileUpload", File: "7", Task: "t", Stored: stored, Since: stored.Add(time.Minute)}
	waiting, running, failed, done, dead := of, of, of, of, of
	waiting.Handler, waiting.State = "a", inbox.Waiting
	running.Handler, running.State, running.Process, running.Runs = "b", inbox.Running, "host-1", 1
	failed.Handler, failed.State, failed.Runs, failed.Attempts, failed.LastError = "c", inbox.Failed, 3, 2, "answered <500>"
	done.Handler, done.State, done.Runs, done.LastError = "d", inbox.Done, 1, "answered 500"
	dead.State, dead.Reason, dead.File, dead.ID = inbox.Dead, worker.ReasonUnmatched, "", "aaaaaaaaaaaa2"
	return []inbox.Job{waiting, running, failed, done, dead}
}

// Scripts read it.
func TestTheJSONOfAnInboxIsKept(t *testing.T) {
	var out strings.Builder
	if err := (&app{stdout: &out}).jobLines(jobsOfEachState()); err != nil {
		t.Fatal(err)
	}
	const about = `"sub_app_id":1500000001,"type":"NewFileUpload","file":"7","task":"t","stored":"2026-03-01T12:00:00.123Z","handler":`
	const one = `{"id":"aaaaaaaaaaaa1",` + about
	const since = `"since":"2026-03-01T12:01:00.123Z",`
	wantEqual(t, "lines", out.String(), one+`"a","state":"waiting",`+since+`"runs":0,"attempts":0}
`+one+`"b","state":"running",`+since+`"process":"host-1","runs":1,"attempts":0}
`+one+`"c","state":"failed","due":"2026-03-01T12:01:00.123Z","runs":3,"attempts":2,"last_error":"answered <500>"}
`+one+`"d","state":"done",`+since+`"runs":1,"attempts":0,"last_error":"answered 500"}
{"id":"aaaaaaaaaaaa2","sub_app_id":1500000001,"type":"NewFileUpload","task":"t","stored":"2026-03-01T12:00:00.123Z","state":"dead",`+
		since+`"runs":0,"attempts":0,"reason":"no handler wants it"}
`)
}

func TestAnInboxIsListedForPeople(t *testing.T) {
	var out, said strings.Builder
	a := &app{stdout: &out, stderr: &said}
	if err := a.jobTable(jobsOfEachState()); err != nil {
		t.Fatal(err)
	}
	at := when(stored.Add(time.Minute))
	wantEqual(t, "table", out.String(), strings.ReplaceAll(
		`EVENT          STATE    WHEN                       HANDLER  TYPE           FILE OR TASK  RUNS  WHY
aaaaaaaaaaaa1  waiting  since 2026-03-01 12:01:00  a        NewFileUpload  7             0     -
aaaaaaaaaaaa1  running  since 2026-03-01 12:01:00  b        NewFileUpload  7             1     -
aaaaaaaaaaaa1  failed   due 2026-03-01 12:01:00    c        NewFileUpload  7             3     answered <500>
aaaaaaaaaaaa1  done     since 2026-03-01 12:01:00  d        NewFileUpload  7             1     -
aaaaaaaaaaaa2  dead     since 2026-03-01 12:01:00  -        NewFileUpload  t             0     no handler wants it
`, "2026-03-01 12:01:00", at))
	if err := a.jobTable(nil); err != nil || said.String() != "nothing of the kind is in the inbox\n" {
		t.Errorf("of nothing it says %q, %v", said.String(), err)
	}
}

func TestAnEventIsShownWithWhatEachHandlerHasDone(t *testing.T) {
	at := when(stored.Add(time.Minute))
	wantEqual(t, "event", eventText(inbox.Event{Jobs: jobsOfEachState(), Body: []byte(`{"Big":12345678901234567890.10}`)}, stored), strings.ReplaceAll(
		`id        aaaaaaaaaaaa1
type      NewFileUpload
app       1500000001
file      7
task      t
stored    `+when(stored)+`
handler   a: waiting; next try at AT
handler   b: running since AT in process host-1; run once
handler   c: failed; next try at AT; run 3 times; 2 failures count against the event; last error: answered <500>
handler   d: done AT; run once; last error: answered 500
handler   no handler: given up AT (no handler wants it)
{
  "Big": 12345678901234567890.10
}
`, "AT", at))
}

func TestWhatOthersHaveSentDoesNotSteerTheTerminalFromAnInbox(t *testing.T) {
	job := inbox.Job{
		ID: "a\x1b[2J", Type: "T\x9b\n", File: "f\u202e", Handler: "h\r", State: inbox.Failed, Process: "p\x1b", Attempts: 1,
		LastError: "e\x1b[31m\nnext" + strings.Repeat("\U0001F600", 200),
	}
	var out strings.Builder
	if err := (&app{stdout: &out}).jobTable([]inbox.Job{job}); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "lines", strings.Count(out.String(), "\n"), 2)
	if shown := eventText(inbox.Event{Jobs: []inbox.Job{job}, Body: []byte("{\"a\":\"\x1b\"}")}, stored) + out.String(); strings.ContainsAny(shown, "\x1b\r\u202e") || !utf8.ValidString(shown) {
		t.Errorf("%q", shown)
	}
	if len([]rune(out.String())) > 400 {
		t.Errorf("an error has no end: %s", out.String())
	}
}
