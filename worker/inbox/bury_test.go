package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A told keeps what hooks tell.
type told struct {
	mu      sync.Mutex
	letters []worker.DeadLetter
	events  []events.Event

	outcomes []worker.Outcome
}

func (d *told) hooks() worker.Hooks {
	note := func(e events.Event) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.events = append(d.events, e)
	}
	return worker.Hooks{
		Handled: func(info worker.HandleInfo) {
			note(info.Event)
			d.mu.Lock()
			defer d.mu.Unlock()
			d.outcomes = append(d.outcomes, info.Outcome)
		},
		Left:      func(info worker.LeftInfo) { note(info.Event) },
		LeaseLost: func(info worker.LeaseInfo) { note(info.Event) },
		DeadLettered: func(letter worker.DeadLetter) {
			note(letter.Event)
			d.mu.Lock()
			defer d.mu.Unlock()
			d.letters = append(d.letters, letter)
		},
		Pulled:    func(worker.PullInfo) { panic("a turn is no call of the API") },
		Confirmed: func(worker.ConfirmInfo) { panic("a turn is no call of the API") },
	}
}

func (d *told) all() []worker.DeadLetter {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.letters)
}

var errBroken = errors.New("it broke")

// poison fails file 1, and no other.
func poison(err error) func(context.Context, events.Event) error {
	return func(_ context.Context, e events.Event) error {
		if e.FileID() == "1" {
			return err
		}
		return nil
	}
}

func TestAFailedEventRestsAndItsFailuresAreKnownToWhoRunsItNext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := working(t, db, Options{}, handler("h", poison(errBroken)))
		r.mustStore(2, 1)
		r.mustStore(1, 1)
		sleep(time.Second)
		job := db.job(2)
		if job.State != store.Waiting || job.Failed.Attempts != 1 || job.Failed.Count != 1 || job.Failed.Error != errBroken.Error() {
			t.Errorf("after one run: %+v", job)
		}
		sleep(20 * time.Second)
		wantEqual(t, "runs in 21 s", db.job(2).Run, 1)
		sleep(20 * time.Second)
		wantEqual(t, "runs in 41 s", db.job(2).Run, 2)
		r.stop()
		r = working(t, db, Options{}, handler("h", poison(errBroken)))
		defer r.stop()
		sleep(5 * time.Minute)
		if job = db.job(2); job.Failed.Attempts < 3 || job.Failed.First < 5*time.Minute {
			t.Errorf("after a restart: %+v", job.Failed)
		}
	})
}

func TestAnEventThatFailsTooOftenIsADeadLetterAndTheHandlerGoesOn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told told
		db := newFake()
		r := working(t, db, Options{Attempts: 3, Hooks: told.hooks()}, handler("h", poison(errBroken)))
		defer r.stop()
		r.mustStore(1, 1)
		for i := range 60 {
			r.mustStore(10+i, 1)
			sleep(10 * time.Second)
		}
		job := db.job(1)
		if job.State != store.Dead || job.Reason != string(worker.ReasonAttempts) || job.Failed.Attempts != 3 ||
			job.Failed.Error != errBroken.Error() {
			t.Errorf("the job: %+v", job)
		}
		r.wantStates(0, 0, 60, 1)
		letters := told.all()
		if len(letters) != 1 || letters[0].Event.Handle != "h1" || !slices.Equal(letters[0].Missing, []string{"h"}) {
			t.Errorf("letters: %+v", letters)
		}
	})
}

func TestALetterWaitsUntilItIsWritten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := newFake()
		r := working(t, db, Options{Attempts: 3}, handler("h", poison(worker.Permanent(errBroken))))
		defer r.stop()
		r.mustStore(2, 1)
		sleep(time.Second)
		db.breakBy(func(t store.Turn) fault {
			if len(t.Ends) > 0 {
				return failed
			}
			return none
		})
		_ = r.store(1, 1)
		sleep(time.Minute)
		wantEqual(t, "writing", r.Status().Handlers[0].Worker.Writing, 1)
		db.breakBy(nil)
		sleep(2 * time.Second)
		wantEqual(t, "dead-lettered", r.Status().Handlers[0].Worker.DeadLettered, 1)
		r.wantStates(0, 0, 1, 1)
	})
}

func TestWhatIsGivenUpInFrontOfTheInboxIsALetterOfIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := working(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		now := time.Now()
		write := func(n int, reason worker.Reason, missing ...string) {
			t.Helper()
			letter := worker.DeadLetter{
				Event: upload(t, n), Reason: reason, Missing: missing, LastError: "it broke", Attempts: 4,
				First: now.Add(-time.Hour), Last: now.Add(-time.Minute),
			}
			if err := r.DeadLetters().Write(t.Context(), letter); err != nil {
				t.Error(err)
			}
		}
		write(1, worker.ReasonAge, "inbox")
		write(2, worker.ReasonUnmatched)
		write(3, worker.ReasonLastTry, "inbox", "other")
		sleep(time.Second)
		wantEqual(t, "runs", strings.Join(b.all(), " "), "1")
		r.wantStates(0, 0, 1, 3)
		nobody, other := db.job(2), db.job(3)
		wantEqual(t, "handlers", nobody.Handler+","+other.Handler, ",other")
		wantEqual(t, "reasons", nobody.Reason+" "+other.Reason, "unmatched last_try")
		wantEqual(t, "failed first", other.Failed.First.Round(time.Second), time.Hour+time.Second)
		wantEqual(t, "attempts", other.Failed.Attempts, 4)
	})
}

func TestAnEventThatEndsProcessesIsTriedAloneAndThenGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told told
		var b book
		db := newFake()
		stuck := open(t, db, Options{}, handler("a", b.handle), handler("b", b.handle))
		stuck.mustStore(1, 6)
		stuck.stop()
		for n := range 12 {
			db.change(n+1, func(j *fakeJob) { j.Starts = store.Suspect })
		}
		var most, now atomic.Int32
		alone := func(ctx context.Context, e events.Event) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			return b.slowly(time.Minute)(ctx, e)
		}
		r := working(t, db, Options{Hooks: told.hooks()}, handler("a", alone), handler("b", alone))
		defer r.stop()
		sleep(30 * time.Second)
		wantEqual(t, "suspects at once", most.Load(), 1)
		sleep(15 * time.Minute)
		wantEqual(t, "suspects at once", most.Load(), 1)
		r.wantStates(0, 0, 12, 0)

		db.change(1, func(j *fakeJob) { j.State, j.Owner, j.Starts = store.Running, "gone", store.MaxStarts })
		sleep(10 * time.Second)
		r.wantStates(0, 0, 11, 1)
		letters := told.all()
		if len(letters) != 1 || letters[0].Reason != worker.ReasonCrashes || letters[0].Event.FileID() != "1" ||
			len(letters[0].Missing) != 1 {
			t.Errorf("letters: %+v", letters)
		}
		wantEqual(t, "lines", strings.Count(r.log.text(), "event given up, and written to the dead letters"), 1)
	})
}

func TestAHandlerThatIsDownDoesNotSpinAndComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var away atomic.Bool
		away.Store(true)
		db := newFake()
		var runs atomic.Int32
		r := working(t, db, Options{Concurrency: 16}, handler("h", func(context.Context, events.Event) error {
			runs.Add(1)
			if away.Load() {
				return worker.Unreachable(errBroken)
			}
			return nil
		}))
		defer r.stop()
		r.mustStore(1, 200)
		sleep(5 * time.Minute)
		before, ran := len(db.made()), runs.Load()
		sleep(time.Hour)
		for _, turn := range db.made()[before:] {
			for _, c := range turn.Claims {
				wantEqual(t, "those that failed least come first", c.Least, true)
			}
		}
		if n := len(db.made()) - before; n > 3600*15/10 {
			t.Errorf("%d turns in an hour of a handler that is down", n)
		}
		if n := runs.Load() - ran; n > 725 {
			t.Errorf("%d runs in an hour of a handler that is down", n)
		}
		away.Store(false)
		sleep(40 * time.Second)
		r.wantStates(0, 0, 200, 0)
	})
}

func TestHooksSeeEventsAsTheyWereStored(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told told
		db := newFake()
		r := working(t, db, Options{Hooks: told.hooks()}, handler("h", poison(worker.Permanent(errBroken))))
		defer r.stop()
		e := upload(t, 2)
		e.Handle = ""
		if err := r.Handler().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		sleep(time.Second)
		e = upload(t, 1)
		e.Handle = ""
		if err := r.Handler().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		sleep(time.Minute)
		told.mu.Lock()
		defer told.mu.Unlock()
		wantEqual(t, "events", len(told.events), 3)
		for _, e := range told.events {
			wantEqual(t, "handle", e.Handle, "")
		}
	})
}
