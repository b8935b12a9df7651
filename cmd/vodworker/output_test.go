package main

import (
	"regexp"
	"strings"
	"testing"
)

// advance returns what is to come after line, and whether line may come now.
func advance(wanted []string, line string) ([]string, bool) {
	switch {
	case len(wanted) == 0:
		return nil, false
	case wanted[0] != "…":
		return wanted[1:], alike(wanted[0], line)
	case len(wanted) > 1 && alike(wanted[1], line):
		return wanted[2:], true
	}
	return wanted, true
}

var (
	anyNumber = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{6,}|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?`)
	spaces    = regexp.MustCompile(` +`)
)

// alike reports whether line is what a page shows, but for numbers, dates, what an ellipsis stands for, and the width of columns.
func alike(shown, line string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(anyNumber.ReplaceAllString(shown, "…")), "…", ".*")
	pattern = spaces.ReplaceAllString(pattern, " +")
	return regexp.MustCompile("^" + pattern + "$").MatchString(line)
}

func TestTheCheckerOfOutputCanFail(t *testing.T) {
	for _, test := range []struct {
		shown, line string
		want        bool
	}{
		{"file 487617019471545679", "file 12345678901", true},
		{"file 487617019471545679", "task 12345678901", false},
		{"id 1b398900-0000-0000-0000-00000000c0c5", "id 8e1f7555-983a-a92f-b54e-0f1600cc4d19", true},
		{"a … c", "a b c", true},
		{"a … c", "a b", false},
		{"a+b", "aab", false},
		{"on 2026-11-29 20:48", "on 2027-01-02 03:04", true},
		{"on 2026-11-29 20:48:01", "on 2027-01-02 03:04:05", true},
	} {
		if alike(test.shown, test.line) != test.want {
			t.Errorf("%q and %q: want %v", test.shown, test.line, test.want)
		}
	}
	if _, ok := advance([]string{"a", "b"}, "b"); ok {
		t.Error("a line that is missing is not noticed")
	}
	if _, ok := advance(nil, "more"); ok {
		t.Error("a line that is too much is not noticed")
	}
	if rest, ok := advance([]string{"…", "b"}, "x"); !ok || len(rest) != 2 {
		t.Error("an ellipsis does not stand for any line")
	}
}
