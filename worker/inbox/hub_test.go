package inbox

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func TestWhoStoresIsToldAtOnceThatItFailed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		db.breakBy(always(failed))
		began := time.Now()
		err := r.store(1, 1)
		if !worker.IsUnreachable(err) || !errors.Is(err, errAway) {
			t.Errorf("stored: %v", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		db.breakBy(nil)
		sleep(2 * time.Second)
		wantEqual(t, "runs of what was not stored", len(b.all()), 0)
		r.mustStore(1, 1)
	})
}

func TestADatabaseThatHangsIsOneThatFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		db.breakBy(once(hung, func(t store.Turn) bool { return len(t.Events) > 0 }))
		began := time.Now()
		if err := r.store(1, 1); !worker.IsUnreachable(err) {
			t.Errorf("stored: %v", err)
		}
		wantEqual(t, "it took", time.Since(began), turnLimit)
	})
}

func TestWhoStoresWaitsNoLongerThanItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		hang(r, 99)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("time is over"))
		defer cancel()
		err := r.Handler().Handle(ctx, upload(t, 1))
		if !worker.IsUnreachable(err) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "time is over") {
			t.Errorf("stored: %v", err)
		}
		sleep(time.Minute)
		r.wantStates(0, 0, 0, 0)
	})
}

// hang has the database hang while it stores an event, as others come.
func hang(r *rig, n int) {
	r.t.Helper()
	r.db.breakBy(once(hung, func(t store.Turn) bool { return len(t.Events) > 0 }))
	go func() { _ = r.store(n, 1) }()
	synctest.Wait()
}

func TestTwoWhoStoreTheSameEventAreBothServedAndItRunsOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		var storing sync.WaitGroup
		hang(r, 99) // so that they gather
		for range 20 {
			storing.Go(func() {
				if err := r.store(1, 1); err != nil {
					t.Error(err)
				}
			})
		}
		storing.Wait()
		sleep(time.Second)
		wantEqual(t, "runs", len(b.all()), 1)
		for _, turn := range db.made() {
			if len(turn.Events) > 1 {
				t.Errorf("%d events of one ID in a turn", len(turn.Events))
			}
		}
	})
}

// The first is an exception: alone it passes, however large.
func TestATurnStoresNoMoreThanItsBounds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		var b book
		r := open(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		var storing sync.WaitGroup
		keep := func(id string, size int) {
			storing.Go(func() {
				if err := r.hub.keep(t.Context(), store.Event{ID: id, Handlers: []string{"h"}, Body: make([]byte, size)}); err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 2 * maxEvents {
			keep(string(rune('a'+i)), 0)
		}
		storing.Wait()
		keep("one", 20<<20)
		keep("two", 20<<20)
		keep("three", 40<<20)
		storing.Wait()
		stored := 0
		for _, turn := range db.made() {
			bytes := 0
			for _, e := range turn.Events {
				bytes += len(e.Body)
			}
			if stored += len(turn.Events); len(turn.Events) > maxEvents || bytes > maxBytes && len(turn.Events) > 1 {
				t.Errorf("a turn of %d events and %d bytes", len(turn.Events), bytes)
			}
		}
		wantEqual(t, "stored", stored, 2*maxEvents+3)
	})
}

func TestWhatHandlersFinishWhileTheDatabaseIsAwayIsWrittenFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.slowly(10*time.Second)))
		defer r.stop()
		r.mustStore(1, 10)
		sleep(time.Second)
		db.breakBy(always(failed))
		sleep(time.Minute)
		wantEqual(t, "unwritten", r.Status().Unwritten, 10)
		if s := r.Status(); !errors.Is(s.Failing, errAway) || time.Since(s.Since) < 55*time.Second {
			t.Errorf("failing: %v since %v", s.Failing, s.Since)
		}
		before := len(db.made())
		db.breakBy(nil)
		sleep(2 * time.Second)
		wantEqual(t, "written in the first turn", len(db.made()[before].Ends), 10)
		wantEqual(t, "unwritten", r.Status().Unwritten, 0)
		if s := r.Status(); s.Failing != nil || !s.Since.IsZero() {
			t.Errorf("failing: %v since %v", s.Failing, s.Since)
		}
		r.wantStates(0, 0, 10, 0)
		wantEqual(t, "runs", len(b.all()), 10)
	})
}

func TestTheLogSaysOnceAMinuteThatTheDatabaseIsAway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("a", b.handle), handler("b", b.handle))
		defer r.stop()
		sleep(time.Second)
		db.breakBy(always(failed))
		sleep(10*time.Minute + 10*time.Second)
		wantEqual(t, "lines", strings.Count(r.log.text(), "store events in the inbox failed"), 11)
		wantEqual(t, "all lines", strings.Count(r.log.text(), "\n"), 11)
		db.breakBy(nil)
		sleep(2 * time.Second)
		wantEqual(t, "lines of the end", strings.Count(r.log.text(), "store events in the inbox recovered"), 1)
	})
}

func TestJobsThatWereClaimedWithoutAnybodyKnowingAreRunOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.slowly(time.Minute)))
		defer r.stop()
		r.mustStore(1, 1)
		sleep(time.Second)
		db.breakBy(once(lied, func(t store.Turn) bool { return len(t.Events) > 0 }))
		if err := r.store(2, 1); err == nil {
			t.Error("it is said to be stored")
		}
		r.wantStates(0, 2, 0, 0) // the second one without anybody knowing
		sleep(2 * time.Second)
		r.wantStates(0, 2, 0, 0)
		wantEqual(t, "runs", len(b.all()), 2)
		wantEqual(t, "starts", db.job(2).Starts, 1)
		sleep(2 * time.Minute)
		r.wantStates(0, 0, 2, 0)
		wantEqual(t, "runs", len(b.all()), 2)
	})
}

func TestAFailureThatATurnHasNotWrittenIsNotForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := working(t, db, Options{}, handler("h", poison(errBroken)))
		defer r.stop()
		db.breakBy(once(failed, func(t store.Turn) bool { return len(t.Ends) > 0 }))
		r.mustStore(1, 1)
		sleep(5 * time.Second)
		wantEqual(t, "runs", db.job(1).Run, 1)
		wantEqual(t, "attempts", db.job(1).Failed.Attempts, 1)
	})
}

// The turn that gives a job back claims it again, and fails. The next one has the end of its first run, which is not the one that
// was claimed.
func TestAJobThatWasClaimedByTheTurnThatEndedItIsNotForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		defer r.stop()
		k, batch := r.pullOne()
		db.breakBy(once(lied, func(t store.Turn) bool { return len(t.Ends) > 0 && len(t.Claims) > 0 }))
		r.hub.mu.Lock() // so that both are one turn
		k.asks = append(k.asks, &ask{of: k, answer: make(chan worker.Batch, 1)})
		again := k.asks[0]
		r.hub.mu.Unlock()
		k.Return(worker.Returned{Handle: batch.Events[0].Handle})
		select {
		case batch = <-again.answer:
			wantEqual(t, "events", len(batch.Events), 1)
		case <-time.After(time.Minute):
			t.Error("the job never came again")
		}
	})
}
