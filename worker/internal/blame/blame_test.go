package blame

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

var (
	errTest = errors.New("it broke")
	start   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	lane    = Lane{"h", "NewFileUpload"}
)

const window = 30 * time.Second

// A trial is a book in which one event, "e", fails.
type trial struct {
	*Book
	now time.Time
}

func newTrial() *trial { return &trial{New(window), start} }

// fails has an event fail, and reports whether it is guilty by that as its third failure or a later one.
func (b *trial) fails(key string) bool {
	began := b.now
	b.now = b.now.Add(time.Second)
	b.Seen(key, began)
	var before time.Time
	if c := b.Case(key, "h"); c != nil {
		before = c.Last
	}
	c, _ := b.Fail(key, "h", false, errTest, b.now)
	b.Ran(lane, c, false, began, b.now)
	b.Attempt(c)
	return b.Guilty(lane, c, before, began, 3)
}

// succeed has so many others succeed.
func (b *trial) succeed(n int, clean bool) {
	for range n {
		b.Ran(lane, nil, clean, b.now, b.now.Add(time.Second))
		b.now = b.now.Add(time.Second)
	}
}

func (b *trial) wait(windows int) { b.now = b.now.Add(time.Duration(windows) * window) }

func TestAnEventIsGuiltyOnlyWithItsHandlersAlibi(t *testing.T) {
	for name, test := range map[string]struct {
		between func(b *trial, failure int) // before the second failure, and the third
		want    bool
	}{
		"others succeed":           {func(b *trial, _ int) { b.succeed(4, true) }, true},
		"nothing else comes":       {func(*trial, int) {}, false},
		"fewer than twice as many": {func(b *trial, _ int) { b.succeed(2, true) }, false},
		"not since its last failure": {func(b *trial, n int) {
			if n == 2 {
				b.succeed(8, true)
			}
		}, false},
		"only those that were tried again": {func(b *trial, _ int) { b.succeed(8, false) }, false},
		"one fails beside it": {func(b *trial, n int) {
			b.succeed(8, true)
			if n == 3 {
				b.now = b.now.Add(-time.Second)
				b.fails("beside")
			}
		}, false},
		"as many fail": {func(b *trial, n int) {
			for i := range 6 {
				b.fails(fmt.Sprint(n, i))
				b.succeed(1, true)
			}
			b.wait(2)
		}, false},
		"a newcomer fails, others make up for it": {func(b *trial, n int) {
			b.succeed(8, true)
			if n == 3 {
				b.fails("newcomer")
			}
			b.wait(2)
		}, true},
		"a newcomer fails, and too few make up for it": {func(b *trial, n int) {
			b.succeed(4, true)
			if n == 3 {
				b.fails("newcomer")
			}
			b.wait(2)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTrial()
			b.fails("e")
			for n := 2; n <= 3; n++ {
				for range 4 { // it is handed out in each window, and sat out
					b.wait(1)
					b.Seen("e", b.now)
				}
				test.between(b, n)
				if got := b.fails("e"); got != (test.want && n == 3) {
					t.Errorf("guilty by failure %d: %v", n, got)
				}
			}
		})
	}
}

// Three that came together, and are all poison, are not held against each other.
func TestEventsThatCameTogetherAreNoNewcomers(t *testing.T) {
	b := newTrial()
	b.fails("e")
	b.fails("one mate")
	b.fails("another")
	for n := 2; n <= 3; n++ {
		b.wait(4)
		b.succeed(4, true)
		b.fails("one mate")
		b.fails("another")
		b.wait(2)
		for range 4 {
			b.Seen("e", b.now)
		}
		if got := b.fails("e"); got != (n == 3) {
			t.Errorf("guilty by failure %d: %v", n, got)
		}
	}
}

// One of many replicas sees an event seldom, and others as seldom: it asks for fewer.
func TestAReplicaAsksForFewerOthers(t *testing.T) {
	b := newTrial()
	b.fails("e")
	for n := 2; n <= 3; n++ {
		b.wait(20)
		b.succeed(1, true)
		if got := b.fails("e"); got != (n == 3) {
			t.Errorf("guilty by failure %d: %v", n, got)
		}
	}
}

func TestTheBookIsBoundedAndForgetsWhatDoesNotComeAnyMore(t *testing.T) {
	b := newTrial()
	for i := range maxEvents + 5 {
		b.fails(fmt.Sprint(i))
	}
	if len(b.events) != maxEvents || b.order.Len() != maxEvents || b.events["4"] != nil || b.events["5"] == nil {
		t.Errorf("%d events, %d in order", len(b.events), b.order.Len())
	}
	b.succeed(3*maxHistory, true)
	if n := len(b.lanes[lane].outcomes); n > maxHistory {
		t.Errorf("%d outcomes of a lane", n)
	}
	b.Expire(b.now.Add(keepUnseen))
	if !b.Empty() || len(b.lanes) > 0 {
		t.Errorf("%d events and %d lanes are left", len(b.events), len(b.lanes))
	}
}

func TestTheHandlersFaultIsTakenBack(t *testing.T) {
	b := newTrial()
	b.fails("e")
	b.fails("e")
	first := b.Case("e", "h").First
	b.Absolve("e", "h", 2)
	if c := b.Case("e", "h"); c.Count != 0 || !c.Until.IsZero() || c.First != first || c.Failures != 2 {
		t.Errorf("%+v", c)
	}
}
