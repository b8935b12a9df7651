package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Whatever a file holds: no panic, a place within the text for each mistake, and nothing of a variable's value.
func FuzzParse(f *testing.F) {
	shipped, err := os.ReadFile("../../../config.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		string(shipped), "", "vod: {rate: ${V}}", "vod:\n  endpoint: \"${V}\"", "vod: &a {<<: *a}", "a: &a *a", "handlers: [*", "\t",
		"handlers:\n  - {name: a, events: [\"${V}\"], webhook: {url: \"${V}\", secret: \"${V}\"}, retry: {max: 1ms}}", "vod：\n  a",
		"callback: {listen: \"${V}\", sign_keys: [a, a, a]}", "log: {level: ? }", "%YAML 1.2\n---\n", "- - -", "? a : b",
		"x: !!binary a",
		"vod: {sub_app_ids: 1,2}", "vod: {sub_app_ids: [\"${V},1\", \"${U:-}\", 2]}", "worker: {memory: \"${V}\", unmatched: \"${V}\"}", "dead_letters: {dir: a, stdout: {}}", "\xff\xfe",
		"inbox: {url: \"${V}\", keep: 1s, window: \"${V}\"}", "inbox: {url: \"postgres://u:${V}@h/d?sslmode=${V}\"}", "inbox: {url_file: \"${V}\"}",
	} {
		f.Add(text)
	}
	env := func(name string) (string, bool) { return "hunter2", name == "V" }
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Parse("c.yaml", []byte(text), env, func(string) ([]byte, error) { return []byte("hunter2"), nil })
		if err == nil {
			return
		}
		all := []error{err}
		if joined, is := err.(interface{ Unwrap() []error }); is {
			all = joined.Unwrap()
		}
		lines := strings.Split(text, "\n")
		for _, one := range all {
			found, is := errors.AsType[*Error](one)
			if !is {
				t.Fatalf("%q: %v has no place", text, one)
			}
			if found.Line < 1 || found.Line > len(lines) || found.Column < 1 || found.Column > len([]rune(lines[found.Line-1]))+1 {
				t.Errorf("%q: %v is outside", text, one)
			}
			if !strings.Contains(text, "hunter2") && strings.Contains(found.Error()+found.Excerpt(), "hunter2") {
				t.Errorf("%q: %v shows what a variable stands for", text, one)
			}
			if shown := found.Error(); strings.Contains(shown, "Go struct") || strings.Contains(shown, "strconv") {
				t.Errorf("%q: %v", text, one)
			}
		}
	})
}

// Where a secret belongs, or is meant, it is not shown, whatever stands around it.
func FuzzNoSecretIsShown(f *testing.F) {
	places := []string{
		"handlers:\n  - name: a\n    webhook:\n      secret: %s\n      url: http://h\n",
		"vod:\n  credentials:\n    secret_key: %s\n",
		"callback:\n  sign_key: %s\n", "vod:\n  credentials: %s\n", "handlers:\n  - name: a\n    exec: %s\n",
		"handlers:\n  - name: a\n    webhook: %s\n", "handlers: %s\n", "%s\n", "inbox: %s\n",
		"inbox:\n  url: postgres://u:%s@h/d\n",
	}
	const groups = 3 // from this place on keys are needed, so what has braces may be keys of any name
	for place := range places {
		for _, around := range [][2]string{
			{"", ""}, {"*", ""}, {"&", ""}, {"!", ""}, {"&", " a"}, {"!", " a"}, {"a ", ""}, {"https://u:", "@h"}, {"", ": a"},
			{"a: ", ""}, {"a:", ":"}, {"'", ""}, {"\"", "\""}, {"[", "]"}, {"{", "}"}, {"- ", ""}, {"? ", ""}, {"|", ""}, {"%", ""},
			{"@", ""}, {"：", "，"},
			{"\t", ""}, {"<<: *", ""}, {"a=", ""}, {"!!str ", ""},
		} {
			f.Add(place, around[0], around[1])
		}
	}
	f.Fuzz(func(t *testing.T, place int, before, after string) {
		if place < 0 || place >= len(places) || strings.ContainsAny(before+after, "\r\n$") ||
			place >= groups && strings.ContainsAny(before+after, "{}") {
			t.Skip()
		}
		text := fmt.Sprintf(places[place], before+"hunter2"+after)
		_, err := parse(t, text, nil)
		if shown := allThatIsShown(err); strings.Contains(shown, "hunter2") {
			t.Errorf("%q: %s", text, shown)
		}
	})
}
