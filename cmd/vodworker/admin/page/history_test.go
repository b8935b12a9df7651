package page

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

var errTest = errors.New("it broke")

// A teller tells a History what a worker would.
type teller struct {
	*History
	worker.Hooks
	callback callback.Hooks
}

func newTeller() teller {
	h := NewHistory(0)
	return teller{h, h.Worker(), h.Callback()}
}

// upload is the n-th event, in a delivery of its own.
func upload(n int, body string) events.Event {
	e := events.Event{Type: events.NewFileUpload, Handle: fmt.Sprintf("%d-%d", n, time.Now().UnixNano())}
	e.Raw = fmt.Appendf(nil, `{"EventType":"NewFileUpload","EventHandle":%q,"FileUploadEvent":{"FileId":"%d","MediaBasicInfo":{"Name":"v%d%s"}}}`,
		e.Handle, 9_000_000_000_000_000_000+n, n, body)
	return e
}

// hand hands an event out, and has its handler come to this; it is confirmed if that is nil.
func (s teller) hand(e events.Event, err error) {
	s.Pulled(worker.PullInfo{Events: []events.Event{e}})
	o := worker.Outcome{Handler: "h", Kind: worker.OK, Tries: 1, Err: err}
	if err != nil {
		o.Kind = worker.Failed
	}
	s.Handled(worker.HandleInfo{Event: e, Outcome: o})
	if err != nil {
		s.Failed(worker.FailInfo{Key: e.Key(), Handler: "h", Attempts: 1})
		return
	}
	s.Confirmed(worker.ConfirmInfo{Events: []events.Event{e}, LeaseLeft: []time.Duration{29 * time.Second}})
}

// kept counts what is kept by outcome.
func (s teller) kept() map[Outcome]int {
	kept := map[Outcome]int{}
	for _, l := range s.lives() {
		kept[l.outcome]++
	}
	return kept
}

func (s teller) explain(id string) []Life {
	defer s.look()()
	lives, _ := s.choose(filter{find: id, limit: 100})
	p := New(Options{History: s.History})
	return p.whole(lives)
}

func TestTheHistoryIsBoundedAndCountsWhatItDrops(t *testing.T) {
	s := newTeller()
	for n := range 10_000 {
		var err error
		if n%5 == 0 {
			err = errTest
		}
		s.hand(upload(n, ""), err)
	}
	if kept := s.kept(); kept[Confirmed] != maxDone || kept[Failed] != maxOpen || len(kept) != 2 {
		t.Errorf("kept are %v", kept)
	}
	if s.dropped.Done != 8000-maxDone || s.dropped.Open != 2000-maxOpen || s.received != 10_000 {
		t.Errorf("dropped are %+v of %d", s.dropped, s.received)
	}
	if s.totals[Confirmed] != 8000 || s.totals[Failed] != 2000 {
		t.Errorf("the totals are %v", s.totals)
	}
	if known := s.explain("9000000000000009995"); len(known) != 1 || known[0].Outcome != Failed {
		t.Errorf("the last that failed is known as %+v", known)
	}
}

func TestPayloadsAreBounded(t *testing.T) {
	s := newTeller()
	large := strings.Repeat("x", 1<<20)
	for n := range 30 {
		s.hand(upload(n, large), errTest)
	}
	s.hand(upload(100, strings.Repeat("x", 3<<20)), errTest)
	held := 0
	for _, l := range s.lives() {
		held += len(l.raw)
	}
	if held > maxBytes || held < maxBytes/2 || s.bytes < held || s.bytes > maxBytes {
		t.Errorf("%d bytes of payloads are held, %d are counted", held, s.bytes)
	}
	if s.dropped.Open != 30-6 || s.dropped.Payloads != 1 {
		t.Errorf("dropped are %+v", s.dropped)
	}
	if known := s.explain("v100"); len(known) != 0 { // it can't be read any more
		t.Errorf("%+v", known)
	}
}

// What is in flight is the worker's: a history that held a part of a large answer would hold all of it.
func TestLargeBodiesInFlightAreBoundedToo(t *testing.T) {
	s := newTeller()
	for n := range 40 {
		s.Pulled(worker.PullInfo{Events: []events.Event{upload(n, strings.Repeat("x", 1<<20))}})
	}
	if s.bytes > maxBytes {
		t.Errorf("%d bytes are held", s.bytes)
	}
	if kept := s.kept(); kept[InFlight] != 40 {
		t.Errorf("kept are %v", kept)
	}
}

func TestARedeliveryIsTheSameEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		began := time.Now()
		s.hand(upload(1, ""), errTest)
		for range 3 { // it sits out
			time.Sleep(30 * time.Second)
			e := upload(1, "")
			s.Pulled(worker.PullInfo{Events: []events.Event{e}})
			s.Left(worker.LeftInfo{Event: e, Why: worker.LeftSittingOut})
		}
		s.Failed(worker.FailInfo{Key: upload(1, "").Key(), Handler: "h", Attempts: 2, Until: began.Add(time.Hour)})
		known := s.explain("9000000000000000001")
		if len(known) != 1 || known[0].Seen != 4 || known[0].Outcome != Failed || len(known[0].Deliveries) != 2 || known[0].First != began {
			t.Fatalf("%+v", known)
		}
		if d := known[0].Deliveries; d[0].Handlers[0].Error != "it broke" || d[1].Times != 3 || d[1].Left == "" {
			t.Errorf("its deliveries are %+v", d)
		}
		if next := known[0].Next; len(next) != 1 || next[0] != (NextTry{"h", 2, began.Add(time.Hour)}) {
			t.Errorf("its next tries are %+v", next)
		}
		time.Sleep(30 * time.Second)
		s.hand(upload(1, ""), nil)
		if known = s.explain("9000000000000000001"); len(known) != 1 || known[0].Outcome != Confirmed || known[0].Seen != 5 || known[0].Next != nil {
			t.Errorf("%+v", known)
		}
	})
}

func TestTheOtherEndsOfAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		unwanted, given, lost, stuck := upload(1, ""), upload(2, ""), upload(3, ""), upload(4, "")
		s.Pulled(worker.PullInfo{Events: []events.Event{unwanted, given, lost, stuck}})
		s.Confirmed(worker.ConfirmInfo{Events: []events.Event{unwanted}, LeaseLeft: []time.Duration{0}})
		s.Handled(worker.HandleInfo{Event: given, Outcome: worker.Outcome{Handler: "a", Kind: worker.Rejected, Err: errTest}})
		s.Handled(worker.HandleInfo{Event: given, Outcome: worker.Outcome{Handler: "b", Kind: worker.OK}})
		s.DeadLettered(worker.DeadLetter{Event: given, Reason: worker.ReasonPermanent})
		s.Confirmed(worker.ConfirmInfo{Events: []events.Event{given}, LeaseLeft: []time.Duration{0}})
		s.Handled(worker.HandleInfo{Event: lost, Outcome: worker.Outcome{Handler: "a", Kind: worker.OK}})
		s.Confirmed(worker.ConfirmInfo{Events: []events.Event{lost}, LeaseLeft: []time.Duration{0}, Err: errTest})
		time.Sleep(40 * time.Second)
		s.Pulled(worker.PullInfo{})
		want := map[Outcome]int{Unmatched: 1, GivenUp: 1, Unconfirmed: 1, InFlight: 1}
		if kept := s.kept(); fmt.Sprint(kept) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", kept, want)
		}
		if s.letters.times != 1 || s.totals[Failed] != 0 {
			t.Errorf("%+v, %v", s.letters, s.totals)
		}
		s.Handled(worker.HandleInfo{Event: stuck, Outcome: worker.Outcome{Handler: "a", Kind: worker.Expired, Err: errTest}})
		time.Sleep(keepUnseen)
		s.Pulled(worker.PullInfo{})
		time.Sleep(time.Minute)
		s.Pulled(worker.PullInfo{})
		if kept := s.kept(); kept[Unseen] != 2 || len(s.flight) != 0 || len(s.open) != 0 {
			t.Errorf("%v; in flight %v", kept, s.flight)
		}
	})
}

func TestCallbacksAreRemembered(t *testing.T) {
	s := newTeller()
	good, bad, lost := upload(1, ""), upload(2, ""), upload(3, "")
	for _, handler := range []string{"a", "b"} {
		s.callback.Handled(worker.HandleInfo{Event: good, Outcome: worker.Outcome{Handler: handler, Kind: worker.OK}})
		s.callback.Handled(worker.HandleInfo{Event: bad, Outcome: worker.Outcome{Handler: handler, Kind: map[string]worker.Kind{"b": worker.OK}[handler], Err: errTest}})
	}
	s.callback.Lost(worker.DeadLetter{Event: lost})
	if kept := s.kept(); kept[Handled] != 1 || kept[Failed] != 1 || kept[Lost] != 1 || s.received != 3 {
		t.Errorf("%v of %d", kept, s.received)
	}
	s.callback.Handled(worker.HandleInfo{Event: bad, Outcome: worker.Outcome{Handler: "a", Kind: worker.OK}})
	if kept := s.kept(); kept[Handled] != 2 || s.totals[Failed] != 1 {
		t.Errorf("%v, %v", kept, s.totals)
	}
}

// Most events make no garbage of their size; what somebody looks at stays as it is.
func TestWhatIsDroppedIsUsedAgainUnlessSomebodyLooks(t *testing.T) {
	s := newTeller()
	for n := range 2 * maxDone {
		s.hand(upload(n, ""), nil)
	}
	if len(s.spare) != 1 {
		t.Fatalf("%d are to be used again, want the one that the next takes", len(s.spare))
	}
	done := s.look()
	first := s.lives()[maxDone-1]
	n := first.n
	for n := range 2 * maxDone {
		s.hand(upload(n, "more"), nil)
	}
	if len(s.spare) != 0 || first.n != n || first.raw != nil {
		t.Errorf("what is looked at has become %+v; %d are to be used again", first, len(s.spare))
	}
	done()
	if s.hand(upload(1, ""), nil); len(s.spare) != 1 {
		t.Error("afterwards none is used again")
	}
}

// What is read of an event to list it is not counted, so it must be little, whatever users call their files.
func TestALongNameIsCut(t *testing.T) {
	s := newTeller()
	s.hand(upload(1, strings.Repeat("x", 8000)), errTest)
	lives, _ := s.choose(filter{limit: 1})
	if name := lives[0].facts.Name; len(name) > maxText+len("…") || !strings.HasPrefix(name, "v1xxx") {
		t.Errorf("the name has %d bytes: %q", len(name), name)
	}
	if s.bytes != cap(lives[0].body)+lifeBytes+len(errTest.Error()) {
		t.Errorf("%d bytes are counted, %d of the body", s.bytes, cap(lives[0].body))
	}
}
