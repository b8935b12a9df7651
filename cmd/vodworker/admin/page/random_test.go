package page

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A queue is that of an emulator, called without HTTP, which fails now and then: before a call takes effect, or after.
type queue struct {
	metricstest.Queue
	chance func(float64) bool
}

func (q queue) Pull(ctx context.Context) (worker.Batch, error) {
	batch, err := q.Queue.Pull(ctx)
	if len(batch.Events) > 0 && q.chance(0.05) {
		return worker.Batch{}, errTest
	}
	return batch, err
}

func (q queue) Confirm(ctx context.Context, handles []string) error {
	if q.chance(0.2) {
		return errTest
	}
	err := q.Queue.Confirm(ctx, handles)
	if err == nil && q.chance(0.2) {
		return errTest
	}
	return err
}

// Handlers, calls and letters fail, hang, or fail though they took effect: each delivery counts once, each byte that is held does, and
// nothing is open of an event that is done.
func TestTheNumbersAreExactWhateverHappens(t *testing.T) {
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) {
			dice, held := rand.New(rand.NewPCG(seed, 1)), make(chan bool, 1)
			chance := func(p float64) bool {
				held <- true
				defer func() { <-held }()
				return dice.Float64() < p
			}
			handle := func(ctx context.Context, e events.Event) error {
				switch {
				case chance(0.02):
					time.Sleep(50 * time.Second)
				case chance(0.05):
					<-ctx.Done()
					return ctx.Err()
				case chance(0.1):
					return errTest
				case chance(0.02):
					return worker.Permanent(errTest)
				}
				return nil
			}
			bury := func(context.Context, worker.DeadLetter) error {
				switch {
				case chance(0.1):
					time.Sleep(40 * time.Second)
				case chance(0.1):
					return errTest
				}
				return nil
			}
			h, lost := NewHistory(0), atomic.Uint64{}
			emulator := vodtest.New(vodtest.Config{})
			w, err := worker.New(queue{metricstest.Queue{Emulator: emulator}, chance}, []worker.Handler{{Name: "a", Handle: handle}, {Name: "b", Handle: handle}}, &worker.Options{
				Concurrency: 8, DeadLetters: &worker.DeadLetters{Attempts: 3, Write: bury},
				Hooks: h.Worker().Join(worker.Hooks{LeaseLost: func(info worker.LeaseInfo) {
					if info.Stage != worker.StageWaiting {
						lost.Add(1)
					}
				}}),
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- w.Run(ctx) }()
			defer func() { <-ended }()
			defer stop()
			for second := range 1800 {
				if second < 600 && second%3 == 0 {
					emulator.Upload(0, fmt.Sprintf("%d.mp4", second))
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if !h.isExact(t) {
					t.Fatalf("seed %d, after %d s", seed, second)
				}
			}
			stop()
			synctest.Wait()
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, l := range h.lives() {
				if l.outcome.isOpen() || l.outcome == InFlight {
					t.Errorf("seed %d: %s since %v", seed, l.outcome, l.last)
				}
			}
			if done := int(h.totals[Confirmed] + h.totals[GivenUp]); h.lost.times != lost.Load() || done < w.Status().Confirmed || emulator.Stats(0).Waiting > 0 {
				t.Errorf("seed %d: %d leases are lost, want %d; %d events are done, want %d", seed, h.lost.times, lost.Load(), done, w.Status().Confirmed)
			}
		})
	}
}

// isExact compares what is counted with what is there.
func (h *History) isExact(t *testing.T) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	there := map[*life]bool{}
	for _, l := range h.lives() {
		there[l] = true
	}
	for _, f := range h.flight {
		there[f.life] = true
	}
	bytes, deliveries := 0, uint64(0)
	for l := range there {
		bytes += l.held
		if l.counted == "" {
			deliveries++
		}
	}
	for _, n := range h.totals {
		deliveries += n
	}
	if bytes != h.bytes || deliveries != h.received {
		t.Errorf("%d bytes are held, and %d counted; %d deliveries, and %d", bytes, h.bytes, deliveries, h.received)
	}
	return !t.Failed()
}
