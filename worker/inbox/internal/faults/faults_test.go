// Package faults has the real program with an inbox be killed, frozen, cut off from its database and left without room,
// and sees what becomes of the events. `make inbox` runs it. It has no code but its tests.
//
// An emulator hands out the events, and the handler is a webhook whose receiver is the test: it knows which run of which event
// began and ended when, and in which process.
package faults

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

var (
	size   = flag.String("faults", "", "how much is tried: short, or full, which takes five minutes; empty: nothing")
	binary = flag.String("faults.binary", "../../../../vodworker", "the program, as make build builds it")
)

func TestMain(m *testing.M) {
	os.Exit(leak.Check(m))
}

// begin skips a test unless it was asked for.
func begin(t *testing.T) {
	t.Helper()
	if *size == "" {
		t.Skip("it takes long: make inbox runs it")
	}
	t.Parallel()
}

// of chooses by how much is tried.
func of[T any](short, full T) T {
	if *size == "full" {
		return full
	}
	return short
}

// eventually waits until something is so.
func eventually(t *testing.T, limit time.Duration, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
