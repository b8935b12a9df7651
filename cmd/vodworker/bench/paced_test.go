package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// ceiling is how many events a second the documented quota allows: 100 calls, of up to 16 events each.
const ceiling = 1600

// A pace is a backlog taken at the documented quota, from so far away, by handlers that take so long.
type pace struct {
	roundTrip, handling time.Duration
	concurrency         int                               // 0: the default
	other               func(testing.TB, stage) *exec.Cmd // instead of the library
	name                string                            // of that
	budget              bool                              // it has one of its share of the ceiling
}

var paces = []pace{
	{0, 0, 0, nil, "", false},
	{20 * ms, 0, 0, nil, "", true},
	{100 * ms, 0, 0, nil, "", false},
	{100 * ms, 0, 256, nil, "", false}, // since 64, and 16 that are pulled ahead, are 5 polls at once, and 50 a second
	{0, 10 * ms, 0, nil, "", false},
	{20 * ms, 10 * ms, 0, nil, "", false},
	{100 * ms, 10 * ms, 0, nil, "", false},
	{0, time.Second, 1700, nil, "", false},
	{20 * ms, time.Second, 1700, nil, "", true},
	{100 * ms, time.Second, 1700, nil, "", false},
	{20 * ms, 0, 0, toNowhere, "vodworker, stdout", true},
	{20 * ms, 0, 0, loops(8, nothing), "eight plain loops", false},
}

const ms = time.Millisecond

func (p pace) String() string {
	who := "library"
	if p.other != nil {
		who = p.name
	}
	concurrency := ""
	if p.concurrency > 0 {
		concurrency = fmt.Sprintf(", concurrency %d", p.concurrency)
	}
	return fmt.Sprintf("%s, %v away, handlers of %v%s", who, p.roundTrip, p.handling, concurrency)
}

func (p pace) isOurs() bool { return p.other == nil || p.budget }

// A paced is what was measured of a pace.
type paced struct {
	tally tally
	cpu   float64       // µs an event
	peak  float64       // bytes
	p99   time.Duration // of the latency of confirms; 0: not known
}

func runPaced(t *testing.T) [][]paced {
	measured := make([][]paced, len(paces))
	for range *rounds {
		for i, p := range paces {
			t.Run(p.String(), func(t *testing.T) { measured[i] = append(measured[i], p.measure(t, *number/2)) })
		}
	}
	return measured
}

func (p pace) measure(t *testing.T, backlog int) paced {
	emulator := startEmulator(t, emulatorOptions{Backlog: backlog, RoundTrip: p.roundTrip, Quota: vodtest.DocumentedQuota()})
	on := stage{api: emulator.url, folder: t.TempDir()}
	cmd := as("library", libraryOptions{Endpoint: on.api, Concurrency: p.concurrency, Handling: p.handling, Latencies: true})
	if p.other != nil {
		cmd = p.other(t, on)
	}
	worker := start(t, p.String(), cmd)
	m := paced{tally: emulator.tally(t, whenAll), peak: worker.peak()}
	end := worker.stop(t)
	emulator.stop(t)
	if m.tally.HandedOut != backlog && p.isOurs() { // a plain loop whose confirm is refused gets its events again
		t.Errorf("%v: %d events were handed out, of %d", p, m.tally.HandedOut, backlog)
	}
	m.cpu = microseconds(end.cpu) / float64(backlog)
	if p.other == nil {
		m.p99 = reportOf(t, end).ConfirmP99
	}
	return m
}

func reportOf(t *testing.T, end ending) (r libraryReport) {
	if err := json.Unmarshal([]byte(end.said), &r); err != nil {
		t.Fatalf("read what the library says, %q: %v", end.said, err)
	}
	return r
}

// toNowhere is vodworker as it is without a configuration, but for where it prints to.
func toNowhere(tb testing.TB, on stage) *exec.Cmd {
	return program(tb, on, fmt.Sprintf("vod: {endpoint: %q}\nhandlers:\n- name: print\n  stdout: {format: json}\n", on.api))
}

func reportPaced(w io.Writer, measured [][]paced) {
	_, _ = fmt.Fprintf(w, "%-58s %7s %11s %7s %6s %8s %7s\n", "at the documented quota: 1,600 events/s",
		"of it", "calls/event", "confirm", "lease", "CPU", "peak")
	for i, p := range paces {
		if len(measured[i]) < *rounds {
			continue
		}
		of := func(value func(paced) float64) float64 { return median(each(measured[i], value)) }
		share := of(func(m paced) float64 { return m.tally.steady() / ceiling })
		calls := of(func(m paced) float64 { return m.tally.callsPerEvent() })
		p99 := time.Duration(of(func(m paced) float64 { return float64(m.p99) }))
		peak := of(func(m paced) float64 { return m.peak / (1 << 20) })
		_, _ = fmt.Fprintf(w, "  %-56s %5.1f %% %11.4f %7s %4.1f s %5.0f µs %3.0f MiB%s\n", p, 100*share, calls, short(p99),
			of(func(m paced) float64 { return m.tally.LeastLeft.Seconds() }), of(func(m paced) float64 { return m.cpu }), peak,
			p.verdict(share, calls, p99, peak))
	}
	_, _ = fmt.Fprint(w, "  budgets: ≥ 98 % of it (20 ms); ≤ 0.128 calls; a confirm is sent ≤ 100 ms + a round trip after its event\n",
		"  was handled (p99); ≤ 40 MiB (handlers of 0s). Lease: the least that was left of 30 s.\n\n")
}

func short(d time.Duration) string {
	if d == 0 {
		return "?"
	}
	return d.Round(ms).String()
}

// verdict names the budgets that were missed.
func (p pace) verdict(share, calls float64, p99 time.Duration, peak float64) (missed string) {
	for budget, kept := range map[string]bool{
		"of it":   !p.budget || share >= 0.98,
		"calls":   calls <= 0.128,
		"confirm": p99 <= 100*ms+p.roundTrip,
		"peak":    p.handling > 0 || peak <= 40,
	} {
		if !kept && p.isOurs() {
			missed += " MISSED " + budget
		}
	}
	return missed
}

// A backlog is taken as fast as the quota allows, and no lease is lost.
func measureBacklog(t *testing.T) paced {
	return pace{roundTrip: 20 * ms, handling: 10 * ms}.measure(t, 5**number)
}

func reportBacklog(w io.Writer, m paced) {
	took, allowed := m.tally.took().Seconds(), float64(m.tally.Confirmed)/ceiling
	_, _ = fmt.Fprintf(w, "backlog of %d events, 20 ms away, handlers of 10 ms\n  took %.1f s, %.3f of the %.1f s that the quota allows\n",
		m.tally.Confirmed, took, took/allowed, allowed)
	_, _ = fmt.Fprintf(w, "  %d handed out twice, %.1f s of a lease left at the least, %.0f MiB at the most   ≤ 1.03 %s\n\n",
		m.tally.HandedOut-m.tally.Confirmed, m.tally.LeastLeft.Seconds(), m.peak/(1<<20), judged(took <= 1.03*allowed))
}
