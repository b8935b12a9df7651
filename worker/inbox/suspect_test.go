package inbox

import (
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// Each of them is run alone. Were the next one found by a poll, they would take a second each.
func TestManySuspectsAreOverSoonWhicheverHandlersTheyAre(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const n = 60
		db := newFake()
		var a, b, c book
		never := func(h worker.Handler) worker.Handler {
			h.Types = []string{"none"}
			return h
		}
		handlers := []worker.Handler{never(handler("a", a.handle)), handler("b", b.slowly(10*time.Millisecond)), never(handler("c", c.handle))}
		r := open(t, db, Options{}, handlers...)
		r.mustStore(1, n)
		r.stop()
		for i := range n {
			db.change(i+1, func(j *fakeJob) { j.Starts = store.Suspect })
		}
		r = working(t, db, Options{}, handlers...)
		defer r.stop()
		sleep(5 * time.Second)
		r.wantStates(0, 0, n, 0)
	})
}

// A claim has not looked for what becomes due while it goes on.
func TestWhatBecomesDueDuringAClaimIsClaimedNext(t *testing.T) {
	h, suspect := newHub(zerolog.Nop(), worker.Hooks{}), &run{}
	k := &keeper{hub: h, handler: handler("h", nil), most: 9, asks: []*ask{{}}, ripe: true}
	h.keepers, h.suspect = []*keeper{k}, suspect
	asks, most := k.next()
	h.end(&outcome{of: suspect, to: store.Finished})
	k.claimed(asks, nil, most, time.Now())
	if asks, _ := k.next(); len(asks) == 0 {
		t.Error("the next suspect waits for a poll")
	}
	k.claimed(asks, nil, most, time.Now())
	if asks, _ := k.next(); len(asks) > 0 {
		t.Error("it is claimed though nothing has become due")
	}
}

func TestAClaimOfATurnThatFailedIsPartOfTheNext(t *testing.T) {
	h := newHub(zerolog.Nop(), worker.Hooks{})
	k := &keeper{hub: h, handler: handler("h", nil), most: 9, asks: []*ask{{}}, ripe: true}
	h.keepers = []*keeper{k}
	failed := h.collect(time.Now(), true)
	wantEqual(t, "claims", len(failed.Claims), 1)
	h.fail(failed, errAway, time.Now())
	wantEqual(t, "claims of the next", len(h.collect(time.Now(), true).Claims), 1)
}
