package vodtest

import (
	"math/rand/v2"
	"testing"
	"time"
)

const fourDays = 4 * 24 * time.Hour

func TestAnEventThatWaitsIsDroppedAfterFourDays(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		time.Sleep(time.Hour)
		send(t, e, `{"N":2}`)
		time.Sleep(fourDays - time.Hour - 1)
		if got := e.Stats(appID); got.Waiting != 2 || got.Dropped != 0 {
			t.Errorf("just before: Stats are %+v", got)
		}
		time.Sleep(time.Nanosecond)
		if got := e.Stats(appID); got.Waiting != 1 || got.Dropped != 1 {
			t.Errorf("Stats are %+v", got)
		}
		if events := pull(t, e, appID); len(events) != 1 || events[0].N != 2 {
			t.Errorf("Pull brought %+v", events)
		}
	})
}

func TestAnEventIsNoYoungerForComingAgain(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		send(t, e, `{"N":1}`)
		deliveries := 0
		for start := time.Now(); time.Since(start) < fourDays; time.Sleep(time.Hour) {
			deliveries += len(pull(t, e, appID))
		}
		if got := e.Stats(appID); deliveries != 96 || got.Dropped != 1 || got.Waiting+got.InFlight != 0 || got.Expired != 96 {
			t.Errorf("%d deliveries, Stats are %+v", deliveries, got)
		}
	})
}

func TestAnEventThatIsPulledButNotConfirmedIsDroppedToo(t *testing.T) {
	for _, duplicate := range []bool{false, true} {
		bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
			send(t, e, `{"N":1}`)
			time.Sleep(fourDays - 10*time.Second)
			handle := pullOne(t, e)
			if duplicate {
				e.Duplicate(appID, 1)
			}
			time.Sleep(10 * time.Second)
			if got := e.Stats(appID); got.Dropped != 1 || got.Waiting+got.InFlight != 0 || got.Expired != 0 {
				t.Errorf("duplicate %v: Stats are %+v", duplicate, got)
			}
			if items := e.Queued(appID); len(items) != 0 {
				t.Errorf("duplicate %v: queued are %+v", duplicate, items)
			}
			wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "InvalidParameterValue")
			time.Sleep(time.Minute)
			if events := pull(t, e, appID); len(events) != 0 {
				t.Errorf("duplicate %v: Pull brought %+v", duplicate, events)
			}
		})
	}
}

func TestAConfirmedEventIsNotDropped(t *testing.T) {
	for _, reconfirm := range []bool{false, true} {
		bubble(t, Config{Hold: -1, Reconfirm: reconfirm}, func(t *testing.T, e *Emulator) {
			send(t, e, `{}`)
			time.Sleep(fourDays - 10*time.Second)
			handle := pullOne(t, e)
			wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
			time.Sleep(10 * time.Second)
			if reconfirm {
				wantCode(t, e.Confirm(t.Context(), appID, []string{handle}), "")
			}
			time.Sleep(time.Hour)
			if got := e.Stats(appID); got.Dropped != 0 || got.Confirmed != 1 {
				t.Errorf("Stats are %+v", got)
			}
			if kept := e.app(appID).queue.kept.Len(); kept != 0 {
				t.Errorf("%d events are kept", kept)
			}
		})
	}
}

func TestTheRetentionCanBeChosen(t *testing.T) {
	bubble(t, Config{Retention: time.Minute}, func(t *testing.T, e *Emulator) {
		send(t, e, `{}`)
		pullOne(t, e)
		start := time.Now()
		at(40*time.Second, func() { pullOne(t, e) })
		time.Sleep(58 * time.Second)
		if events := pull(t, e, appID); len(events) != 0 { // parked while the event is dropped
			t.Errorf("Pull brought %+v", events)
		}
		wantElapsed(t, start, 63*time.Second)
		if got := e.Stats(appID); got.Dropped != 1 || got.InFlight != 0 {
			t.Errorf("Stats are %+v", got)
		}
	})
}

// Whatever happens to a queue, each event is in one place, and the counts add up.
func TestNoEventIsLostOrCountedTwice(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		cfg := Config{
			Hold: -1, Window: 30 * time.Second, Retention: 3 * time.Minute,
			AllOrNothing: rng.IntN(2) == 0, Reconfirm: rng.IntN(2) == 0, KeepHandle: rng.IntN(2) == 0,
		}
		bubble(t, cfg, func(t *testing.T, e *Emulator) {
			var handles []string
			for range 300 {
				switch rng.IntN(6) {
				case 0, 1:
					send(t, e, `{}`)
				case 2:
					for _, event := range pull(t, e, appID) {
						handles = append(handles, event.EventHandle)
					}
				case 3:
					if len(handles) > 0 {
						i := rng.IntN(len(handles))
						_ = e.Confirm(t.Context(), appID, handles[i:min(len(handles), i+rng.IntN(4)+1)])
					}
				case 4:
					e.Duplicate(appID, rng.IntN(3))
					e.Shuffle(appID, seed)
				case 5:
					time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
				}
				got, queued, q := e.Stats(appID), e.Queued(appID), &e.app(appID).queue
				switch kept := q.kept.Len(); {
				case got.Waiting+got.InFlight != kept || len(queued) != kept || got.Sent != got.Confirmed+got.Dropped+kept:
					t.Fatalf("seed %d: %d are kept, %d queued, Stats are %+v", seed, kept, len(queued), got)
				case len(q.live) > q.leased.Len():
					t.Fatalf("seed %d: %d handles are known, of %d leases", seed, len(q.live), q.leased.Len())
				}
			}
			time.Sleep(cfg.Retention)
			if got, q := e.Stats(appID), &e.app(appID).queue; q.kept.Len()+q.leased.Len()+len(q.live) > 0 ||
				got.Sent != got.Confirmed+got.Dropped {
				t.Fatalf("seed %d: after all: %d are kept, of %d leases, Stats are %+v", seed, q.kept.Len(), q.leased.Len(), got)
			}
		})
	}
}
