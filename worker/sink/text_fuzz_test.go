package sink_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/vodworker/vodworker/events"
)

// checkLines checks what holds for any event: a line, then indented ones, and nothing that a terminal obeys.
func checkLines(t *testing.T, text string) []string {
	t.Helper()
	lines := strings.Split(text, "\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" {
		t.Fatalf("no whole line: %q", text)
	}
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		if !utf8.ValidString(line) {
			t.Errorf("not UTF-8: %q", line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("unprintable: %q", line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("ends in spaces: %q", line)
		}
		body := strings.TrimPrefix(line, "  ")
		if indented := body != line; indented != (i > 0) || body == "" || body[0] == ' ' {
			t.Errorf("line %d is indented wrongly: %q", i, line)
		}
	}
	return lines
}

func FuzzTextOfAnyJSON(f *testing.F) {
	for _, seed := range []string{procedureJSON, uploadJSON, `{"EventType":"X","P":{"ResultSet":[{"aTask":{}}]}}`, `[[[`, "", "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		checkLines(t, render(t, events.Event{Type: events.ProcedureStateChanged, Raw: raw}))
		e, err := events.Decode(raw)
		if err != nil {
			e = events.Event{Type: events.Type(raw), Raw: raw}
		}
		checkLines(t, render(t, e))
	})
}

func FuzzTextHasALineForEachResult(f *testing.F) {
	f.Add("NewFileUpload", "FileId", "1\x1b[0m", 2)
	f.Add("\n\n", "MetaData", " ", 0)
	f.Fuzz(func(t *testing.T, kind, key, value string, results int) {
		results = min(max(results, 0), 20)
		set := make([]any, results)
		for i := range set {
			set[i] = map[string]any{
				"Type": value, "Task": map[string]any{"Status": value, "ErrCodeExt": value, "Message": value, "Output": map[string]any{"Url": value}},
			}
		}
		payload := map[string]any{key: value, "FileId": value, "TaskId": value, "Status": value, "Message": value, "MediaProcessResultSet": set}
		raw, err := json.Marshal(map[string]any{"EventType": kind, "ProcedureStateChangeEvent": payload})
		if err != nil {
			t.Fatal(err)
		}
		lines := checkLines(t, render(t, event(string(raw))))
		if len(lines) != 1+results {
			t.Errorf("%d lines for %d results: %q", len(lines), results, lines)
		}
	})
}
