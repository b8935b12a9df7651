package inbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestAHandlerOfTwoMinutesIsRunOnceAndItsEventIsConfirmedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		emulator := vodtest.New(vodtest.Config{})
		emulator.Upload(0, "a.mp4")
		var b book
		r := working(t, newFake(), Options{}, handler("slow", b.slowly(2*time.Minute)))
		defer r.stop()
		w, err := worker.New(emulated.Queue{Emulator: emulator}, []worker.Handler{r.Handler()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		sleep(time.Second)
		wantEqual(t, "confirmed after a second", emulator.Stats(0).Confirmed, 1)
		r.wantStates(0, 1, 0, 0)
		sleep(5 * time.Minute)
		wantEqual(t, "runs", len(b.all()), 1)
		r.wantStates(0, 0, 1, 0)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAnEventThatVODHandsOutAgainIsNotRunAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		r := working(t, newFake(), Options{}, handler("h", b.handle))
		defer r.stop()
		r.mustStore(1, 1)
		sleep(time.Second)
		r.mustStore(1, 1)
		sleep(time.Minute)
		wantEqual(t, "runs", len(b.all()), 1)
	})
}

func TestAnEventIsStoredForTheHandlersThatWantItAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var a, b, c book
		other := handler("other", c.handle)
		other.Types = []string{"ProcedureStateChanged"}
		r := working(t, newFake(), Options{}, handler("a", a.handle), handler("b", b.handle), other)
		defer r.stop()
		r.mustStore(1, 1)
		sleep(time.Second)
		wantEqual(t, "runs of a, b and other", [3]int{len(a.all()), len(b.all()), len(c.all())}, [3]int{1, 1, 0})
		router, err := worker.NewRouter([]worker.Handler{r.Handler()})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "those that want an unknown type", len(router.Match(events.Event{Type: "New"})), 1)
	})
}

func TestHandlersGetTheEventAsItWasStored(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		got := make(chan events.Event, 2)
		r := working(t, newFake(), Options{}, handler("h", func(_ context.Context, e events.Event) error { got <- e; return nil }))
		defer r.stop()
		odd := events.Event{SubAppID: 1<<63 - 1, Raw: []byte(`{"EventHandle":"x", "A": null}`)} // no type, and no handle
		for _, e := range []events.Event{upload(t, 1), odd} {
			if err := r.Handler().Handle(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			g := <-got
			if g.Handle != e.Handle || g.SubAppID != e.SubAppID || g.Type != e.Type || string(g.Raw) != string(e.Raw) || g.ID() != e.ID() {
				t.Errorf("got %+v, want %+v", g, e)
			}
		}
	})
}

func TestASlowHandlerDoesNotHoldUpAQuickOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var slow, quick book
		r := working(t, newFake(), Options{Concurrency: 1},
			handler("slow", slow.slowly(10*time.Minute)), handler("quick", quick.handle))
		defer r.stop()
		r.mustStore(1, 50)
		sleep(time.Second)
		wantEqual(t, "of the slow one", len(slow.all()), 1)
		wantEqual(t, "of the quick one", len(quick.all()), 50)
	})
}

func TestAHandlerIsGivenNoMoreThanItsConcurrency(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{Concurrency: 20}, handler("h", b.slowly(time.Minute)))
		defer r.stop()
		r.mustStore(1, 100)
		sleep(time.Second)
		r.wantStates(80, 20, 0, 0)
		for _, turn := range db.made() {
			for _, c := range turn.Claims {
				if c.Most > worker.MaxBatch {
					t.Errorf("a claim of %d", c.Most)
				}
			}
		}
		sleep(time.Minute)
		r.wantStates(60, 20, 20, 0)
	})
}

func TestNothingIsStoredWithoutAHandlerOrUnderTheNameOfTheInbox(t *testing.T) {
	var b book
	for _, handlers := range [][]worker.Handler{
		nil, {handler(Name, b.handle)}, {handler("a", b.handle), handler("a", b.handle)},
	} {
		_, err := Open(t.Context(), handlers, Options{URL: "sqlite:///nowhere/at/all"})
		if err == nil || strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%d handlers: %v", len(handlers), err)
		}
	}
	_, err := Open(t.Context(), []worker.Handler{handler("a", b.handle)}, Options{Keep: -1})
	if err == nil || !strings.Contains(err.Error(), "keep") {
		t.Errorf("keep of -1: %v", err)
	}
}

func TestWhatIsStoredBeforeTheRunIsHandledByIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := open(t, db, Options{}, handler("h", b.handle))
		r.mustStore(1, 3)
		r.stop()
		r = working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		sleep(time.Second)
		wantEqual(t, "runs", len(b.all()), 3)
	})
}

func TestADrainEndsWhenNothingIsLeftAndSumsUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		r := open(t, newFake(), Options{}, handler("slow", b.slowly(time.Minute)),
			handler("broken", func(context.Context, events.Event) error { return errors.New("it broke") }))
		defer r.stop()
		r.mustStore(1, 3)
		began := time.Now()
		sum, err := r.Drain(t.Context(), worker.DrainOptions{})
		if err != nil {
			t.Error(err)
		}
		wantEqual(t, "handled, confirmed, failed", [3]int{sum.Handled, sum.Confirmed, sum.Failed}, [3]int{3, 3, 3})
		if took := time.Since(began); took < time.Minute || took > 3*time.Minute {
			t.Errorf("it took %v", took)
		}
		r.wantStates(3, 0, 3, 0)
	})
}

func TestADrainThatHasNothingLongToDoEndsInTwoSeconds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		r := open(t, newFake(), Options{}, handler("h", b.handle))
		defer r.stop()
		r.mustStore(1, 100)
		began := time.Now()
		if _, err := r.Drain(t.Context(), worker.DrainOptions{}); err != nil {
			t.Error(err)
		}
		wantEqual(t, "runs", len(b.all()), 100)
		if took := time.Since(began); took > 2500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// Who drains by the clock must not be told that all is well while an event fails.
func TestADrainFailsWhileWhatFailedBeforeWaitsForItsNextTry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := open(t, newFake(), Options{}, handler("broken", func(context.Context, events.Event) error { return errors.New("it broke") }))
		defer r.stop()
		r.mustStore(1, 3)
		for _, pulled := range []int{3, 0} {
			sum, err := r.Drain(t.Context(), worker.DrainOptions{})
			if err != nil {
				t.Error(err)
			}
			wantEqual(t, "pulled and failed", [2]int{sum.Pulled, sum.Failed}, [2]int{pulled, 3})
		}
	})
}

func TestTheStatusOfAClosedInboxTellsWhatIsLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := open(t, newFake(), Options{}, handler("h", (&book{}).handle))
		sleep(time.Second) // the count that it begins with
		r.mustStore(1, 3)
		r.stop()
		wantEqual(t, "waiting", r.Status().Handlers[0].Waiting, 3)
	})
}

func TestADrainGivesUpWhenTheDatabaseIsAway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := open(t, db, Options{}, handler("h", b.handle))
		defer r.Close()
		db.breakBy(always(failed))
		if _, err := r.Drain(t.Context(), worker.DrainOptions{}); !errors.Is(err, worker.ErrUnavailable) || !errors.Is(err, errAway) {
			t.Errorf("Drain: %v", err)
		}
	})
}

func TestAStopGivesBackWhatHandlersHaveNotFinished(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		stubborn := make(chan struct{})
		r := working(t, newFake(), Options{StopGrace: 10 * time.Second},
			handler("quick", b.slowly(5*time.Second)), handler("slow", b.slowly(time.Hour)),
			handler("stubborn", func(context.Context, events.Event) error { <-stubborn; return nil }))
		defer close(stubborn)
		r.mustStore(1, 2)
		sleep(time.Second)
		began := time.Now()
		r.stop()
		wantEqual(t, "the stop took", time.Since(began).Round(time.Second), 15*time.Second)
		r.wantStates(4, 0, 2, 0)
		for n := range 6 {
			if job := r.db.job(n + 1); job.State == store.Waiting && (job.Failed.Count != 0 || job.Starts != 0) {
				t.Errorf("job %d has failed, or has been started: %+v", n+1, job)
			}
		}
	})
}

func TestAnIdleStopTakesNoTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		r := working(t, newFake(), Options{}, handler("h", b.handle))
		sleep(2500 * time.Millisecond)
		began := time.Now()
		r.stop()
		wantEqual(t, "the stop took", time.Since(began), 0)
		if err := r.store(1, 1); !worker.IsUnreachable(err) {
			t.Errorf("stored after the end: %v", err)
		}
	})
}

// An hour of nothing: a poll a second, and no more.
func TestAnIdleInboxDoesNotSpin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("a", b.handle), handler("b", b.handle))
		defer r.stop()
		sleep(time.Hour)
		if n := len(db.made()); n < 3600 || n > 3600*13/10 {
			t.Errorf("%d turns in an hour", n)
		}
	})
}
