package bench

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

const (
	vodsHold  = 5 * time.Second // of a poll, as it is documented
	singleGap = 50 * ms         // between events that come one by one
)

// An idle is what a worker costs that has nothing to do.
type idle struct {
	cpu       time.Duration // a minute, without start and stop
	calls     float64       // a minute
	startStop time.Duration // CPU of a start and a stop
	firstPull time.Duration // from the start of the process until its first call arrives
	stop      time.Duration // from SIGTERM on
	single    time.Duration // p99 from the end of a handler until its confirm is sent, when no other event comes
	size      int64         // bytes of the program
}

func measureIdle(t *testing.T) (m idle) {
	starts, span, singles := 3**rounds, time.Minute, 200
	if *number < enough {
		starts, span, singles = 1, 5*time.Second, 20
	}
	var all []idle
	for range starts {
		all = append(all, idleFor(t, 0))
	}
	of := func(value func(idle) time.Duration) time.Duration {
		return time.Duration(median(each(all, func(m idle) float64 { return float64(value(m)) })))
	}
	m.startStop = of(func(m idle) time.Duration { return m.cpu })
	m.firstPull = of(func(m idle) time.Duration { return m.firstPull })
	m.stop = of(func(m idle) time.Duration { return m.stop })

	long, minutes := idleFor(t, span), span.Minutes()
	m.cpu = time.Duration(float64(long.cpu-m.startStop) / minutes)
	m.calls = long.calls / minutes
	m.single = measureSingles(t, singles)
	program, err := os.Stat(*binary)
	if err != nil {
		t.Fatal(err)
	}
	m.size = program.Size()
	return m
}

// idleFor measures a whole process.
func idleFor(t *testing.T, span time.Duration) idle {
	emulator := startEmulator(t, emulatorOptions{Hold: vodsHold})
	p := start(t, "vodworker", toNowhere(t, stage{api: emulator.url, folder: t.TempDir()}))
	called := emulator.tally(t, whenCalled)
	time.Sleep(span)
	calls := emulator.tally(t, whenNow).Pulls
	end := p.stop(t)
	emulator.stop(t)
	return idle{cpu: end.cpu, calls: float64(calls), firstPull: called.First.Sub(p.started), stop: end.took}
}

// measureSingles has events come one by one, none of which has another to wait for.
func measureSingles(t *testing.T, n int) time.Duration {
	emulator := startEmulator(t, emulatorOptions{Hold: vodsHold, Every: singleGap})
	p := start(t, "library", as("library", libraryOptions{Endpoint: emulator.url, Latencies: true}))
	time.Sleep(time.Duration(n) * singleGap)
	end := p.stop(t)
	last := emulator.tally(t, whenNow)
	if last.Confirmed < n/2 || last.HandedOut != last.Confirmed {
		t.Errorf("of events that come one by one %d were handed out and %d confirmed", last.HandedOut, last.Confirmed)
	}
	return reportOf(t, end).ConfirmP99
}

func reportIdle(w io.Writer, m idle) {
	line := func(what, value string, kept bool) {
		_, _ = fmt.Fprintf(w, "  %-62s %8s  %s\n", what, value, judged(kept))
	}
	_, _ = fmt.Fprintln(w, "vodworker with nothing to do")
	line("calls a minute ≤ 13", fmt.Sprintf("%.0f", m.calls), m.calls <= 13)
	core := m.cpu.Minutes()
	line("CPU ≤ 0.1 % of a core", fmt.Sprintf("%.3f %%", 100*core), core <= 0.001)
	line("start until the first pull ≤ 100 ms", m.firstPull.Round(ms).String(), m.firstPull <= 100*ms)
	line("stop ≤ 6 s", m.stop.Round(10*ms).String(), m.stop <= 6*time.Second)
	line("library: until the confirm of an event that comes alone, p99, ≤ 20 ms", m.single.Round(ms/10).String(), m.single <= 20*ms)
	line("binary ≤ 24 MiB", fmt.Sprintf("%.1f MiB", float64(m.size)/(1<<20)), m.size <= 24<<20)
	_, _ = fmt.Fprintf(w, "  A start and a stop take %v of CPU: the numbers above have them in them, but for that of a minute.\n\n",
		m.startStop.Round(ms))
}
