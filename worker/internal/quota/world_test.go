package quota

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"
)

// A world is an account's quota, and clients that call as fast as their Buckets let them, for ever or for a time. Its time is its own.
type world struct {
	quota   admitter
	clients []*client
	random  *rand.Rand
	uneven  time.Duration // how much longer than others a call may be on its way
	late    time.Duration // how late one of 20 calls may go out, as the machine is busy
	now     time.Time
	events  events
}

const (
	roundTrip = 20 * time.Millisecond
	limit     = 100 // calls a second
)

var epoch = time.Unix(1e9, 0)

func newWorld(seed uint64, quota admitter) *world {
	return &world{quota: quota, random: rand.New(rand.NewPCG(seed, 0)), now: epoch}
}

// A client has a Bucket, or is greedy: it calls each millisecond.
type client struct {
	*Bucket
	leaves            time.Time // zero: never
	accepted, refused []int     // by second
}

// join adds a client that calls from then until then; 0 is for ever.
func (w *world) join(b *Bucket, from, until time.Duration) *client {
	c := &client{Bucket: b}
	if b != nil {
		b.jitter = func(length time.Duration) time.Duration { return time.Duration(w.random.Int64N(int64(length))) }
	}
	if until > 0 {
		c.leaves = epoch.Add(until)
	}
	w.clients = append(w.clients, c)
	w.at(epoch.Add(from), func() { w.turn(c) })
	return c
}

func (w *world) turn(c *client) {
	next := w.now.Add(time.Millisecond)
	if c.Bucket != nil {
		next, _ = c.turn(w.now, time.Time{})
	}
	if w.late > 0 && w.random.IntN(20) == 0 {
		next = next.Add(time.Duration(w.random.Int64N(int64(w.late))))
	}
	w.at(next, func() {
		if c.leaves.IsZero() || w.now.Before(c.leaves) {
			w.call(c)
			w.turn(c)
		}
	})
}

func (w *world) call(c *client) {
	sent := w.now
	longer := time.Duration(w.random.Int64N(int64(w.uneven) + 1))
	w.at(sent.Add(roundTrip/2+longer), func() {
		if w.quota.admit(w.now) {
			count(&c.accepted, w.now)
			return
		}
		count(&c.refused, w.now)
		if c.Bucket != nil {
			w.at(sent.Add(roundTrip+longer), func() { c.Bucket.refused(sent, w.now) })
		}
	})
}

func count(bySecond *[]int, now time.Time) {
	second := int(now.Sub(epoch).Seconds())
	for len(*bySecond) <= second {
		*bySecond = append(*bySecond, 0)
	}
	(*bySecond)[second]++
}

// between returns how many calls were counted from one second to another.
func between(bySecond []int, from, to int) (n int) {
	for _, m := range bySecond[min(from, len(bySecond)):min(to, len(bySecond))] {
		n += m
	}
	return n
}

// accepted returns what share of the quota all clients together had.
func (w *world) accepted(from, to int) float64 {
	n := 0
	for _, c := range w.clients {
		n += between(c.accepted, from, to)
	}
	return float64(n) / float64((to-from)*limit)
}

func (w *world) run(until time.Duration) {
	for len(w.events) > 0 && w.events[0].at.Before(epoch.Add(until)) {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		e.do()
	}
}

func (w *world) at(then time.Time, do func()) { heap.Push(&w.events, event{then, do}) }

type event struct {
	at time.Time
	do func()
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// An admitter is one way of counting a quota.
type admitter interface{ admit(now time.Time) bool }

// eachKind runs a test with each way of counting.
func eachKind(t *testing.T, test func(t *testing.T, quota func() admitter)) {
	for name, quota := range map[string]func() admitter{
		"aligned": func() admitter { return new(aligned) },
		"sliding": func() admitter { return new(sliding) },
		"bucket":  func() admitter { return new(tokens) },
	} {
		t.Run(name, func(t *testing.T) { test(t, quota) })
	}
}

type aligned struct {
	second int64
	calls  int
}

func (a *aligned) admit(now time.Time) bool {
	if now.Unix() != a.second {
		a.second, a.calls = now.Unix(), 0
	}
	a.calls++
	return a.calls <= limit
}

type sliding struct{ last [limit]time.Time }

func (s *sliding) admit(now time.Time) bool {
	if now.Sub(s.last[0]) < time.Second {
		return false
	}
	copy(s.last[:], s.last[1:])
	s.last[limit-1] = now
	return true
}

type tokens struct{ full time.Time }

func (t *tokens) admit(now time.Time) bool {
	if t.full.Before(now) {
		t.full = now
	}
	if t.full.Sub(now) > time.Second-time.Second/limit {
		return false
	}
	t.full = t.full.Add(time.Second / limit)
	return true
}
