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
	starts    = 5               // for each round
	idleFor   = time.Minute
	singles   = 200 // events that come one by one
	singleGap = 50 * ms
)

// An idle is what it costs to have a worker that has nothing to do.
type idle struct {
	cpu         time.Duration // in a minute, without start and stop
	calls       float64       // in a minute
	firstPull   []float64     // ms from the start of the process until its first call arrives
	stop        []float64     // ms
	startedStop time.Duration // CPU of a start and a stop
	single      time.Duration // p99 from the end of a handler until the confirm is sent, when no other event comes
	size        float64       // bytes of the program
}

func measureIdle(t *testing.T) (m idle) {
	var cpu []float64
	for range starts * *rounds {
		emulator := startEmulator(t, emulatorOptions{Hold: vodsHold})
		p := start(t, "vodworker", toNowhere(t, stage{api: emulator.url, folder: t.TempDir()}))
		called := emulator.tally(t, whenCalled)
		end := p.stop(t)
		emulator.stop(t)
		m.firstPull = append(m.firstPull, float64(called.First.Sub(p.started))/float64(ms))
		m.stop = append(m.stop, float64(end.took)/float64(ms))
		cpu = append(cpu, float64(end.cpu))
	}
	m.startedStop = time.Duration(median(cpu))

	emulator := startEmulator(t, emulatorOptions{Hold: vodsHold})
	p := start(t, "vodworker", toNowhere(t, stage{api: emulator.url, folder: t.TempDir()}))
	first := emulator.tally(t, whenCalled)
	span := idleFor
	if *number < 20_000 {
		span = 10 * time.Second // nobody is after the numbers
	}
	time.Sleep(span)
	last := emulator.tally(t, whenNow)
	end := p.stop(t)
	perMinute := float64(time.Minute) / float64(span)
	m.calls = float64(last.Pulls-first.Pulls) * perMinute
	m.cpu = time.Duration(float64(end.cpu-m.startedStop) * perMinute)
	m.single = measureSingles(t)
	program, err := os.Stat(*binary)
	if err != nil {
		t.Fatal(err)
	}
	m.size = float64(program.Size())
	return m
}

// measureSingles has events come one by one, none of which has another to wait for.
func measureSingles(t *testing.T) time.Duration {
	emulator := startEmulator(t, emulatorOptions{Hold: vodsHold, Every: singleGap})
	p := start(t, "library", as("library", libraryOptions{Endpoint: emulator.url, Latencies: true}))
	time.Sleep(singles * singleGap)
	end := p.stop(t)
	last := emulator.tally(t, whenNow)
	if last.Confirmed < singles/2 || last.HandedOut != last.Confirmed {
		t.Errorf("of events that come one by one %d were handed out and %d confirmed", last.HandedOut, last.Confirmed)
	}
	return reportOf(t, end).ConfirmP99
}

func reportIdle(w io.Writer, m idle) {
	line := func(what, value string, kept bool) {
		_, _ = fmt.Fprintf(w, "  %-58s %-24s %s\n", what, value, judged(kept))
	}
	_, _ = fmt.Fprintln(w, "with nothing to do")
	line("calls a minute, ≤ 13", fmt.Sprintf("%.0f", m.calls), m.calls <= 13)
	core := m.cpu.Seconds() / 60
	line("CPU, ≤ 0.1 % of a core", fmt.Sprintf("%.3f %%", 100*core), core <= 0.001)
	line("start to first pull, ≤ 100 ms", fmt.Sprintf("%.0f ms", median(m.firstPull)), median(m.firstPull) <= 100)
	line("stop, ≤ 6 s", fmt.Sprintf("%.2f s", median(m.stop)/1000), median(m.stop) <= 6000)
	line("an event alone: handler's end to confirm, p99, ≤ 20 ms", m.single.Round(ms/10).String(), m.single <= 20*ms)
	line("binary, ≤ 14 MiB", fmt.Sprintf("%.1f MiB", m.size/(1<<20)), m.size <= 14<<20)
	_, _ = fmt.Fprintf(w, "  (a start and a stop together cost %v of CPU, which the numbers above have in them, but for the second)\n\n",
		m.startedStop.Round(ms))
}
