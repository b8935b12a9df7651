package bench

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A boxed is vodworker with an inbox, which takes a backlog at the documented quota.
type boxed struct {
	place       place
	handlers    int
	replicas    int
	slow        bool // each sync of the database takes 10 ms
	none        bool // no inbox, to compare
	concurrency int  // 0: the default
}

var boxes = []boxed{
	{none: true, handlers: 1, replicas: 1},
	{none: true, handlers: 3, replicas: 1},
	{place: inFile, handlers: 1, replicas: 1},
	{place: inFile, handlers: 3, replicas: 1},
	{place: inFile, handlers: 3, replicas: 1, slow: true},
	{place: inPostgres, handlers: 1, replicas: 1},
	{place: inPostgres, handlers: 3, replicas: 1},
	{place: inPostgres, handlers: 3, replicas: 1, slow: true},
	{place: inPostgres, handlers: 3, replicas: 1, slow: true, concurrency: 128}, // since more than 64 come in a turn
	{place: inPostgres, handlers: 1, replicas: 2},
	{place: inPostgres, handlers: 3, replicas: 2},
}

func (b boxed) String() string {
	name := fmt.Sprintf("%s, %s", b.place.name, plural(b.handlers, "handler"))
	if b.none {
		name = "no inbox, " + plural(b.handlers, "handler")
	}
	if b.replicas > 1 {
		name += ", " + plural(b.replicas, "replica")
	}
	if b.slow {
		name += ", syncs of 10 ms"
	}
	if b.concurrency > 0 {
		name += fmt.Sprintf(", concurrency %d", b.concurrency)
	}
	return name
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// A boxing is what was measured of it.
type boxing struct {
	tally    tally
	handled  float64       // a second, by each handler
	behind   time.Duration // the last event was handled after it was confirmed
	cpu      float64       // µs an event: all replicas
	database float64       // so too
	peak     float64       // bytes, of one replica
	size     float64       // bytes an event and handler
}

func measureInbox(t *testing.T) [][]boxing {
	measured := make([][]boxing, len(boxes))
	for range *rounds {
		for i, b := range boxes {
			t.Run(b.String(), func(t *testing.T) { measured[i] = append(measured[i], b.measure(t, *number)) })
		}
	}
	return measured
}

func (b boxed) measure(t *testing.T, backlog int) (m boxing) {
	if _, err := exec.LookPath("strace"); b.slow && err != nil {
		t.Skip(err)
	}
	var in database
	if !b.none {
		in = b.place.open(t, b.slow)
	}
	emulator := startEmulator(t, emulatorOptions{Backlog: backlog, RoundTrip: 20 * ms, Quota: vodtest.DocumentedQuota()})
	var replicas []*process
	var admins []server
	began := in.used()
	for range b.replicas {
		on := stage{api: emulator.url, folder: t.TempDir(), admin: freeAddress(t)}
		cmd := program(t, on, b.config(on, in))
		if in.slow {
			cmd = slowed(cmd)
		}
		p := start(t, b.String(), cmd)
		replicas, admins = append(replicas, p), append(admins, server{p, "http://" + on.admin})
	}
	counted := &handled{t: t, of: admins, wanted: backlog * b.handlers}
	counted.wait()
	m.tally = emulator.tally(t, whenAll)
	m.handled = counted.steady() / float64(b.handlers)
	m.behind = max(0, counted.last.At.Sub(m.tally.Last))
	m.size = in.size(t) / float64(backlog)
	for _, p := range replicas {
		m.peak = max(m.peak, p.peak())
		m.cpu += microseconds(p.stop(t).cpu) / float64(backlog)
	}
	m.database = microseconds(in.used()-began) / float64(backlog)
	emulator.stop(t)
	if m.tally.HandedOut != backlog {
		t.Errorf("%v: %d events were handed out, of %d", b, m.tally.HandedOut, backlog)
	}
	return m
}

func (b boxed) config(on stage, in database) string {
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "vod: {endpoint: %q}\n", on.api)
	if b.concurrency > 0 {
		_, _ = fmt.Fprintf(&text, "worker: {concurrency: %d}\n", b.concurrency)
	}
	if in.url != "" {
		_, _ = fmt.Fprintf(&text, "inbox: {url: %q}\n", in.url)
	}
	_, _ = fmt.Fprintln(&text, "handlers:")
	for n := range b.handlers {
		_, _ = fmt.Fprintf(&text, "- name: h%d\n  stdout: {format: json}\n", n)
	}
	return text.String()
}

func reportInbox(w io.Writer, measured [][]boxing) {
	_, _ = fmt.Fprintf(w, "%-55s %7s %8s %7s %11s %15s %14s %7s %7s\n", "an inbox, at the documented quota, 20 ms away",
		"stored", "handled", "behind", "calls/event", "pull to confirm", "CPU an event", "peak", "size")
	for i, b := range boxes {
		if len(measured[i]) < *rounds {
			continue
		}
		of := func(value func(boxing) float64) float64 { return median(each(measured[i], value)) }
		share := of(func(m boxing) float64 { return m.tally.steady() / ceiling })
		handled := of(func(m boxing) float64 { return m.handled / ceiling })
		missed := ""
		if min(share, handled) < 0.97 {
			missed = " MISSED"
		}
		_, _ = fmt.Fprintf(w, "  %-53s %5.1f %% %6.1f %% %5.0fms %11.4f %5.0f, %5.0f ms %4.0f + %4.0f µs %3.0f MiB %3.1f KB%s\n", b,
			100*share, 100*handled, of(func(m boxing) float64 { return float64(m.behind / ms) }), of(func(m boxing) float64 { return m.tally.callsPerEvent() }),
			of(func(m boxing) float64 { return float64(m.tally.P50) / float64(ms) }),
			of(func(m boxing) float64 { return float64(m.tally.P99) / float64(ms) }),
			of(func(m boxing) float64 { return m.cpu }), of(func(m boxing) float64 { return m.database }),
			of(func(m boxing) float64 { return m.peak / (1 << 20) }), of(func(m boxing) float64 { return m.size / 1000 }), missed)
	}
	_, _ = fmt.Fprint(w, "  budget: ≥ 97 % of it, stored and handled. Behind: the last event was handled so long after its confirm; pull to\n",
		"  confirm: p50, p99, with a round trip of 20 ms; CPU: all replicas + PostgreSQL; size: of the database, an event.\n\n")
}

// idleInbox prints what an inbox takes of a core when nothing comes.
func idleInbox(t *testing.T, w io.Writer) {
	span := 30 * time.Second
	if *number < enough {
		span = time.Second
	}
	for _, b := range []boxed{{none: true, handlers: 3}, {place: inFile, handlers: 3}, {place: inPostgres, handlers: 3}} {
		t.Run(b.String(), func(t *testing.T) {
			var in database
			if !b.none {
				in = b.place.open(t, false)
			}
			emulator := startEmulator(t, emulatorOptions{Hold: vodsHold})
			on := stage{api: emulator.url, folder: t.TempDir()}
			p := start(t, b.String(), program(t, on, b.config(on, in)))
			emulator.tally(t, whenCalled)
			time.Sleep(span / 10)
			own, database := usedBy(p.cmd.Process.Pid), in.used()
			time.Sleep(span)
			_, _ = fmt.Fprintf(w, "  with nothing to do: %-27s %.2f + %.2f %% of a core\n", b,
				100*(usedBy(p.cmd.Process.Pid)-own).Seconds()/span.Seconds(), 100*(in.used()-database).Seconds()/span.Seconds())
			p.stop(t)
			emulator.stop(t)
		})
	}
}
