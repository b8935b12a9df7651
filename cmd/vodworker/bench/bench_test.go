package bench

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	rounds = flag.Int("bench.rounds", 0, "how often each is measured; 0: not at all")
	number = flag.Int("bench.events", enough, "how many events the cheapest measurement takes")
	binary = flag.String("bench.binary", "../../../vodworker", "the program, as make build builds it")
)

const (
	enough   = 20_000          // events, for the numbers to mean something; with fewer all is tried, in little time
	patience = 3 * time.Minute // how long one measurement may take
)

// TestBench prints a table. It fails if something did not work, and not for how long it took.
func TestBench(t *testing.T) {
	if *rounds == 0 {
		t.Skip("make bench runs it")
	}
	if _, err := os.Stat(*binary); err != nil {
		t.Fatalf("%v; make build builds it", err)
	}
	var table strings.Builder
	for _, c := range contests {
		t.Run(c.name, func(t *testing.T) { c.report(&table, c.run(t)) })
	}
	t.Run("quota", func(t *testing.T) { reportPaced(&table, runPaced(t)) })
	t.Run("backlog", func(t *testing.T) { reportBacklog(&table, measureBacklog(t)) })
	t.Run("watched", func(t *testing.T) { reportWatched(&table, measureWatched(t)) })
	t.Run("inbox", func(t *testing.T) { reportInbox(&table, measureInbox(t)) })
	t.Run("inbox-idle", func(t *testing.T) { idleInbox(t, &table) })
	t.Run("idle", func(t *testing.T) { reportIdle(&table, measureIdle(t)) })
	fmt.Print("\n", table.String(), "\n")
}

// The plain loop, with which all is compared, confirms what it has handled, once, and nothing else.
func TestThePlainLoopConfirmsWhatItHasHandled(t *testing.T) {
	const backlog = 3*16 + 1
	emulator := startEmulator(t, emulatorOptions{Backlog: backlog})
	receiver := startReceiver(t)
	loop := start(t, "plain loop", as("loop", loopOptions{Endpoint: emulator.url, Loops: 2, Post: receiver.url + "/vod"}))
	all := emulator.tally(t, whenAll)
	loop.stop(t)
	if posts := receiver.posts(t); all.Confirmed != backlog || all.HandedOut != backlog || posts != backlog {
		t.Errorf("%d events were handed out, %d posted, %d confirmed, want %d", all.HandedOut, posts, all.Confirmed, backlog)
	}
}
