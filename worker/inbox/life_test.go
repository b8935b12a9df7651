package inbox

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func TestALifeThatIsLostEndsItsRunsAndCountsItsSuccesses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		stubborn, obedient := make(chan struct{}), make(chan error, 2)
		first := true
		var again atomic.Int32
		var told told
		r := working(t, db, Options{Hooks: told.hooks()},
			worker.Handler{Name: "again", Handle: func(ctx context.Context, e events.Event) error {
				if again.Add(1) == 1 {
					return worker.RetryAfter(35*time.Second, errBroken) // it is over by then
				}
				return (&book{}).slowly(time.Minute)(ctx, e)
			}},
			handler("stubborn", func(context.Context, events.Event) error { <-stubborn; return nil }),
			worker.Handler{Name: "obedient", Handle: func(ctx context.Context, _ events.Event) error {
				if first {
					first = false
					<-ctx.Done()
					obedient <- context.Cause(ctx)
					return ctx.Err()
				}
				obedient <- nil
				return nil
			}})
		defer r.stop()
		r.mustStore(1, 1)
		sleep(30 * time.Second)
		old := r.id()
		db.kill(t, old)
		db.change(2, func(j *fakeJob) { j.at = j.at.Add(time.Hour) }) // nobody begins the stubborn one's anew
		sleep(10 * time.Second)
		if r.id() == old {
			t.Error("the process goes on under its old id")
		}
		if err := <-obedient; !errors.Is(err, errLost) {
			t.Errorf("cause: %v", err)
		}
		close(stubborn)
		sleep(10 * time.Second)
		if err := <-obedient; err != nil {
			t.Error(err)
		}
		r.wantStates(0, 1, 2, 0)
		sleep(2 * time.Minute)
		r.wantStates(0, 0, 3, 0)
		wantEqual(t, "runs of what was to be tried again", again.Load(), 2)
		wantEqual(t, "attempts", db.job(3).Failed.Attempts, 0)
		for _, o := range told.outcomes {
			if o.Handler == "obedient" && o.Kind != worker.OK && (o.Kind != worker.Interrupted || o.Tries > 1) {
				t.Errorf("outcome of what was cancelled: %+v", o)
			}
		}
		joined := time.Time{}
		for i, turn := range db.made() {
			if turn.Me != old && turn.Join {
				joined = db.when[i]
			}
			if turn.Me != old && turn.GiveBack && db.when[i].Sub(joined) < store.Silence {
				t.Errorf("a new life calls others dead after %v", db.when[i].Sub(joined))
			}
		}
		wantEqual(t, "lines", strings.Count(r.log.text(), "did not reach the inbox for so long"), 1)
	})
}

func TestAFailureOfALostLifeChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		wait := make(chan struct{})
		r := working(t, db, Options{}, handler("h", func(context.Context, events.Event) error { <-wait; return errBroken }))
		defer r.stop()
		r.mustStore(1, 1)
		sleep(time.Second)
		db.kill(t, r.id())
		db.change(1, func(j *fakeJob) { j.State, j.Owner, j.Run = store.Running, "another", 2 })
		db.mu.Lock()
		db.processes["another"] = time.Now().Add(time.Hour)
		db.mu.Unlock()
		sleep(10 * time.Second)
		close(wait)
		sleep(10 * time.Second)
		job := db.job(1)
		if job.State != store.Running || job.Owner != "another" || job.Failed.Count != 0 {
			t.Errorf("the job: %+v", job)
		}
	})
}

func TestOnlyWhoReachesTheDatabaseWithoutAGapCallsOthersDead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := working(t, db, Options{}, handler("h", (&book{}).handle))
		defer r.stop()
		sleep(19 * time.Second)
		wantEqual(t, "in the first 19 s", gaveBack(db.made()), 0)
		sleep(10 * time.Second)
		if gaveBack(db.made()) == 0 {
			t.Error("none in 29 s")
		}
		db.breakBy(always(failed))
		sleep(15 * time.Second)
		db.breakBy(nil)
		before := gaveBack(db.made())
		for _, turn := range db.made() {
			if turn.GiveBack {
				before = gaveBack(db.made())
			}
		}
		sleep(19 * time.Second)
		wantEqual(t, "in 19 s after an outage", gaveBack(db.made())-before, 0)
		sleep(10 * time.Second)
		if gaveBack(db.made()) == before {
			t.Error("none in 29 s after an outage")
		}
	})
}

func TestADeadProcessLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		dead := open(t, db, Options{}, handler("h", b.handle))
		dead.mustStore(1, 3)
		dead.hub.keepers[0].signal = t.Context()
		if batch, err := dead.hub.keepers[0].Pull(t.Context()); err != nil || len(batch.Events) != 3 {
			t.Fatalf("%+v, %v", batch, err)
		}
		dead.hub.endHard() // as kill -9: nothing reaches the database any more
		dead.stop()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		sleep(10 * time.Second)
		wantEqual(t, "runs while it may live", len(b.all()), 0)
		sleep(20 * time.Second)
		wantEqual(t, "runs", len(b.all()), 3)
		r.wantStates(0, 0, 3, 0)
		wantEqual(t, "attempts", db.job(1).Failed.Attempts, 0)
	})
}

func TestASuccessThatWasNotWrittenRunsAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		dead := working(t, db, Options{}, handler("h", b.handle))
		db.breakBy(func(t store.Turn) fault {
			if len(t.Ends) > 0 {
				return failed
			}
			return none
		})
		dead.mustStore(1, 1)
		sleep(time.Second)
		dead.cancel()
		sleep(30 * time.Second)
		dead.Close()
		wantEqual(t, "lines", strings.Count(dead.log.text(), "could not be written to the inbox"), 1)
		db.breakBy(nil)
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		sleep(30 * time.Second)
		wantEqual(t, "runs", len(b.all()), 2)
	})
}
