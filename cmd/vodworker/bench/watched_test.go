package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// A watched is a process at the ceiling whose page is open, while events fail until its history is as large as it gets.
type watched struct {
	name         string
	share        float64 // of the ceiling
	cpu          float64 // µs an event
	steady, peak float64 // bytes: the median of the second half, and the most of all
	state        struct {
		Kept    map[string]int
		Dropped struct{ Done, Open, Payloads int }
		Found   int
		Events  []struct{}
	}
}

const (
	brokenMost = 1200    // that fail: more than the history keeps
	brokenBody = 8 << 10 // bytes: as many as it keeps are as large as it lets them be
	brokenOne  = 10      // of so many
	broken     = "broken"
	ceilingMiB = 40
)

func measureWatched(t *testing.T) (measured []watched) {
	span := 45 * time.Second // what fails comes again after 30
	if *number < enough {
		span = 5 * time.Second
	}
	for _, program := range []struct{ name, whom string }{{"vodworker, its page open", toldAll}, {"with neither page nor metrics", toldNone}} {
		t.Run(program.name, func(t *testing.T) {
			measured = append(measured, watch(t, program.name, program.whom, span))
		})
	}
	return measured
}

func watch(t *testing.T, name, whom string, span time.Duration) watched {
	account := startServer(t, "account", accountOptions{Broken: brokenMost})
	receiver := startReceiver(t)
	on := stage{api: account.url, folder: t.TempDir(), admin: freeAddress(t)}
	what := fmt.Sprintf("vod: {endpoint: %q}\nhandlers:\n- name: bench\n  retry: {tries: 1}\n  webhook: {url: %q}\n", on.api, receiver.url+"/mixed")
	cmd := program(t, on, what)
	if whom != toldAll {
		cmd.Path = built(t, whom)
	}
	p := start(t, name, cmd)
	page := server{process: p, url: "http://" + on.admin}
	m := watched{name: name}
	var looks []*look
	if whom == toldAll {
		looks = append(looks, startLook(t, page.url+lookPage), startLook(t, page.url+lookMetrics))
	}
	look := func() (s snapshot) {
		if err := account.get("/snapshot", &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	time.Sleep(span / 10)
	from := look()
	var resident []float64
	for time.Since(from.At) < span {
		time.Sleep(500 * ms)
		resident = append(resident, p.resident())
	}
	to := look()
	m.share = float64(to.Events.Confirmed-from.Events.Confirmed) / to.At.Sub(from.At).Seconds() / ceiling
	m.steady, m.peak = median(slices.Clone(resident[len(resident)/2:])), p.peak()
	for _, l := range looks {
		l.end()
	}
	if whom == toldAll {
		if err := page.get(lookPage, &m.state); err != nil {
			t.Fatal(err)
		}
	}
	confirmed := look().Events.Confirmed
	m.cpu = microseconds(p.stop(t).cpu) / float64(confirmed)
	account.stop(t)
	receiver.stop(t)
	return m
}

func reportWatched(w io.Writer, measured []watched) {
	_, _ = fmt.Fprintf(w, "%-50s %8s %9s %11s %8s\n", "at the ceiling, a webhook, one in ten fails", "of it", "CPU/event", "steady", "peak")
	for _, m := range measured {
		_, _ = fmt.Fprintf(w, "  %-48s %6.1f %% %6.0f µs %7.1f MiB %4.1f MiB", m.name, 100*m.share, m.cpu, m.steady/(1<<20), m.peak/(1<<20))
		if m.state.Found > 0 {
			_, _ = fmt.Fprintf(w, "  peak ≤ %d MiB %s\n    the page lists %d events of %d, %d of which failed; dropped are %d of those that are not done",
				ceilingMiB, judged(m.peak <= ceilingMiB<<20), len(m.state.Events), m.state.Found, m.state.Kept["failed"], m.state.Dropped.Open)
		}
		_, _ = fmt.Fprintln(w)
	}
	_, _ = fmt.Fprintln(w)
}

// brokenEvent is the n-th one that the receiver refuses.
func brokenEvent(n int) []byte {
	event := fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d","MediaBasicInfo":{"Name":"%s "}}}`, 9_000_000_000+n, broken)
	return []byte(strings.Replace(event, broken+" ", broken+strings.Repeat("x", brokenBody-len(event)-100), 1))
}
