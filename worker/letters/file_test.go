package letters_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

var oddEvents = map[string]string{
	"numbers":            `{"EventType":"X","A":{"n":12345678901234567890123,"f":1.50,"e":1E+2,"z":-0}}`,
	"duplicate keys":     `{"EventType":"X","A":1,"A":2,"event":3,"event":4,"key":"k","event_base64":"x"}`,
	"white space":        "{\r\n\t\"EventType\" : \"X\" ,\n\n \"A\":[ ]}",
	"outer white space":  "\n {\"EventType\":\"X\"} \n",
	"escapes":            `{"EventType":"X","A":"\u003c\/\u2028<>& ` + "\u2028" + `\ud800"}`,
	"invalid UTF-8":      "{\"EventType\":\"X\",\"A\":\"\xff\xfe\"}",
	"no object":          `[1, 2]`,
	"null":               `null`,
	"number":             `1.0`,
	"nothing":            ``,
	"no JSON":            `{"EventType":`,
	"what ends the file": `{}, "missing": ["injected"], "event": {}`,
	"another event":      `1, "event": 1`,
	"binary":             "\x00\x01\xff",
	"too deep to embed":  strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
}

// Files that are there already must be read by programs to come, and new ones by scripts of today.
func TestTheFormOnTheDiskIsKept(t *testing.T) {
	failed := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	for _, test := range []struct {
		letter     worker.DeadLetter
		name, want string
	}{
		{worker.DeadLetter{
			Event: events.Event{SubAppID: 1500000001, Handle: "h<1>", Type: "NewFileUpload", Raw: []byte(
				`{"EventHandle":"h<1>", "EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7","Big":12345678901234567890.10}}`,
			)},
			Reason: worker.ReasonAttempts, Missing: []string{"backend", "archive"}, LastError: "answered <500>\n", Attempts: 5,
			First: failed, Last: failed.Add(time.Minute),
		}, "424d159d981903b482923af8a14bfd44.json", `{
  "key": "424d159d981903b482923af8a14bfd44",
  "sub_app_id": 1500000001,
  "type": "NewFileUpload",
  "file": "7",
  "reason": "its handlers have used up their attempts",
  "missing": [
    "backend",
    "archive"
  ],
  "last_error": "answered <500>\n",
  "attempts": 5,
  "first": "2026-03-01T12:00:00.123Z",
  "last": "2026-03-01T12:01:00.123Z",
  "handle": "h<1>",
  "event": {"EventHandle":"h<1>", "EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7","Big":12345678901234567890.10}}
}
`},
		{worker.DeadLetter{
			Event: events.Event{
				Type: "ProcedureStateChanged", Raw: []byte(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"t"}}` + "\n"),
			},
			Reason: worker.ReasonUnmatched, First: failed, Last: failed,
		}, "231583d1e0d2a96f4ee56e01a873abb0.json", `{
  "key": "231583d1e0d2a96f4ee56e01a873abb0",
  "sub_app_id": 0,
  "type": "ProcedureStateChanged",
  "task": "t",
  "reason": "no handler wants it",
  "missing": [],
  "attempts": 0,
  "first": "2026-03-01T12:00:00.123Z",
  "last": "2026-03-01T12:00:00.123Z",
  "event_base64": "eyJFdmVudFR5cGUiOiJQcm9jZWR1cmVTdGF0ZUNoYW5nZWQiLCJQcm9jZWR1cmVTdGF0ZUNoYW5nZUV2ZW50Ijp7IlRhc2tJZCI6InQifX0K"
}
`},
	} {
		store, dir := newStore(t)
		write(t, store, test.letter)
		got, err := os.ReadFile(filepath.Join(dir, test.name))
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.want, string(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// checkRecovered writes a letter and checks that each byte of its event comes back, by Show and from a rewritten file.
func checkRecovered(t *testing.T, store *letters.Dir, dir string, letter worker.DeadLetter) {
	t.Helper()
	write(t, store, letter)
	name := names(list(t, store))[0]
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(content) {
		t.Errorf("not JSON:\n%q", content)
	}
	outcomes := []worker.Outcome{{Handler: "none of them", Kind: worker.OK}}
	if _, err := store.Settle(t.Context(), name, outcomes); err != nil {
		t.Fatal(err)
	}
	got, err := store.Show(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Event.Raw, letter.Event.Raw) {
		t.Errorf("got  %q\nwant %q", got.Event.Raw, letter.Event.Raw)
	}
	if diff := cmp.Diff(letter.Missing, got.Missing); diff != "" {
		t.Errorf("missing: %s", diff)
	}
}

func TestEachByteOfAnEventIsRecovered(t *testing.T) {
	for what, raw := range oddEvents {
		t.Run(what, func(t *testing.T) {
			store, dir := newStore(t)
			checkRecovered(t, store, dir, worker.DeadLetter{Event: events.Event{Type: "X", Raw: []byte(raw)}, Missing: []string{"a"}})
		})
	}
}

func FuzzEachByteOfAnEventIsRecovered(f *testing.F) {
	for _, raw := range oddEvents {
		f.Add([]byte(raw), "X", "error")
	}
	f.Fuzz(func(t *testing.T, raw []byte, kind, lastError string) {
		store, dir := newStore(t)
		letter := worker.DeadLetter{
			Event:   events.Event{SubAppID: 1, Handle: kind, Type: events.Type(kind), Raw: raw},
			Missing: []string{"a"}, Reason: worker.Reason(lastError), LastError: lastError,
		}
		checkRecovered(t, store, dir, letter)
		entry := list(t, store)[0]
		if entry.Err != nil || utf8.ValidString(kind) && (string(entry.Type) != kind || entry.Handle != kind) {
			t.Errorf("listed as %+v", entry)
		}
		if len(entry.LastError) > 2<<10 || !utf8.ValidString(entry.LastError) || len(entry.Reason) > 2<<10 {
			t.Errorf("%d bytes of an error: %q", len(entry.LastError), entry.LastError)
		}
	})
}

func TestALongErrorIsCutBetweenCharacters(t *testing.T) {
	store, _ := newStore(t)
	letter := letterOf(uploadJSON, "a")
	letter.LastError = "x\xff" + strings.Repeat("错", 10_000)
	write(t, store, letter)
	got := list(t, store)[0].LastError
	if len(got) > 2<<10 || len(got) < 2<<10-6 || !utf8.ValidString(got) || !strings.HasPrefix(got, "x\uFFFD错") || !strings.HasSuffix(got, "错…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
