package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// batches returns how many handles each ConfirmEvents call had, and when it was sent.
func (r *rig) batches() (sizes []int, at []time.Duration) {
	for _, call := range r.callsOf("ConfirmEvents") {
		sizes = append(sizes, len(call.Handles))
		at = append(at, call.Start.Sub(r.begin))
	}
	return sizes, at
}

func TestConfirmsAreSentTogether(t *testing.T) {
	tests := map[string]struct {
		events int
		handle func(n int) time.Duration // how long the n-th event takes
		sizes  []int
		at     []time.Duration
	}{
		"at once when nothing else is in flight": {
			1, func(int) time.Duration { return time.Second },
			[]int{1}, []time.Duration{time.Second},
		},
		"as soon as a batch is full": {
			16, func(int) time.Duration { return time.Second },
			[]int{16}, []time.Duration{time.Second},
		},
		"after 100 ms while others are being handled": {
			4, func(n int) time.Duration { return []time.Duration{1000, 1050, 1090, 9000}[n] * time.Millisecond },
			[]int{3, 1}, []time.Duration{1100 * time.Millisecond, 9 * time.Second},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				files := r.upload(test.events)
				r.run(handler(func(_ context.Context, e events.Event) error {
					time.Sleep(test.handle(slices.Index(files, e.FileID())))
					return nil
				}), worker.Options{})
				r.sleepUntil(20 * time.Second)
				sizes, at := r.batches()
				wantEqual(t, "batches", fmt.Sprint(sizes), fmt.Sprint(test.sizes))
				wantEqual(t, "sent at", fmt.Sprint(at), fmt.Sprint(test.at))
				r.stop()
			})
		})
	}
}

func TestConfirmDoesNotLingerIntoTheMargin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		files := r.upload(2)
		r.run(handler(func(ctx context.Context, e events.Event) error {
			if e.FileID() == files[0] {
				time.Sleep(20 * time.Second)
				return nil
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil
		}), worker.Options{Linger: 10 * time.Second})
		r.sleepUntil(29 * time.Second)
		_, at := r.batches()
		wantEqual(t, "sent at", fmt.Sprint(at), "[25s 26s]")
		r.wantStats(0, 0, 2)
		r.stop()
	})
}

func TestUnderBacklogConfirmsAreFullAndOverlap(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: time.Second})
		r.upload(3200)
		begin := time.Now()
		r.drain(handler(func(_ context.Context, e events.Event) error {
			time.Sleep(time.Duration(len(e.FileID())) * 10 * time.Millisecond)
			return nil
		}), worker.Options{Concurrency: 1700}, worker.DrainOptions{})
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("3,200 events took %v: one call at a time would take 200 s", took)
		}
		if calls := len(r.callsOf("ConfirmEvents")); calls > 220 {
			t.Errorf("%d calls confirm 3,200 events, want about 200", calls)
		}
	})
}

func TestAFailedConfirmIsSentAgain(t *testing.T) {
	for _, fault := range []vodtest.Fault{
		{Kind: vodtest.FaultBadGateway}, {Code: "InternalError"}, {Kind: vodtest.FaultReset}, {Kind: vodtest.FaultHang},
		{Kind: vodtest.FaultOdd}, {Code: "RequestLimitExceeded"},
	} {
		for _, after := range []bool{false, true} {
			fault.Action, fault.First, fault.After = "ConfirmEvents", 1, after
			t.Run(fault.String(), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					r := newRig(t, vodtest.Config{})
					files := r.upload(16)
					r.Script(fault)
					var runs counter
					r.run(handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil }), worker.Options{})
					r.sleepUntil(10 * time.Second)
					r.wantStats(0, 0, 16)
					r.sleepUntil(time.Minute)
					for _, file := range files {
						wantEqual(t, "runs", runs.of(file), 1)
					}
					status := r.worker.Status()
					wantEqual(t, "unsettled", status.Confirming, 0)
					wantEqual(t, "confirmed", status.Confirmed, 16)
					r.stop()
				})
			})
		}
	}
}

func TestARefusedHandleDoesNotKeepTheOthersFromBeingConfirmed(t *testing.T) {
	const allOrNothing, reconfirm, keepHandle = "all or nothing", "reconfirm", "keep handle"
	for name, on := range combinations(allOrNothing, reconfirm, keepHandle) {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{AllOrNothing: on[allOrNothing], Reconfirm: on[reconfirm], KeepHandle: on[keepHandle]})
				r.upload(16)
				src := &forger{Source: emulated.Queue{Emulator: r.Emulator}, index: 7}
				w, err := worker.New(src, handler(succeed), nil)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				if err := w.Run(ctx); err != nil {
					t.Fatal(err)
				}
				r.wantStats(0, 1, 15)
				s := w.Status()
				wantEqual(t, "unconfirmed", s.Unconfirmed, 1+16-1-s.Confirmed)
				most := 17
				if !on[allOrNothing] && !on[reconfirm] { // every handle is refused from then on: it could be the API
					most = 90
				}
				if calls := len(r.callsOf("ConfirmEvents")); calls > most {
					t.Errorf("%d calls", calls)
				}
			})
		})
	}
}

// forger spoils one handle of the first batch.
type forger struct {
	worker.Source
	index int
	once  sync.Once
}

func (f *forger) Pull(ctx context.Context) (worker.Batch, error) {
	batch, err := f.Source.Pull(ctx)
	if len(batch.Events) > f.index {
		f.once.Do(func() { batch.Events[f.index].Handle += "x" })
	}
	return batch, err
}

func TestAHandleIsNotSentAfterItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3)
		r.Script(vodtest.Fault{Action: "ConfirmEvents", Code: "InternalError"})
		var runs counter
		handlers := handler(func(_ context.Context, e events.Event) error {
			runs.add(e)
			time.Sleep(20 * time.Second)
			return nil
		})
		r.run(handlers, worker.Options{})
		r.sleepUntil(30*time.Second + time.Millisecond)
		wantEqual(t, "unconfirmed", r.worker.Status().Unconfirmed, 3)
		first := r.callsOf("PullEvents")[0].Handles
		for _, call := range r.callsOf("ConfirmEvents") {
			at := call.Start.Sub(r.begin)
			if at >= 30*time.Second && slices.ContainsFunc(call.Handles, func(h string) bool { return slices.Contains(first, h) }) {
				t.Errorf("a handle was sent at %v", at)
			}
		}
		r.Script()
		r.sleepUntil(2 * time.Minute)
		r.wantStats(0, 0, 3)
		r.stop()
	})
}

func TestAConfirmCallIsCutOffAfter5SecondsAndAtItsLastLease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		r.Script(vodtest.Fault{Action: "ConfirmEvents", Kind: vodtest.FaultHang})
		r.run(handler(func(context.Context, events.Event) error { time.Sleep(22 * time.Second); return nil }), worker.Options{})
		r.sleepUntil(31 * time.Second)
		var took []time.Duration
		for _, call := range r.callsOf("ConfirmEvents") {
			took = append(took, call.Took)
		}
		if len(took) != 2 || took[0] != 5*time.Second || took[1] >= 3*time.Second || took[1] < 2*time.Second {
			t.Errorf("calls took %v, want 5 s and what is left of the lease then", took)
		}
		r.Script()
		r.sleepUntil(2 * time.Minute)
		r.stop()
	})
}

func TestNothingIsPulledWhileConfirmingFails(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(3000)
		r.Script(vodtest.Fault{Action: "ConfirmEvents", Code: "InternalError"})
		r.run(handler(succeed), worker.Options{})
		r.sleepUntil(10 * time.Second)
		before := r.Stats(0).Delivered
		r.sleepUntil(29 * time.Second)
		wantEqual(t, "events pulled in 19 s", r.Stats(0).Delivered-before, 0)
		if before > 1024 {
			t.Errorf("%d events were pulled that could not be confirmed", before)
		}
		// When the leases are over nothing waits any more, so a few more are pulled.
		r.sleepUntil(59 * time.Second)
		r.Script()
		r.sleepUntil(2 * time.Minute)
		r.wantStats(0, 0, 3000)
		r.stop()
		wantEqual(t, "recovered", strings.Count(r.log.String(), "confirm events recovered"), 1)
	})
}

func TestHooksTellWhatHappens(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		e := vodtest.New(vodtest.Config{RoundTrip: 200 * time.Millisecond})
		file := e.Upload(0, "a.mp4")
		var pulled []worker.PullInfo
		var handled []worker.HandleInfo
		var confirmed []worker.ConfirmInfo
		w, err := worker.New(emulated.Queue{Emulator: e}, handler(func(context.Context, events.Event) error {
			time.Sleep(3 * time.Second)
			return nil
		}), &worker.Options{Hooks: worker.Hooks{
			Pulled:    func(info worker.PullInfo) { pulled = append(pulled, info) },
			Handled:   func(info worker.HandleInfo) { handled = append(handled, info) },
			Confirmed: func(info worker.ConfirmInfo) { confirmed = append(confirmed, info) },
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Drain(t.Context(), worker.DrainOptions{}); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "pulled", fmt.Sprint(len(pulled[0].Events), pulled[0].Took, pulled[0].Err), "1 200ms <nil>")
		wantEqual(t, "handled", fmt.Sprint(handled[0].Event.FileID() == file, handled[0].Outcome.Kind,
			handled[0].Outcome.Tries, handled[0].Outcome.Took), "true ok 1 3s")
		wantEqual(t, "confirmed", fmt.Sprint(len(confirmed[0].Events), confirmed[0].Took, confirmed[0].LeaseLeft, confirmed[0].Err),
			"1 200ms [26.6s] <nil>")
	})
}
