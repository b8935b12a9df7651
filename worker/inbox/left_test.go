package inbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

func TestWhatARunHasLeftIsHandledByTheNextOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, late := range []error{nil, errBroken} {
			var b book
			stubborn := make(chan error)
			first := true
			r := open(t, newFake(), Options{Concurrency: 1, StopGrace: time.Second},
				handler("h", func(ctx context.Context, e events.Event) error {
					if first {
						first = false
						return <-stubborn
					}
					return b.handle(ctx, e)
				}))
			r.mustStore(1, 2)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := r.Run(ctx); err != nil {
				t.Error(err)
			}
			cancel()
			sleep(time.Second)
			r.wantStates(1, 1, 0, 0) // it still runs
			go func() { stubborn <- late }()
			sleep(2 * time.Second)
			if _, err := r.Drain(t.Context(), worker.DrainOptions{}); err != nil {
				t.Error(err)
			}
			r.wantStates(0, 0, 2, 0)
			want := "2"
			if late != nil {
				want = "2 1"
			}
			wantEqual(t, "runs", strings.Join(b.all(), " "), want)
			r.stop()
		}
	})
}

func TestASecondRunDoesNotDisturbTheFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		r := working(t, newFake(), Options{}, handler("h", b.handle))
		sleep(time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Run(ctx); err == nil {
			t.Error("it ran twice")
		}
		if _, err := r.Drain(ctx, worker.DrainOptions{}); err == nil {
			t.Error("it ran, and was drained")
		}
		sleep(time.Second)
		k := r.hub.keepers[0]
		r.hub.mu.Lock()
		if k.draining || k.signal.Err() != nil {
			t.Error("the first Run is as the second was to be")
		}
		r.hub.mu.Unlock()
		r.stop()
	})
}

// A turn that takes 9 s has not failed; a drain that was not answered meanwhile does not know that the inbox is empty.
func TestADrainDoesNotTakeASlowDatabaseForAnEmptyOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := open(t, db, Options{}, handler("h", b.handle))
		defer r.stop()
		r.mustStore(1, 3)
		db.breakBy(always(slow))
		go func() { _ = r.store(10, 1) }()
		sleep(100 * time.Millisecond)
		if _, err := r.Drain(t.Context(), worker.DrainOptions{}); err != nil {
			t.Error(err)
		}
		db.breakBy(nil)
		sleep(20 * time.Second)
		r.wantStates(0, 0, 4, 0)
	})
}

func TestAHandleThatLooksLikeOneOfOursIsHandedOnAsItIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		got := make(chan string, 1)
		r := working(t, newFake(), Options{}, handler("h", func(_ context.Context, e events.Event) error {
			got <- e.Handle
			return nil
		}))
		defer r.stop()
		e := upload(t, 1)
		e.Handle = "inbox:1.1"
		if err := r.Handler().Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "handle", <-got, "inbox:1.1")
	})
}

func TestWhatIsClaimedForARunThatHasEndedIsHandledByTheNextOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var b book
		db := newFake()
		r := open(t, db, Options{StopGrace: time.Second}, handler("h", b.slowly(30*time.Second)))
		run := func(d time.Duration) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			if err := r.Run(ctx); err != nil {
				t.Error(err)
			}
		}
		db.breakBy(once(slow, func(t store.Turn) bool { return len(t.Events) > 0 }))
		go func() { time.Sleep(time.Second); _ = r.store(1, 2) }()
		run(1500 * time.Millisecond) // the turn with its claim has begun, and outlasts it
		r.wantStates(0, 0, 0, 0)
		run(time.Minute)
		r.wantStates(0, 0, 2, 0)
		wantEqual(t, "runs", strings.Join(slices.Sorted(slices.Values(b.all())), " "), "1 2") // side by side
		r.stop()
	})
}
