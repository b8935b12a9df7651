package sim_test

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A depot is the database of an inbox: what processes store in it outlives them. It keeps the rules that a real one has to keep.
type depot struct {
	world *world

	mu   sync.Mutex
	jobs []*job
	ids  map[string]bool      // of events
	seen map[string]time.Time // when a process wrote last, by its id
}

// A job is an event for one handler.
type job struct {
	number, run int
	event       events.Event // as it was stored
	handler     string
	state       jobState
	due         time.Time
	owner       string
	life        int // the owner's
	starts      int // without an outcome
	failed      worker.Failures
	reason      worker.Reason // it is dead
}

type jobState int

const (
	waits jobState = iota
	runs
	finished
	dead
)

const (
	beat     = 5 * time.Second
	silence  = 20 * time.Second
	crashes  = 5 // starts without an outcome, of a job that is given up
	suspects = 2 // of one that a process runs alone of its kind
)

func newDepot(w *world) *depot {
	return &depot{world: w, ids: map[string]bool{}, seen: map[string]time.Time{}}
}

// A turn is what a process wants changed: all or nothing.
type turn struct {
	me       string
	life     int
	join     bool            // nobody has heard of me
	giveBack bool            // what dead processes run is to wait again
	known    map[[2]int]bool // if not nil: what I run else, by number and run, is to wait again
	store    []*storing
	ends     []end
	claims   []*claim
	leave    bool // I end
}

// An end is what became of a run.
type end struct {
	number, run int
	to          jobState
	after       time.Duration // not to be claimed for so long
	failed      worker.Failures
	reason      worker.Reason
}

var errLost = errors.New("this process was taken for dead")

// turn returns copies of what was claimed, by claim.
func (d *depot) turn(t *turn) (claimed [][]job, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.world.isDead(t.life) {
		return nil, errDead
	}
	if d.seen[t.me].IsZero() && !t.join {
		return nil, errLost
	}
	d.seen[t.me] = time.Now()
	if t.giveBack {
		d.giveBack()
	}
	for _, j := range d.jobs {
		if t.known != nil && j.state == runs && j.owner == t.me && !t.known[[2]int{j.number, j.run}] {
			j.state, j.due, j.starts = waits, time.Now(), j.starts-1
		}
	}
	for _, e := range t.ends {
		d.end(t, e)
	}
	for _, s := range t.store {
		d.store(t, s)
	}
	for _, c := range t.claims {
		claimed = append(claimed, d.claim(t, c))
	}
	if t.leave {
		d.release(t.me, 1)
	}
	return claimed, nil
}

// giveBack takes what processes run that have been silent for too long.
func (d *depot) giveBack() {
	for id, seen := range d.seen {
		if time.Since(seen) > silence {
			d.release(id, 0)
		}
	}
}

// release has what a process runs wait again; unspent starts are taken back.
func (d *depot) release(id string, unspent int) {
	delete(d.seen, id)
	for _, j := range d.jobs {
		if j.state != runs || j.owner != id {
			continue
		}
		d.world.record(entry{life: -1, what: givenBack, raw: &j.event.Raw[0], handler: d.world.plan.handlerNumber(j.handler)})
		j.state, j.due, j.starts = waits, time.Now(), j.starts-unspent
		if j.starts >= crashes {
			j.state, j.reason = dead, worker.ReasonCrashes
		}
	}
}

// end takes what became of a run: a success counts as long as nobody has begun another run.
func (d *depot) end(t *turn, e end) {
	j := d.jobs[e.number]
	if j.run != e.run || j.state == finished || j.state == dead || e.to != finished && (j.state != runs || j.owner != t.me) {
		return
	}
	if !j.event.Repeats() && e.to == waits && e.failed.Count < j.failed.Count {
		d.world.record(entry{life: t.life, what: wrong, event: numberOf(j.event), err: errors.New("failures were forgotten")})
	}
	j.state, j.due, j.failed, j.reason, j.starts = e.to, time.Now().Add(e.after), e.failed, e.reason, 0
	if e.to == waits && e.failed.Count == 0 {
		d.world.record(entry{life: t.life, what: resting, event: numberOf(j.event), raw: &j.event.Raw[0],
			handler: d.world.plan.handlerNumber(j.handler)})
	}
	if e.to == finished {
		d.world.record(entry{life: t.life, what: written, event: numberOf(j.event), raw: &j.event.Raw[0],
			handler: d.world.plan.handlerNumber(j.handler)})
	}
}

func (d *depot) store(t *turn, s *storing) {
	d.world.record(entry{life: t.life, what: stored, event: numberOf(s.event), handle: s.event.Handle})
	if id := s.event.ID(); !d.ids[id] {
		d.ids[id] = true
		event := s.event
		event.Raw = slices.Clone(event.Raw) // what tells it apart
		for _, handler := range s.handlers {
			d.jobs = append(d.jobs, &job{number: len(d.jobs), event: event, handler: handler, due: time.Now()})
		}
	}
}

func (d *depot) claim(t *turn, c *claim) (claimed []job) {
	suspect := slices.ContainsFunc(d.jobs, func(j *job) bool { return j.state == runs && j.owner == t.me && j.starts > suspects })
	var due []*job
	for _, j := range d.jobs {
		if j.state == waits && j.handler == c.handler && !time.Now().Before(j.due) {
			due = append(due, j)
		}
	}
	slices.SortStableFunc(due, func(a, b *job) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number))
	})
	for _, j := range due {
		if len(claimed) >= c.most || j.starts >= suspects && suspect {
			continue
		}
		suspect = suspect || j.starts >= suspects
		j.state, j.owner, j.life, j.run, j.starts = runs, t.me, t.life, j.run+1, j.starts+1
		claimed = append(claimed, *j)
	}
	return claimed
}

// atRest reports whether nothing is left to do.
func (d *depot) atRest() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !slices.ContainsFunc(d.jobs, func(j *job) bool { return j.state == waits || j.state == runs })
}
