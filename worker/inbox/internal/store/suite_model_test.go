package store

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A model is what a store should have, of jobs of one handler. Its clock is moved before each turn, so that the real one,
// which goes on beside it, changes no order: rests are longer than all of a test by far, and end in the middle between two
// leaps.
type model struct {
	*user
	r    *rand.Rand
	now  time.Duration
	jobs map[string]*modelJob
}

type modelJob struct {
	id             string
	nth            int
	at, stored     time.Duration
	state          State
	number, run    int64
	starts, failed int
}

func doesWhatAModelDoes(t *testing.T, u *user) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	m := &model{user: u, r: rand.New(rand.NewPCG(seed, 0)), jobs: map[string]*modelJob{}}
	does := []func(){m.store, m.store, m.claim, m.claim, m.claim, m.end, m.end, m.end, m.endOld, m.leap, m.leave, m.die, m.forget}
	for range 400 {
		m.move(5 * time.Millisecond)
		does[m.r.IntN(len(does))]()
	}
}

func (m *model) move(d time.Duration) {
	m.now += d
	m.pass(d)
}

func (m *model) leap() { m.move(time.Hour) }

// in returns the jobs in a state, by when they got into it.
func (m *model) in(state State) []*modelJob {
	return slices.SortedFunc(func(yield func(*modelJob) bool) {
		for j := range maps.Values(m.jobs) {
			if j.state == state && !yield(j) {
				return
			}
		}
	}, func(a, b *modelJob) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.nth, b.nth)) })
}

func (m *model) store() {
	var events []Event
	want := 0
	for range 1 + m.r.IntN(3) {
		id := fmt.Sprint(m.r.IntN(200))
		events = append(events, event(id, "h"))
		if m.jobs[id] == nil {
			m.jobs[id] = &modelJob{id: id, nth: len(m.jobs), at: m.now, stored: m.now}
			want++
		}
	}
	m.stores(want, events...)
}

func (m *model) claim() {
	c := Claim{Handler: "h", Most: 1 + m.r.IntN(4), Suspect: m.r.IntN(2) == 0, Least: m.r.IntN(4) == 0}
	due := m.in(Waiting)
	if c.Least {
		slices.SortStableFunc(due, func(a, b *modelJob) int { return cmp.Compare(a.failed, b.failed) })
	}
	var want []string
	suspects := 0
	for _, j := range due {
		isSuspect := j.starts >= Suspect
		if j.at > m.now || len(want) == c.Most || isSuspect && (!c.Suspect || suspects > 0) {
			continue
		}
		if isSuspect {
			suspects++
		}
		want = append(want, j.id)
	}
	got := m.turn(Turn{Claims: []Claim{c}}).Claimed[0]
	if !slices.Equal(ids(got), want) {
		m.t.Fatalf("%+v: claimed %v, want %v", c, ids(got), want)
	}
	for _, g := range got {
		j := m.jobs[g.Event.ID]
		j.state, j.at, j.number = Running, m.now, g.Number
		j.run++
		if j.starts++; g.Run != j.run || g.Starts != j.starts || g.Failed.Count != j.failed {
			m.t.Fatalf("claimed %+v, want %+v", g, *j)
		}
	}
}

func (m *model) end() {
	if running := m.in(Running); len(running) > 0 {
		j := running[m.r.IntN(len(running))]
		m.ends(j, j.run)
	}
}

// endOld ends a run that was ended, or another than the one that is running.
func (m *model) endOld() {
	j := m.jobs[fmt.Sprint(m.r.IntN(200))]
	if j == nil || j.run == 0 {
		return
	}
	m.ends(j, j.run-int64(m.r.IntN(2)))
}

func (m *model) ends(j *modelJob, run int64) {
	e := End{Job: j.number, Run: run, To: []State{Waiting, Waiting, Finished, Dead}[m.r.IntN(4)], Reason: "random"}
	e.Failed.Count = m.r.IntN(3)
	if e.To == Waiting && m.r.IntN(3) == 0 {
		e.After = 90 * time.Minute
	}
	m.turn(Turn{Ends: []End{e}})
	if run != j.run || e.To == Finished && j.state == Finished || e.To != Finished && j.state != Running {
		return
	}
	if e.To != Finished {
		j.failed = e.Failed.Count
	}
	j.state, j.at, j.starts = e.To, m.now+e.After, 0
}

// leave and die end the process: the next one is another.
func (m *model) leave() {
	m.turn(Turn{Leave: true})
	for _, j := range m.in(Running) {
		j.state, j.at, j.starts = Waiting, j.stored, j.starts-1
	}
	m.me += "+"
	m.reopen()
	m.turn(Turn{Beat: true, Join: true})
}

func (m *model) die() {
	m.now += Silence + time.Second
	done := m.crash()
	var dead []string
	running := m.in(Running)
	slices.SortFunc(running, func(a, b *modelJob) int { return cmp.Compare(a.nth, b.nth) })
	for _, j := range running {
		if j.state, j.at = Waiting, j.stored; j.starts >= MaxStarts {
			j.state, j.at = Dead, m.now
			dead = append(dead, j.id)
		}
	}
	if done.Gave != len(running) || !slices.Equal(ids(done.Dead), dead) {
		m.t.Fatalf("gave back %d, dead %v, want %d, %v", done.Gave, ids(done.Dead), len(running), dead)
	}
}

func (m *model) forget() {
	t := Turn{Forgotten: true}
	for _, j := range m.in(Running) {
		if m.r.IntN(2) == 0 {
			t.Held = append(t.Held, Ref{j.number, j.run})
			continue
		}
		j.state, j.at, j.starts = Waiting, j.stored, j.starts-1
	}
	m.turn(t)
}
