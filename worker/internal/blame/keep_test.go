package blame

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestABookGoesOnWhereItWasKept(t *testing.T) {
	b := newTrial()
	b.fails("e")
	for range 3 {
		b.wait(1)
		b.Seen("e", b.now)
	}
	b.succeed(7, true)
	b.fails("e")
	b.succeed(1, true)
	b.Health("h").FailingSince = b.now
	kept := b.Page(7, b.now).Into(nil)
	if b.Changed() {
		t.Error("there is still something new")
	}

	next := &trial{New(window), b.now.Add(time.Minute)}
	next.Load(kept, 7, next.now)
	if got := next.Health("h").FailingSince; !got.Equal(b.now) {
		t.Errorf("failing since %v, not %v", got, b.now)
	}
	if c := next.Case("e", "h"); c == nil || c.Count != 2 || !c.First.Equal(start.Add(time.Second)) {
		t.Fatalf("%+v", c)
	}
	if !next.fails("e") {
		t.Error("what was known of others is lost")
	}
	other := New(window)
	if other.Load(kept, 0, next.now); !other.Empty() {
		t.Error("another application has its failures")
	}
}

func TestTwoProcessesKeepWhatTheyKnow(t *testing.T) {
	a, b := newTrial(), newTrial()
	a.fails("a")
	b.fails("b")
	b.fails("both")
	a.fails("both")
	a.fails("both")
	kept := b.Page(0, start).Into(a.Page(0, start).Into(nil))
	both := New(window)
	both.Load(kept, 0, start.Add(time.Minute))
	if both.Case("a", "h") == nil || both.Case("b", "h") == nil || both.Case("both", "h").Count != 2 {
		t.Errorf("kept: %s", kept)
	}

	a.Forget("both")
	lost := a.Page(0, start)
	a.Lost(lost) // it could not be kept, so it is in the next
	kept = a.Page(0, start).Into(kept)
	both = New(window)
	if both.Load(kept, 0, start.Add(time.Minute)); both.Case("both", "h") != nil || both.Case("b", "h") == nil {
		t.Errorf("kept: %s", kept)
	}
	kept = a.Page(0, start.Add(keepUnseen+time.Hour)).Into(kept)
	if strings.Contains(string(kept), `"b"`) {
		t.Errorf("what nobody sees any more is kept: %s", kept)
	}
}

// The order in which events are seen is another than that in which they began to fail.
func TestABookKnowsWhatFailsForLongest(t *testing.T) {
	b := newTrial()
	want := func(b *trial, at time.Time) {
		t.Helper()
		if got := b.Oldest(); !got.Equal(at) {
			t.Errorf("it is %v, want %v", got, at)
		}
	}
	want(b, time.Time{})
	firsts := map[string]time.Time{}
	for _, key := range []string{"a", "b", "c"} {
		b.fails(key)
		firsts[key] = b.now
	}
	b.fails("a")
	want(b, firsts["a"])
	next := &trial{New(window), b.now.Add(time.Minute)}
	next.Load(b.Page(0, b.now).Into(nil), 0, next.now)
	for _, b := range []*trial{b, next} {
		want(b, firsts["a"])
		b.Forget("b")
		want(b, firsts["a"])
		b.ForgetHandler("a", "h")
		want(b, firsts["c"])
		b.Forget("c")
		want(b, time.Time{})
	}
}

func TestEventsThatRepeatAreNotKept(t *testing.T) {
	b := New(window)
	b.Fail("key", "h", true, errTest, start)
	if kept := string(b.Page(0, start).Into(nil)); strings.Contains(kept, "key") {
		t.Errorf("kept: %s", kept)
	}
}

// A clock that was set back must not have an event wait for years.
func TestWhatLiesInTheFutureCountsAsNow(t *testing.T) {
	b := newTrial()
	b.now = start.Add(1000 * time.Hour)
	b.fails("e")
	next := New(window)
	next.Load(b.Page(0, b.now).Into(nil), 0, start)
	if c := next.Case("e", "h"); c == nil || c.First.After(start) || c.Last.After(start) {
		t.Errorf("%+v", c)
	}
}

func FuzzLoad(f *testing.F) {
	b := newTrial()
	b.fails("e")
	f.Add(b.Page(0, b.now).Into(nil))
	f.Add([]byte(`{"0":null}`))
	f.Add([]byte(`{"0":{"events":{"e":null},"lanes":[{}],"handlers":{"h":{}}}}`))
	f.Fuzz(func(t *testing.T, kept []byte) {
		b := newTrial()
		b.Load(kept, 0, b.now)
		b.fails("e")
		b.Page(0, b.now).Into(kept)
	})
}

// Where nothing is kept, or can't be, what was forgotten takes no memory.
func TestWhatIsForgottenIsForgotten(t *testing.T) {
	b := newTrial()
	for i := range 3 * maxEvents {
		b.fails(fmt.Sprint(i))
		b.Forget(fmt.Sprint(i))
	}
	if len(b.gone) > 0 {
		t.Errorf("%d are remembered as gone though nothing was kept", len(b.gone))
	}
	for i := range 5 {
		for n := range maxEvents {
			b.fails(fmt.Sprint(i, n))
		}
		b.Lost(b.Page(0, b.now))
		for n := range maxEvents {
			b.Forget(fmt.Sprint(i, n))
		}
	}
	if len(b.gone) > 2*maxEvents {
		t.Errorf("%d are remembered as gone though nothing can be kept", len(b.gone))
	}
}
