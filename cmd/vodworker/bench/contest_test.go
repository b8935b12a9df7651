package bench

import (
	"fmt"
	"io"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A contest has its subjects take the same backlog from the same emulator, in turn. Calls are not limited, where nothing else is said.
type contest struct {
	name, title string
	share       int  // one of so many of all events are enough
	uploads     bool // the events are smaller: uploads
	atCeiling   bool // calls are limited as documented, and come from 20 ms away
	subjects    []subject
	versus      []versus
}

// A subject is what is measured: vodworker, or what a user would write instead.
type subject struct {
	name    string
	command func(tb testing.TB, on stage) *exec.Cmd
	looks   string // what is asked of its admin.listen each second; empty: nothing
}

// A stage is what a subject has around it.
type stage struct {
	api    string // the emulator's URL
	hook   string // where to post events
	folder string // of its own
	admin  string // where vodworker shows what it does; empty: it chooses
}

// A versus compares two subjects. A bound of 0 is none.
type versus struct {
	ours, theirs int     // by their places
	cpu          float64 // at most so much of theirs, an event
	speed        float64 // at least so much of theirs
}

// A measurement is what a subject took, or a contest's rows of it.
type measurement struct {
	perSecond     float64 // events, from the first call until the last is confirmed
	callsPerEvent float64
	cpu           float64 // µs an event: the whole process, from start to end, with the programs it ran
	peak          float64 // bytes
	emulator      float64 // cores that it used meanwhile
	receiver      float64
}

// run returns the rounds of each subject.
func (c contest) run(t *testing.T) [][]measurement {
	measured := make([][]measurement, len(c.subjects))
	for range *rounds {
		for i, s := range c.subjects {
			t.Run(s.name, func(t *testing.T) { measured[i] = append(measured[i], c.measure(t, s)) })
		}
	}
	return measured
}

func (c contest) measure(t *testing.T, s subject) measurement {
	backlog := *number / c.share
	options := emulatorOptions{Backlog: backlog, Uploads: c.uploads}
	if c.atCeiling {
		options.Quota, options.RoundTrip = vodtest.DocumentedQuota(), 20*ms
	}
	emulator := startEmulator(t, options)
	receiver := startReceiver(t)
	on := stage{api: emulator.url, hook: receiver.url + "/vod", folder: t.TempDir()}
	if s.looks != "" {
		on.admin = freeAddress(t)
	}
	p := start(t, s.name, s.command(t, on))
	looked := func() {}
	if s.looks != "" {
		looked = startLook(t, "http://"+on.admin+s.looks).end
	}
	all := emulator.tally(t, whenAll)
	peak := p.peak()
	looked()
	end := p.stop(t)
	if all.HandedOut != backlog {
		t.Errorf("%s: %d events were handed out, of %d", s.name, all.HandedOut, backlog)
	}
	if n := receiver.posts(t); n != 0 && n != backlog {
		t.Errorf("%s: %d posts of %d events", s.name, n, backlog)
	}
	took := all.took()
	emulator.stop(t)
	return measurement{
		perSecond:     float64(backlog) / took.Seconds(),
		callsPerEvent: all.callsPerEvent(),
		cpu:           microseconds(end.cpu) / float64(backlog),
		peak:          peak,
		emulator:      all.CPU.Seconds() / took.Seconds(),
		receiver:      receiver.stop(t).cpu.Seconds() / took.Seconds(),
	}
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (c contest) report(w io.Writer, measured [][]measurement) {
	_, _ = fmt.Fprintf(w, "%-50s %8s %9s %11s %8s %10s %10s\n", c.title,
		"events/s", "CPU/event", "calls/event", "peak", "emulator", "receiver")
	for i, s := range c.subjects {
		if len(measured[i]) < *rounds {
			continue
		}
		of := func(value func(measurement) float64) float64 { return median(each(measured[i], value)) }
		_, _ = fmt.Fprintf(w, "  %-48s %8.0f %6.0f µs %11.3f %4.0f MiB %4.2f cores %4.2f cores\n", s.name,
			of(func(m measurement) float64 { return m.perSecond }),
			of(func(m measurement) float64 { return m.cpu }),
			of(func(m measurement) float64 { return m.callsPerEvent }),
			of(func(m measurement) float64 { return m.peak / (1 << 20) }),
			of(func(m measurement) float64 { return m.emulator }),
			of(func(m measurement) float64 { return m.receiver }))
	}
	for _, v := range c.versus {
		ours, theirs := measured[v.ours], measured[v.theirs]
		if len(ours) < *rounds || len(theirs) < *rounds {
			continue
		}
		speed := median(pairs(ours, theirs, func(m measurement) float64 { return m.perSecond }))
		ratios := pairs(ours, theirs, func(m measurement) float64 { return m.cpu })
		cpu, spread := median(ratios), ""
		if *rounds >= 8 {
			spread = fmt.Sprintf(" half of the rounds %.2f to %.2f", quantile(ratios, 1), quantile(ratios, 3))
		}
		_, _ = fmt.Fprintf(w, "  %-48s %7.2fx %8.2fx  %s%s\n", c.subjects[v.ours].name+" : "+c.subjects[v.theirs].name,
			speed, cpu, v.verdict(speed, cpu), spread)
	}
	_, _ = fmt.Fprintln(w)
}

func (v versus) verdict(speed, cpu float64) string {
	said := ""
	if v.speed > 0 {
		said += fmt.Sprintf(" events/s ≥ %.2f %s", v.speed, judged(speed >= v.speed))
	}
	if v.cpu > 0 {
		said += fmt.Sprintf(" CPU ≤ %.2f %s", v.cpu, judged(cpu <= v.cpu))
	}
	return said
}

func judged(kept bool) string {
	if kept {
		return "kept"
	}
	return "MISSED"
}

func each[M any](of []M, value func(M) float64) []float64 {
	var values []float64
	for _, m := range of {
		values = append(values, value(m))
	}
	return values
}

// pairs are the ratios of what was measured in the same round.
func pairs(ours, theirs []measurement, value func(measurement) float64) []float64 {
	ratios := each(ours, value)
	for i := range ratios {
		ratios[i] /= value(theirs[i])
	}
	return ratios
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	if len(values)%2 == 0 {
		return (values[len(values)/2-1] + values[len(values)/2]) / 2
	}
	return values[len(values)/2]
}

// quantile returns the value that so many quarters of all are not above.
func quantile(values []float64, quarters int) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[(len(values)-1)*quarters/4]
}
