package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A registry answers ConfirmEvents: it refuses calls whole, for a dead handle among them, or all while it is unwell.
type registry struct {
	mu        sync.Mutex
	calls     [][]string
	at        []time.Time
	confirmed map[string]bool
	dead      map[string]bool
	unwell    func() error // nil, or what it answers with
}

func (r *registry) confirm(_ context.Context, handles []string) error {
	time.Sleep(20 * time.Millisecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls, r.at = append(r.calls, handles), append(r.at, time.Now())
	if r.unwell != nil {
		if err := r.unwell(); err != nil {
			return err
		}
	}
	for _, handle := range handles {
		if r.dead[handle] {
			return fmt.Errorf("InvalidParameterValue.EventHandles: %w", worker.ErrRefused)
		}
	}
	for _, handle := range handles {
		r.confirmed[handle] = true
	}
	return nil
}

// alone counts the calls with one handle, most with those of one batch at once.
func (r *registry) alone() (n int) {
	for _, handles := range r.calls {
		if len(handles) == 1 {
			n++
		}
	}
	return n
}

func newRegistry(dead ...string) *registry {
	r := &registry{confirmed: map[string]bool{}, dead: map[string]bool{}}
	for _, handle := range dead {
		r.dead[handle] = true
	}
	return r
}

// fullAnswers answers so many pulls with full batches, and then with nothing.
func fullAnswers(answers int) func(context.Context, int) (worker.Batch, error) {
	return func(_ context.Context, n int) (worker.Batch, error) {
		time.Sleep(20 * time.Millisecond)
		if n <= answers {
			return numbered(fmt.Sprint(n), worker.MaxBatch), nil
		}
		return nothing()
	}
}

func TestDeadHandlesCostOnlyThemselvesWhereverTheyAre(t *testing.T) {
	for dead := range 6 {
		inBubble(t, func(t *testing.T) {
			var handles []string
			for i := range dead {
				handles = append(handles, fmt.Sprint("1-", i)) // the first of the batch
			}
			api := newRegistry(handles...)
			src := &source{pull: fullAnswers(3), confirm: api.confirm}
			status := runFor(t, 15*time.Second, src, handler(succeed), worker.Options{})
			wantSummary(t, status.Summary, worker.Summary{Pulled: 48, Handled: 48, Confirmed: 48 - dead, Unconfirmed: dead})
			wantEqual(t, "confirmed", len(api.confirmed), 48-dead)
			if n := len(api.calls); n > 60 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// All calls are refused for a while. It makes no storm: three handles alone every two seconds.
func TestWhenAllIsRefusedItIsTheAPIAndNotTheHandles(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		api := newRegistry()
		api.unwell = func() error {
			if time.Since(begin) < 20*time.Second {
				return fmt.Errorf("FailedOperation: %w", worker.ErrRefused)
			}
			return nil
		}
		src := &source{pull: fullAnswers(1000), confirm: api.confirm}
		var runs counter
		count := handler(func(_ context.Context, e events.Event) error { runs.add(e); return nil })
		w, err := worker.New(src, count, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		time.AfterFunc(19*time.Second, func() {
			api.mu.Lock()
			defer api.mu.Unlock()
			if n := w.Status().Pulled; n < 64 || n > 1024+80 {
				t.Errorf("%d events were pulled that could not be confirmed", n)
			}
			if n := api.alone(); n == 0 || n > 3*20/2 {
				t.Errorf("%d calls with a handle alone", n)
			}
			if err := w.Status().Failing; err == nil || errors.Is(err, worker.ErrRefused) || !strings.Contains(err.Error(), "FailedOperation") {
				t.Errorf("failing: %v", err)
			}
		})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		s := w.Status()
		if s.Unconfirmed > 0 || s.Confirmed != s.Handled || s.Handled < 5000 {
			t.Errorf("%+v", s.Summary)
		}
		wantEqual(t, "runs of the first", runs.of("1-0"), 1)
	})
}

func TestHandlesAreSentAloneBehindFullBatchesAndOneBatchAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		api := newRegistry("1-5", "2-5")
		src := &source{pull: fullAnswers(6), confirm: api.confirm}
		begin := time.Now()
		runFor(t, 15*time.Second, src, handler(func(context.Context, events.Event) error {
			time.Sleep(time.Until(begin.Add(2 * time.Second))) // so that all are ready at once
			return nil
		}), worker.Options{Concurrency: 96, Limiter: newLimiter(t, 20)})
		of := map[string]int{} // by handle: which full batch it was in
		var order []int        // of the batches whose handles were sent alone
		for i, handles := range api.calls {
			wantEqual(t, fmt.Sprintf("call %d is of a full batch", i+1), len(handles) == worker.MaxBatch, i < 6)
			for _, handle := range handles {
				if i < 6 {
					of[handle] = i
				} else {
					order = append(order, of[handle])
				}
			}
		}
		if inTurn := slices.Compact(slices.Clone(order)); len(inTurn) > 2 || len(order) < 16 {
			t.Errorf("handles were sent alone of the batches %v", order)
		}
		wantEqual(t, "confirmed", len(api.confirmed), 94)
	})
}

// A handle that is refused alone is given up at once, and its success remembered, even if a call before had no answer.
func TestAHandleThatIsRefusedAloneIsGivenUp(t *testing.T) {
	for _, lost := range []bool{false, true} {
		inBubble(t, func(t *testing.T) {
			api := newRegistry("first")
			if lost {
				api.unwell = func() error {
					if len(api.calls) == 1 {
						return errTest
					}
					return nil
				}
			}
			src := &source{confirm: api.confirm, pull: func(_ context.Context, n int) (worker.Batch, error) {
				b := batch("file")
				switch n {
				case 1:
					b.Events[0].Handle = "first"
					return b, nil
				case 2:
					time.Sleep(31 * time.Second) // it was not confirmed after all
					b.Leased = time.Now()
					return b, nil
				}
				return nothing()
			}}
			var runs counter
			status := runFor(t, 40*time.Second, src, handler(func(_ context.Context, e events.Event) error {
				runs.add(e)
				return nil
			}), worker.Options{})
			wantEqual(t, "runs", runs.of("file"), 1)
			wantEqual(t, "calls with the first handle", len(api.calls)-1, map[bool]int{false: 1, true: 2}[lost])
			want := worker.Summary{Pulled: 2, Handled: 2, Confirmed: 1, Unconfirmed: 1}
			if lost { // most likely that call had taken effect, and nobody has to see to anything
				want.Confirmed, want.Unconfirmed = 2, 0
			}
			wantSummary(t, status.Summary, want)
		})
	}
}
