package faults

import (
	"slices"
	"time"
)

// An audit sees that nothing is lost, and why something is run twice.
type audit struct {
	*stage
	dead map[string]time.Time // processes, by when they were killed
}

func newAudit(s *stage) *audit { return &audit{s, map[string]time.Time{}} }

// killed notes that a process was, and looks whether what is confirmed is stored.
func (a *audit) killed(p *process) {
	a.t.Helper()
	a.dead[p.name] = p.killed
	a.confirmedIsStored()
}

// finish waits until all is done, and judges each run.
func (a *audit) finish(events int) {
	a.t.Helper()
	eventually(a.t, 3*time.Minute, "all events are done", func() bool {
		time.Sleep(200 * time.Millisecond)
		return len(a.confirmed()) == events && a.allDone(events)
	})
	twice, late, longest, latest := 0, 0, time.Duration(0), time.Duration(0)
	byFile := a.receiver.byFile()
	for _, file := range a.files() {
		runs := byFile[file]
		slices.SortFunc(runs, func(a, b run) int { return a.begun.Compare(b.begun) })
		if !handled(runs) {
			a.t.Errorf("%s was never handled: %+v", file, runs)
			continue
		}
		for i, r := range runs[:len(runs)-1] {
			twice++
			at, is := a.dead[r.process]
			switch {
			case !is:
				a.t.Errorf("%s was run again, though %s was not killed: %+v", file, r.process, runs)
				continue
			case !r.ended.IsZero() && at.Sub(r.ended) > unwritten:
				a.t.Errorf("%s was run again, though %s had ended it %v before it was killed", file, r.process, at.Sub(r.ended))
			case !r.ended.IsZero() && r.ended.Before(at):
				late++
				latest = max(latest, at.Sub(r.ended))
			}
			again := runs[i+1].begun.Sub(at)
			if longest = max(longest, again); again > takenUp {
				a.t.Errorf("%s, run %d, was begun again %v after the kill at %v: %+v", file, i+1, again, at, runs)
			}
		}
	}
	a.t.Logf("%d kills, %d events, %d runs repeated, begun again after %v at most; %d of them had ended, up to %v before the kill",
		len(a.dead), events, twice, longest.Round(time.Millisecond), late, latest.Round(time.Millisecond))
}
