package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scrape URL FILE PATTERN gets a page into FILE, again and again until it matches.
func cmdScrape(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[2])
	var body []byte
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get(args[0])
		if err != nil {
			continue
		}
		body, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err == nil && pattern.Match(body) {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
			return
		}
	}
	ts.Fatalf("%s has no %s after 60 s:\n%s", args[0], args[2], body)
}
