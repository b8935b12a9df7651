package config

import (
	"strings"
	"testing"
)

// A number that can't be meant is an error at its place: no panic, no allocation of its size, no sum that overflows.
func TestANumberThatCanNotBeMeantIsAnError(t *testing.T) {
	const (
		crowd = "it must be from 1 to 100000;"
		calls = "it must be from 0.1 to 10000 calls a second;"
		year  = "a year, 8784h, is the longest;"
	)
	for text, want := range map[string]string{
		"worker: {concurrency: 9000000000000000000}":     `1:23: worker.concurrency is "9000000000000000000": ` + crowd,
		"worker: {concurrency: 100001}":                  `1:23: worker.concurrency is "100001": ` + crowd,
		"worker: {concurrency: -9000000000000000000}":    "1:23: worker.concurrency is \"-9000000000000000000\": " + crowd,
		"worker: {concurrency: 99999999999999999999999}": "too many digits",
		"worker: {stop_grace: 2562047h}":                 `1:22: worker.stop_grace is "2562047h": ` + year,
		"worker: {stop_grace: 9000000000000000000ns}":    year,
		"worker: {stop_grace: 9000000000000000000s}":     year,
		"vod: {rate: .nan}":                              `1:13: vod.rate is ".nan": it must be a finite number;`,
		"vod: {rate: .inf}":                              "it must be a finite number;",
		"vod: {rate: -.inf}":                             "it must be a finite number;",
		"vod: {rate: 1e300}":                             calls,
		"vod: {rate: 1e-300}":                            calls,
		"vod: {rate: 1e999}":                             calls,
		"vod: {window: 97h}":                             "it must be positive, and at most 96h;",
		"vod: {window: 2562047h}":                        year,
		"confirm: {margin: 9000000000s}":                 year,
		"confirm: {margin: -9223372036854775808ns}":      year,
		"confirm: {linger: 2562047h}":                    year,
		"dead_letters: {attempts: -9000000000000000000}": "it must be from 0 to 1000;",
		"dead_letters: {attempts: 9e99}":                 "it must be a whole number;",

		"handlers: [{name: a, timeout: 2562047h, stdout: {}}]":                         year,
		"handlers: [{name: a, retry: {initial: 2562047h, max: 2562047h}, stdout: {}}]": year,
		"handlers: [{name: a, retry: {tries: 1e99}, stdout: {}}]":                      "it must be a whole number;",
	} {
		if !strings.HasPrefix(text, "handlers") {
			text += printAll
		}
		if _, err := parse(t, text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{
		"worker: {concurrency: 100000}", "vod: {rate: 0.1}", "vod: {rate: 10000}", "vod: {window: 96h, endpoint: 'http://localhost'}",
	} {
		if _, err := parse(t, text+printAll, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
