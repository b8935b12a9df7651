package blame

import (
	"testing"
	"time"
)

// kept is a case as somebody else knows it, who has had the event fail at these times.
func kept(attempts int, first, last time.Time) Case {
	return Case{Count: attempts, Failures: attempts, First: first, Last: last, Err: "elsewhere"}
}

func TestWhatOthersKnowOfAnEventIsTakenOver(t *testing.T) {
	b := newTrial()
	b.fails("young")
	first, last := start.Add(-time.Hour), start.Add(-time.Minute)
	b.Restore("e", "h", false, kept(3, first, last), b.now)
	c := b.Case("e", "h")
	if c == nil || c.Count != 3 || c.Failures != 3 || !c.First.Equal(first) || !c.Last.Equal(last) || c.Err != "elsewhere" {
		t.Fatalf("got %+v", c)
	}
	if !c.Until.IsZero() {
		t.Error("it is due, and sits out until", c.Until)
	}
	if !b.Oldest().Equal(first) {
		t.Errorf("the oldest fails since %v, want %v", b.Oldest(), first)
	}
	b.Restore("older", "h", false, kept(1, first.Add(-time.Hour), last), b.now)
	b.Restore("between", "h", false, kept(1, first.Add(time.Minute), last), b.now)
	for _, want := range []struct {
		key    string
		oldest time.Time
	}{{"older", first.Add(-time.Hour)}, {"e", first}, {"between", first.Add(time.Minute)}, {"young", b.Case("young", "h").First}} {
		if !b.Oldest().Equal(want.oldest) {
			t.Errorf("%s: the oldest fails since %v, want %v", want.key, b.Oldest(), want.oldest)
		}
		b.Forget(want.key)
	}
	if !b.Empty() {
		t.Error("more is left")
	}
}

func TestWhatWasAbsolvedHereDoesNotCountAgain(t *testing.T) {
	b := newTrial()
	b.fails("e")
	b.fails("e")
	known := *b.Case("e", "h")
	b.Absolve("e", "h", 2)
	known.Last = known.Last.Add(500 * time.Millisecond) // as a database's clock may have it
	b.Restore("e", "h", false, known, b.now)
	if c := b.Case("e", "h"); c.Count != 0 || c.Failures != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestWhatIsOlderThanWhatTheBookKnowsChangesNothing(t *testing.T) {
	b := newTrial()
	b.fails("e")
	old := *b.Case("e", "h")
	b.wait(4)
	b.fails("e")
	b.Restore("e", "h", false, old, b.now)
	if c := b.Case("e", "h"); c.Count != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestAFailureElsewhereIsTakenOverByWhoKnewTheEvent(t *testing.T) {
	b := newTrial()
	b.fails("e")
	known := *b.Case("e", "h")
	known.Count, known.Failures, known.Last = 2, 2, b.now.Add(4*window)
	b.wait(8)
	b.Restore("e", "h", false, known, b.now)
	if c := b.Case("e", "h"); c.Count != 2 || !c.Last.Equal(known.Last) {
		t.Errorf("got %+v", c)
	}
}

// Who has had an event to itself all the time has seen all that the handler did meanwhile: it needs the whole alibi.
func TestAnEventThatHasRestedNeedsAsManyOthersAsOneThatCameInEachWindow(t *testing.T) {
	for name, test := range map[string]struct {
		others int // of twice as many as attempts
		rested bool
		want   bool
	}{
		"rested, with few others": {others: 2, rested: true},
		"rested, with all":        {others: 6, rested: true, want: true},
		"seldom, with few":        {others: 2, want: true},
	} {
		b := newTrial()
		for i := range 3 {
			if c := b.Case("e", "h"); c != nil && test.rested {
				b.Restore("e", "h", false, *c, b.now)
			}
			guilty := b.fails("e")
			if i == 2 && guilty != test.want {
				t.Errorf("%s: guilty: %v", name, guilty)
			}
			b.wait(10)
			b.succeed(test.others/2, true)
			b.wait(10)
		}
	}
}
