package main

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

func named(names ...string) (entries []letters.Entry) {
	for _, name := range names {
		entries = append(entries, letters.Entry{Name: name})
	}
	return entries
}

func TestShortNamesAreUniqueAndFoundAgain(t *testing.T) {
	entries := named("aaaaaaaaaa1.json", "aaaaaaaaaa2.json", "bbbbbbbbbb.json", "cccccccccc-1.json", "cccccccccc.json", "d")
	short := shortNames(entries)
	want := map[string]string{
		"aaaaaaaaaa1.json": "aaaaaaaaaa1", "aaaaaaaaaa2.json": "aaaaaaaaaa2", "bbbbbbbbbb.json": "bbbbbbbb",
		"cccccccccc-1.json": "cccccccccc-", "cccccccccc.json": "cccccccccc", "d": "d",
	}
	if diff := cmp.Diff(want, short); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, beginning := range short {
		found, err := choose(entries, []string{beginning, name})
		if err != nil || len(found) != 1 || found[0].Name != name {
			t.Errorf("%s finds %v, %v; want %s", beginning, found, err, name)
		}
	}
	for _, name := range []string{"", "x", "cccc", "aaaaaaaaaa", "aaaaaaaaaa1.json.json"} {
		if found, err := choose(entries, []string{name}); exitCode(err) != exitUsage {
			t.Errorf("%q finds %v, %v", name, found, err)
		}
	}
}

// Scripts read it.
func TestTheJSONOfAListIsKept(t *testing.T) {
	failed := time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)
	var out strings.Builder
	err := listJSON(&out, []letters.Entry{
		{
			Name: "k.json", Key: "k", SubAppID: 1500000001, Type: "NewFileUpload", File: "7", Task: "t", Handle: "h",
			Reason: worker.ReasonAttempts, Missing: []string{"a", "b"}, LastError: "answered <500>", Attempts: 5,
			First: failed, Last: failed.Add(time.Minute),
		},
		{Name: "l.json", Key: "l", Type: "FileDeleted", Reason: worker.ReasonUnmatched, Missing: []string{}, First: failed, Last: failed},
		{Name: "x", Err: errors.New("x: not a dead letter")},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "list", out.String(), `{"name":"k.json","key":"k","sub_app_id":1500000001,"type":"NewFileUpload","file":"7","task":"t",`+
		`"reason":"its handlers have used up their attempts","missing":["a","b"],"last_error":"answered <500>","attempts":5,`+
		`"first":"2026-03-01T12:00:00.123Z","last":"2026-03-01T12:01:00.123Z","handle":"h"}
{"name":"l.json","key":"l","sub_app_id":0,"type":"FileDeleted","reason":"no handler wants it","missing":[],"attempts":0,`+
		`"first":"2026-03-01T12:00:00.123Z","last":"2026-03-01T12:00:00.123Z"}
{"name":"x","error":"x: not a dead letter"}
`)
}

func TestAForeignNameDoesNotSteerTheTerminal(t *testing.T) {
	var out, said strings.Builder
	a := &app{stdout: &out, stderr: &said}
	err := a.listTable([]letters.Entry{
		{Name: "a\x1b[2J.json", Type: "T\x9b\n", File: "f\u202e", Missing: []string{"m\r"}, LastError: "e\x1b[31m\nnext"},
		{Name: "b", Err: errors.New("b\x1b[2J")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := out.String() + said.String(); strings.ContainsAny(text, "\x1b\r\u202e") || !utf8.ValidString(text) {
		t.Errorf("%q", text)
	}
	wantEqual(t, "lines", strings.Count(out.String(), "\n"), 2)
}
