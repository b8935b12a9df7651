package sim_test

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A plan is all that a seed decides before the run. What happens in it, it decides with dice.
type plan struct {
	dice     dice
	chaos    time.Duration // nothing goes wrong after this
	emulator vodtest.Config

	window, margin time.Duration
	stopGrace      time.Duration
	linger         time.Duration
	rate           float64
	sharedLimiter  bool
	concurrency    []int // of each replica
	attempts       int   // before an event becomes a dead letter; -1: it never does
	unmatched      worker.Unmatched

	handlers []handlerPlan
	events   []event
	steps    []step // by time

	pullFaults, confirmFaults int // of a thousand calls
	badRuns                   int // of a thousand runs of a flaky event's handler
	restless                  bool
	outages                   []outage // of the API
	downs                     []outage // of handlers
}

type handlerPlan struct {
	name    string
	types   []string
	timeout time.Duration
	tries   int
}

// An outage is a time in which all calls fail.
type outage struct {
	from, to time.Duration
	handler  int
	err      error
}

func (o outage) covers(at time.Duration) bool { return o.from <= at && at < o.to }

// A step is something that happens to the queue at a fixed time.
type step struct {
	at time.Duration
	do func(w *world)
}

func newPlan(seed uint64) *plan {
	d := dice(seed).of("plan")
	p := &plan{
		dice:  dice(seed),
		chaos: pick(d.of("chaos"), 20*time.Second, time.Minute, 3*time.Minute, 5*time.Minute, 15*time.Minute),
		emulator: vodtest.Config{
			Hold:         pick(d.of("hold"), 5*time.Second, 5*time.Second, 5*time.Second, time.Second, -1),
			RoundTrip:    pick(d.of("round trip"), 0, 0, 30*time.Millisecond, 300*time.Millisecond, 1600*time.Millisecond),
			Empty:        pick(d.of("empty"), vodtest.EmptyNotFound, vodtest.EmptyNull, vodtest.EmptyList, vodtest.EmptyAbsent),
			AllOrNothing: d.of("all or nothing").oneIn(3),
			Reconfirm:    d.of("reconfirm").oneIn(3),
			KeepHandle:   d.of("keep handle").oneIn(4),
			Drift:        pick(d.of("drift"), 0, 0, 0.001, -0.001, 0.01),
			Quota:        pick(d.of("quota"), vodtest.Quota{}, vodtest.DocumentedQuota()),
		},
		window:        pick(d.of("window"), 30*time.Second, 30*time.Second, 30*time.Second, 12*time.Second),
		stopGrace:     pick(d.of("grace"), 20*time.Second, 20*time.Second, 5*time.Second, time.Second),
		linger:        pick(d.of("linger"), 100*time.Millisecond, time.Millisecond, 2*time.Second),
		rate:          pick[float64](d.of("rate"), worker.DefaultRate, worker.DefaultRate, 20, 5),
		sharedLimiter: d.of("shared").oneIn(2),
		pullFaults:    pick(d.of("pull faults"), 0, 20, 100, 400),
		confirmFaults: pick(d.of("confirm faults"), 0, 20, 100, 400),
		badRuns:       pick(d.of("bad runs"), 0, 100, 500, 900),
		restless:      d.of("restless").oneIn(2),
		attempts:      pick(d.of("attempts"), -1, -1, 0, 1, 3),
	}
	if d.of("a long one").oneIn(40) {
		p.chaos = time.Hour
	}
	if *chaos > 0 {
		p.chaos = *chaos
	}
	if p.attempts >= 0 && d.of("unmatched").oneIn(2) {
		p.unmatched = worker.UnmatchedDeadLetter
	}
	p.margin = p.window / 6
	p.emulator.Window = p.window
	for i := range 1 + d.of("replicas").n(4)*d.of("many").n(2) {
		p.concurrency = append(p.concurrency, pick(d.of("concurrency", i), 1, 2, 4, 16, 64))
	}
	p.planHandlers()
	p.planEvents()
	p.planOutages()
	p.planMishaps()
	slices.SortStableFunc(p.steps, func(a, b step) int { return int(a.at - b.at) })
	return p
}

func (p *plan) handling() time.Duration { return p.window - p.margin }

func (p *plan) planHandlers() {
	d := p.dice.of("handlers")
	for i := range 1 + d.n(3) {
		h := d.of("handler", i)
		p.handlers = append(p.handlers, handlerPlan{
			name: string(rune('a' + i)),
			types: pick(h.of("types"), nil, nil, []string{"*"}, []string{"*Complete"}, []string{"NewFileUpload", "FileDeleted"},
				[]string{"ProcedureStateChanged", "SceneAigcImageComplete"}, []string{"[!N]*"}),
			timeout: pick(h.of("timeout"), 0, 0, 2*time.Second, 12*time.Second),
			tries:   pick(h.of("tries"), 3, 3, 1, 5),
		})
	}
}

func (p *plan) planOutages() {
	d := p.dice.of("outages")
	for i := range d.of("API").n(3) {
		from := d.of("from", i).between(0, p.chaos)
		p.outages = append(p.outages, outage{
			from: from,
			to:   min(p.chaos, from+d.of("length", i).between(time.Second, 90*time.Second)),
			err:  pick(d.of("error", i), errBroken, errBroken, worker.ErrThrottled, worker.ErrFatal),
		})
	}
	for i := range d.of("handlers").n(3) {
		from := d.of("down from", i).between(0, p.chaos)
		p.downs = append(p.downs, outage{
			from:    from,
			to:      min(p.chaos, from+d.of("down for", i).between(10*time.Second, 4*time.Minute)),
			handler: d.of("which", i).n(len(p.handlers)),
		})
	}
}

func (p *plan) planMishaps() {
	d := p.dice.of("mishaps")
	add := func(what string, i int, do func(w *world)) {
		p.steps = append(p.steps, step{d.of(what, i).between(0, p.chaos), do})
	}
	for i := range d.of("duplicates").n(2) * 5 {
		add("duplicate", i, func(w *world) { w.emulator.Duplicate(0, 1+d.of("how many", i).n(8)) })
	}
	for i := range d.of("shuffles").n(3) {
		add("shuffle", i, func(w *world) { w.emulator.Shuffle(0, uint64(d.of("order", i))) })
	}
	for i := range d.of("quotas").n(2) * 3 {
		add("quota", i, func(w *world) {
			n := d.of("quota of", i).n(4)
			w.emulator.SetQuota(vodtest.Quota{Rates: map[string]int{"PullEvents": n, "ConfirmEvents": n}})
		})
	}
	p.steps = append(p.steps, step{p.chaos, func(w *world) { w.emulator.SetQuota(p.emulator.Quota) }})
}

// lifetime is how long one process of a replica lives, and whether it is killed then. 0 means to the end.
func (p *plan) lifetime(replica, number int) (lives time.Duration, killed bool) {
	d := p.dice.of("lifetime", replica, number)
	if !p.restless {
		return 0, false
	}
	return d.of("length").between(0, pick(d, 3*time.Second, 40*time.Second, 4*time.Minute)), d.of("killed").oneIn(2)
}
