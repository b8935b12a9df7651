package inbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func TestALetterFromInFrontOfTheInboxIsKeptForEachOfItsHandlers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		defer r.stop()
		write := func(n int, missing ...string) {
			t.Helper()
			letter := worker.DeadLetter{Event: upload(t, n), Reason: worker.ReasonLastTry, Missing: missing, LastError: "it broke"}
			if err := r.DeadLetters().Write(t.Context(), letter); err != nil {
				t.Error(err)
			}
		}
		write(1, "inbox", "other")
		r.wantStates(0, 0, 0, 2) // h would never see it
		r.mustStore(2, 1)
		write(2, "other") // the event is there already, for h
		r.wantStates(1, 0, 0, 3)
		write(2, "other")
		r.wantStates(1, 0, 0, 3)
	})
}

func TestALetterIsNotWaitedForWhenTheInboxIsClosed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		k, batch := r.pullOne()
		r.stop()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		if err := k.bury(ctx, worker.DeadLetter{Event: batch.Events[0], Missing: []string{"h"}}); err == nil {
			t.Error("it is said to be written")
		}
		wantEqual(t, "it took", time.Since(began), 0)
	})
}

func TestNoHandlersSuspectsWaitForAnothersForEver(t *testing.T) {
	h := newHub(zerolog.Nop(), worker.Hooks{})
	busy, calm := &keeper{hub: h, handler: handler("busy", nil), most: 9}, &keeper{hub: h, handler: handler("calm", nil), most: 9}
	h.keepers = []*keeper{busy, calm}
	served := 0
	for turnOf := range 20 {
		for _, k := range h.keepers {
			k.asks, k.ripe = nil, true
			if k == busy || turnOf%2 == 0 {
				k.asks = []*ask{{of: k}}
			}
		}
		made := &turn{}
		h.takeAsks(made)
		if c := made.Claims[0]; c.Handler == "calm" && c.Suspect {
			served++
		}
	}
	if served == 0 {
		t.Error("in 10 turns the calm one's suspects had none")
	}
}

func TestTurnsGoOnWhileNobodyCanSayWhatIsDead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		defer r.stop()
		r.mustStore(1, 8)
		sleep(30 * time.Second)
		db.hideDead()
		for n := range 8 {
			db.change(n+1, func(j *fakeJob) { j.State, j.Owner, j.Starts = store.Running, "gone", store.MaxStarts })
		}
		before := len(db.made())
		sleep(store.Silence)
		if n := len(db.made()) - before; n < 3 {
			t.Errorf("%d turns in 20 s", n)
		}
		sleep(10 * time.Second)
		wantEqual(t, "lines", strings.Count(r.log.text(), "event given up, and written to the dead letters"), 8)
	})
}

func TestNobodyIsTakenForDeadSoonAfterTheClockJumped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		defer r.stop()
		sleep(time.Minute)
		db.mu.Lock()
		db.jumps = true
		db.mu.Unlock()
		sleep(6 * time.Second)
		before := len(db.made())
		sleep(13 * time.Second)
		wantEqual(t, "who is dead was asked soon after", gaveBack(db.made()[before:]), 0)
		sleep(13 * time.Second)
		if gaveBack(db.made()[before:]) == 0 {
			t.Error("it was not asked for ever")
		}
	})
}

func TestASuspectThatHangsDoesNotKeepTheOthersForEver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := open(t, db, Options{}, handler("h", (&book{}).handle))
		r.mustStore(1, 3)
		r.stop()
		for n := range 3 {
			db.change(n+1, func(j *fakeJob) { j.Starts = store.Suspect })
		}
		hung := make(chan struct{})
		r = working(t, db, Options{}, handler("h", func(_ context.Context, e events.Event) error {
			if e.FileID() == "1" {
				<-hung
			}
			return nil
		}))
		sleep(59 * time.Minute)
		r.wantStates(2, 1, 0, 0)
		sleep(10 * time.Minute)
		r.wantStates(0, 1, 2, 0)
		close(hung)
		sleep(time.Second)
		r.wantStates(0, 0, 3, 0)
		r.stop()
	})
}
