package inbox

import (
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func TestTheStatusTellsOfHandlersThatAreNotConfigured(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		old := open(t, db, Options{}, handler("old", b.handle), handler("new", b.handle))
		old.mustStore(1, 3)
		old.stop()
		db.change(1, func(j *fakeJob) { j.State = store.Dead })
		r := working(t, db, Options{}, handler("new", b.handle), handler("idle", b.handle))
		defer r.stop()
		sleep(11 * time.Second)
		s := r.Status()
		names := ""
		for _, h := range s.Handlers {
			names += h.Handler + " "
			wantEqual(t, h.Handler+" is configured", h.Configured, h.Handler != "old")
			if h.Handler == "old" {
				wantEqual(t, "waiting and dead", [2]int{h.Waiting, h.Dead}, [2]int{2, 1})
			}
		}
		wantEqual(t, "handlers", names, "new idle old ")
		wantEqual(t, "handled", s.Handlers[0].Worker.Handled, 3)
		if time.Since(s.At) > countEvery {
			t.Errorf("counted at %v", s.At)
		}
		sleep(10 * time.Minute)
		const warning = `"handler":"old","events":2,"message":"events wait in the inbox for a handler`
		wantEqual(t, "warnings", strings.Count(r.log.text(), warning), 1)
	})
}

func TestWhatIsDoneIsCleanedEachMinuteUntilNoMoreIsLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		sleep(time.Minute + 15*time.Second)
		r.stop()
		wantEqual(t, "portions", db.cleaned, 6)
	})
}

// At VOD's ceiling 1,600 events a second become old, and 500 are a portion.
func TestCleaningGoesOnWhileThereIsMore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		db.endless = true
		r := working(t, db, Options{}, handler("h", (&book{}).handle))
		sleep(10 * time.Minute)
		r.stop()
		if perSecond := db.cleaned / 600; perSecond < 9 {
			t.Errorf("%d portions a second", perSecond)
		}
	})
}
