package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

var outageOf = flag.Duration("outage", 0, "how long each broker is down; 0: TestOutage is skipped")

const (
	beforeOutage = 5  // seconds at the ceiling
	afterOutage  = 15 // so too
	hiddenBy     = 30 // and what is pulled until it is clear that nothing else comes, and left: VOD hides it for so long
	backWithin   = 10 * time.Second
	fullSpeed    = 0.95 // of what it was, for a second
)

// TestOutage has each broker be down while events come at the ceiling. It fails if an event is lost, or becomes a dead letter, and not
// for how long it takes until all is as before: that it prints.
func TestOutage(t *testing.T) {
	if *outageOf == 0 {
		t.Skip("make outage runs it")
	}
	if _, err := os.Stat(*binary); err != nil {
		t.Fatalf("%v; make build builds it", err)
	}
	fmt.Printf("%-36s %9s %12s %10s\n", fmt.Sprintf("down for %v, at the ceiling", *outageOf), "before", "back after", "twice")
	for _, of := range kinds {
		t.Run(of.folder, func(t *testing.T) { outage(t, of) })
	}
}

func outage(t *testing.T, of kind) {
	backlog := ceiling * (beforeOutage + hiddenBy + afterOutage)
	broker := startBroker(t, of)
	emulator := startEmulator(t, emulatorOptions{Backlog: backlog, RoundTrip: 20 * ms, Quota: vodtest.DocumentedQuota(), Uploads: true})
	folder := t.TempDir()
	letters := filepath.Join(folder, "letters")
	p := start(t, "vodworker", program(t, stage{api: emulator.url, folder: folder}, fmt.Sprintf(
		"vod: {endpoint: %q}\nhandlers:\n- name: broker\n  %s\ndead_letters: {dir: %q}\n", emulator.url, broker.handler, letters)))

	speed := &speedometer{t: t, emulator: emulator}
	speed.until(func() bool { return speed.confirmed() >= beforeOutage*ceiling })
	before := speed.last()
	broker.do(t, "stop", new(any))
	time.Sleep(*outageOf)
	broker.do(t, "start", new(any))
	returned := time.Now()
	speed.until(func() bool { return speed.last() >= fullSpeed*before || speed.confirmed() >= backlog })
	back := time.Since(returned)
	emulator.tally(t, whenAll)
	p.stop(t)

	seen := map[string]int{}
	var ids []string
	broker.do(t, "read", &ids)
	for _, id := range ids {
		seen[id]++
	}
	if len(seen) != backlog {
		t.Errorf("%s: %d events have arrived, of %d", of.name, len(seen), backlog)
	}
	if lettered, err := filepath.Glob(filepath.Join(letters, "*.json")); err != nil || len(lettered) > 0 {
		t.Errorf("%s: %d files of dead letters, %v", of.name, len(lettered), err)
	}
	fmt.Printf("  %-34s %7.1f %% %10.1f s %10d   back ≤ %v %s\n", of.name, 100*before/ceiling, back.Seconds(), len(ids)-len(seen),
		backWithin, judged(back <= backWithin))
}

// A speedometer looks at what is confirmed.
type speedometer struct {
	t        *testing.T
	emulator emulator
	marks    []mark // of the last second, and what is older
}

// until looks until this is so.
func (s *speedometer) until(so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(100 * ms) {
		if time.Now().After(deadline) {
			s.t.Fatalf("after %v %+v", patience, s.emulator.tally(s.t, whenNow))
		}
	}
}

func (s *speedometer) now() mark {
	m := mark{time.Now(), s.emulator.tally(s.t, whenNow).Confirmed}
	s.marks = append(s.marks, m)
	return m
}

func (s *speedometer) confirmed() int { return s.now().Confirmed }

// last is how many events were confirmed in the last second; 0 if that is not known.
func (s *speedometer) last() float64 {
	now := s.now()
	for i := len(s.marks) - 1; i >= 0; i-- {
		if took := now.At.Sub(s.marks[i].At); took >= time.Second {
			return float64(now.Confirmed-s.marks[i].Confirmed) / took.Seconds()
		}
	}
	return 0
}
