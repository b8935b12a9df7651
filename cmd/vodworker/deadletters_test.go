package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

func named(names ...string) (entries []sink.Entry) {
	for _, name := range names {
		entries = append(entries, sink.Entry{Name: name})
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

func TestPrettyKeepsWhatAnEventSays(t *testing.T) {
	raw := `{"a":1.50,"a":12345678901234567890,"s":"` + "é\u009b2J\u202e\U000e0001\x7f" + `"}`
	got := pretty([]byte(raw))
	want := "{\n  \"a\": 1.50,\n  \"a\": 12345678901234567890,\n  \"s\": \"é\\u009b2J\\u202e\\udb40\\udc01\\u007f\"\n}"
	wantEqual(t, "pretty", got, want)
	var before, after any
	if err := errors.Join(json.Unmarshal([]byte(raw), &before), json.Unmarshal([]byte(got), &after)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("it means something else:\n%s", diff)
	}
	wantEqual(t, "no JSON", pretty([]byte("a\x1b[2J")), `"a\x1b[2J"`)
}

func TestLinesAreCutToTheTerminal(t *testing.T) {
	wantEqual(t, "long", cutTo("éééé", 3), "éé…")
	wantEqual(t, "fits", cutTo("ééé", 3), "ééé")
	wantEqual(t, "no terminal", cutTo("ééé", 0), "ééé")
}

// bury writes n letters that miss handler h.
func bury(t *testing.T, n int) (*sink.DeadLetterDir, []sink.Entry) {
	t.Helper()
	letters, err := sink.NewDeadLetterDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		raw := fmt.Appendf(nil, `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, i)
		event, err := events.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := letters.Write(t.Context(), worker.DeadLetter{Event: event, Missing: []string{"h"}, Last: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := letters.List()
	if err != nil {
		t.Fatal(err)
	}
	return letters, entries
}

func replayerOf(t *testing.T, letters *sink.DeadLetterDir, handle func(context.Context, events.Event) error) *replayer {
	t.Helper()
	router, err := worker.NewRouter([]worker.Handler{{Name: "h", Handle: handle, Retry: worker.Retry{Tries: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	return &replayer{letters: letters, router: router, log: zerolog.Nop(), configured: []string{"h"}}
}

func TestHandlersOfALetterHaveTheTimeOfAnEvent(t *testing.T) {
	letters, entries := bury(t, 1)
	r := replayerOf(t, letters, func(ctx context.Context, _ events.Event) error {
		deadline, _ := ctx.Deadline()
		if left := time.Until(deadline); left > 25*time.Second || left < 20*time.Second {
			t.Errorf("%v of handling time", left)
		}
		return nil
	})
	wantEqual(t, "error", r.run(t.Context(), entries, 1), nil)
}

// A signal interrupts what runs and starts no more, but what had succeeded by then is written down.
func TestAStoppedReplayKeepsWhatSucceeded(t *testing.T) {
	letters, entries := bury(t, 5)
	ctx, signal := context.WithCancel(t.Context())
	var calls atomic.Int64
	r := replayerOf(t, letters, func(ctx context.Context, _ events.Event) error {
		switch calls.Add(1) {
		case 2:
			signal()
			return nil
		case 3:
			t.Error("one more was started")
		}
		return nil
	})
	wantEqual(t, "exit code", exitCode(r.run(ctx, entries, 1)), exitFailed)
	left, err := letters.List()
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", len(left), 3)
}

func TestReplaysAtOnceEndWithNothingLeft(t *testing.T) {
	letters, entries := bury(t, 20)
	var calls atomic.Int64
	codes := make(chan int)
	for range 3 {
		r := replayerOf(t, letters, func(context.Context, events.Event) error { calls.Add(1); return nil })
		go func() { codes <- exitCode(r.run(t.Context(), entries, 4)) }()
	}
	for range 3 {
		wantEqual(t, "exit code", <-codes, exitOK)
	}
	left, err := letters.List()
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", len(left), 0)
	if n := calls.Load(); n < 20 {
		t.Errorf("%d calls for 20 letters", n)
	}
}

func TestAForeignNameDoesNotSteerTheTerminal(t *testing.T) {
	var out, said strings.Builder
	a := &app{stdout: &out, stderr: &said}
	err := a.listTable([]sink.Entry{
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
