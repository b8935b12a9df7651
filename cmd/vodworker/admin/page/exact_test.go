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
)

// What the page says was lost is what the metrics say: a refused handle, and a handler that sits out, are no lost lease.
func TestALeaseIsLostWhenTheWorkerSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		deliver := func(n int) events.Event {
			e := upload(n, "")
			s.Pulled(worker.PullInfo{Events: []events.Event{e}})
			return e
		}
		outcome := func(e events.Event, handler string, kind worker.Kind, err error) {
			s.Handled(worker.HandleInfo{Event: e, Outcome: worker.Outcome{Handler: handler, Kind: kind, Err: err}})
			if err != nil {
				s.Failed(worker.FailInfo{Key: e.Key(), Handler: handler, Attempts: 1, Until: time.Now().Add(time.Hour)})
			}
		}
		for _, n := range []int{1, 2} {
			e := deliver(n)
			outcome(e, "a", worker.Failed, errTest)
			outcome(e, "b", worker.Failed, errTest)
		}
		time.Sleep(30 * time.Second)
		outcome(deliver(1), "b", worker.OK, nil) // a sits it out
		second := deliver(2)
		outcome(second, "a", worker.OK, nil)
		outcome(second, "b", worker.OK, nil)
		refused := deliver(3)
		outcome(refused, "a", worker.OK, nil)
		s.Confirmed(worker.ConfirmInfo{Events: []events.Event{refused}, LeaseLeft: []time.Duration{0}, Err: worker.ErrRefused})
		late := deliver(4)
		s.Left(worker.LeftInfo{Event: late, Why: worker.LeftLate})
		s.LeaseLost(worker.LeaseInfo{Event: late, Stage: worker.StageWaiting})
		time.Sleep(32 * time.Second)
		s.Pulled(worker.PullInfo{})
		want := map[Outcome]int{Failed: 1, Unconfirmed: 2, Left: 1}
		if kept := s.kept(); fmt.Sprint(kept) != fmt.Sprint(want) || s.lost.times != 0 {
			t.Errorf("%v, want %v; %d leases are lost", kept, want, s.lost.times)
		}
		s.LeaseLost(worker.LeaseInfo{Event: second, Stage: worker.StageConfirming})
		if s.lost.times != 1 || s.received != 6 || s.totals[Failed]+s.totals[Unconfirmed]+s.totals[Left] != 6 {
			t.Errorf("%d leases are lost; %d received: %v", s.lost.times, s.received, s.totals)
		}
	})
}

func TestEachDeliveryCountsOnceThoughAnEarlierOneHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTeller()
		s.hand(upload(1, ""), errTest)
		time.Sleep(30 * time.Second)
		hangs := upload(1, "")
		s.Pulled(worker.PullInfo{Events: []events.Event{hangs}})
		time.Sleep(30 * time.Second)
		again := upload(1, "")
		s.Pulled(worker.PullInfo{Events: []events.Event{again}})
		s.Left(worker.LeftInfo{Event: again, Why: worker.LeftStuck})
		if s.received != 3 || s.totals[Failed] != 1 || s.totals[Unconfirmed] != 1 || s.totals[Left] != 1 {
			t.Errorf("%d received: %v", s.received, s.totals)
		}
	})
}

// What is not held any more takes no room.
func TestAnEventThatFailsForDaysTakesNoMoreThanItsLastErrors(t *testing.T) {
	s := newTeller()
	for range 1000 {
		s.hand(upload(1, ""), errors.New(strings.Repeat("x", maxText)))
	}
	if most := maxDeliveries*maxText + lifeBytes + 1000; s.bytes > most {
		t.Errorf("%d bytes are counted, want at most %d", s.bytes, most)
	}
	s.hand(upload(1, ""), nil)
	for n := range maxDone {
		s.hand(upload(2+n, ""), nil)
	}
	if s.bytes > maxDone*(lifeBytes+200) || s.bytes < 256<<10 { // what an event takes besides its payload counts too
		t.Errorf("%d bytes are counted", s.bytes)
	}
}

func TestAPayloadThatIsDroppedCountsOnce(t *testing.T) {
	s := newTeller()
	e := upload(1, strings.Repeat("x", 3<<20))
	s.Pulled(worker.PullInfo{Events: []events.Event{e}})
	for _, handler := range []string{"a", "b"} {
		s.Handled(worker.HandleInfo{Event: e, Outcome: worker.Outcome{Handler: handler, Kind: worker.Failed, Err: errTest}})
	}
	if s.dropped.Payloads != 1 {
		t.Errorf("dropped are %+v", s.dropped)
	}
}

// Nothing is held of what there is no room for.
func TestCallbacksWithoutRoomAreForgotten(t *testing.T) {
	s := newTeller()
	for n := range 4 {
		s.hand(upload(n, strings.Repeat("x", maxBytes/4-1000)), errTest)
	}
	for n := range 20 {
		e := upload(100+n, strings.Repeat("x", 100_000))
		s.callback.Handled(worker.HandleInfo{Event: e, Outcome: worker.Outcome{Handler: "a", Kind: worker.OK}})
	}
	if len(s.called) > s.done.Len() {
		t.Errorf("%d callbacks are held, and %d events are done", len(s.called), s.done.Len())
	}
}
