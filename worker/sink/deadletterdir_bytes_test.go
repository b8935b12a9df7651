package sink_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
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

// checkRecovered writes a letter and checks that each byte of its event comes back, by Read and from a rewritten file.
func checkRecovered(t *testing.T, letters *sink.DeadLetterDir, dir string, letter worker.DeadLetter) {
	t.Helper()
	write(t, letters, letter)
	name := names(list(t, letters))[0]
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(content) {
		t.Errorf("not JSON:\n%q", content)
	}
	outcomes := []worker.Outcome{{Handler: "none of them", Kind: worker.OK}}
	if _, err := letters.Settle(t.Context(), name, outcomes); err != nil {
		t.Fatal(err)
	}
	got, err := letters.Read(name)
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
			letters, dir := newLetters(t)
			checkRecovered(t, letters, dir, worker.DeadLetter{Event: events.Event{Type: "X", Raw: []byte(raw)}, Missing: []string{"a"}})
		})
	}
}

func FuzzEachByteOfAnEventIsRecovered(f *testing.F) {
	for _, raw := range oddEvents {
		f.Add([]byte(raw), "X", "error")
	}
	f.Fuzz(func(t *testing.T, raw []byte, kind, lastError string) {
		letters, dir := newLetters(t)
		letter := worker.DeadLetter{
			Event:   events.Event{SubAppID: 1, Handle: kind, Type: events.Type(kind), Raw: raw},
			Missing: []string{"a"}, Reason: worker.Reason(lastError), LastError: lastError,
		}
		checkRecovered(t, letters, dir, letter)
		entry := list(t, letters)[0]
		if entry.Err != nil || utf8.ValidString(kind) && (string(entry.Type) != kind || entry.Handle != kind) {
			t.Errorf("listed as %+v", entry)
		}
		if len(entry.LastError) > 2<<10 || !utf8.ValidString(entry.LastError) || len(entry.Reason) > 2<<10 {
			t.Errorf("%d bytes of an error: %q", len(entry.LastError), entry.LastError)
		}
	})
}

func TestALongErrorIsCutBetweenCharacters(t *testing.T) {
	letters, _ := newLetters(t)
	letter := letterOf(uploadJSON, "a")
	letter.LastError = "x\xff" + strings.Repeat("错", 10_000)
	write(t, letters, letter)
	got := list(t, letters)[0].LastError
	if len(got) > 2<<10 || len(got) < 2<<10-6 || !utf8.ValidString(got) || !strings.HasPrefix(got, "x\uFFFD错") || !strings.HasSuffix(got, "错…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
