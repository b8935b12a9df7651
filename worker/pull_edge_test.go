package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// A limiter refuses at once to wait beyond a deadline that it knows of: polls must not learn of it, or they spin.
func TestPollsDoNotSpinBeforeADeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			time.Sleep(10 * time.Millisecond)
			return batch(fmt.Sprint(n)), nil
		}}
		w, err := worker.New(src, handler(succeed), &worker.Options{Limiter: newLimiter(t, 1)})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		summary, err := w.Drain(t.Context(), worker.DrainOptions{MaxDuration: 2900 * time.Millisecond})
		wantEqual(t, "error", err, nil)
		wantSummary(t, summary, worker.Summary{Pulled: 3, Handled: 3, Confirmed: 3, Limited: true})
		wantEqual(t, "took", time.Since(begin), 2900*time.Millisecond)
	})
}

func TestPollsThatFailTogetherPauseOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		var last, longest time.Duration
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			at := time.Since(begin)
			mu.Lock()
			longest, last = max(longest, at-last), at
			mu.Unlock()
			time.Sleep(500 * time.Millisecond)
			if at > 3*time.Second && at < 3500*time.Millisecond {
				return worker.Batch{}, errTest // some fifty polls
			}
			return numbered(fmt.Sprint(n), 16), nil
		}}
		runFor(t, 20*time.Second, src, handler(succeed), worker.Options{Concurrency: 1700})
		if longest > 2*time.Second {
			t.Errorf("after half a second of errors polling paused for %v", longest)
		}
	})
}

func TestEventsEndThePause(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		var at []string
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			mu.Lock()
			at = append(at, time.Since(begin).Round(10*time.Millisecond).String())
			mu.Unlock()
			switch n {
			case 1, 3:
				time.Sleep(time.Duration(n-1) * 50 * time.Millisecond)
				return numbered(fmt.Sprint(n), 16), nil
			case 2:
				return worker.Batch{}, worker.ErrFatal // a pause of 30 s
			}
			return nothing()
		}}
		runFor(t, 4*time.Second, src, handler(succeed), worker.Options{})
		if got := strings.Join(at, " "); !strings.HasPrefix(got, "0s 10ms 20ms 120ms") {
			t.Errorf("polls at %s", got)
		}
	})
}

func TestAnAnswerWasHeldIfItTookASecond(t *testing.T) {
	for took, held := range map[time.Duration]bool{999 * time.Millisecond: false, time.Second: true} {
		inBubble(t, func(t *testing.T) {
			src := &source{pull: func(context.Context, int) (worker.Batch, error) {
				time.Sleep(took)
				return worker.Batch{}, nil
			}}
			runFor(t, time.Minute, src, handler(succeed), worker.Options{})
			if n := src.pulls.Load(); (n >= 60) != held {
				t.Errorf("%d polls in a minute of answers that took %v", n, took)
			}
		})
	}
}

func TestAnswersWithTooManyEventsOrOneTwice(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &source{
			pull: func(_ context.Context, n int) (worker.Batch, error) {
				switch n {
				case 1:
					return numbered("many", 100), nil
				case 2:
					return batch("twice", "twice"), nil
				}
				return nothing()
			},
			confirm: func(_ context.Context, handles []string) error {
				if len(handles) > worker.MaxBatch {
					t.Errorf("%d handles in a call", len(handles))
				}
				return nil
			},
		}
		var runs counter
		status := runFor(t, 20*time.Second, src, handler(func(_ context.Context, e events.Event) error {
			runs.add(e)
			time.Sleep(10 * time.Millisecond)
			return nil
		}), worker.Options{Concurrency: 1})
		wantSummary(t, status.Summary, worker.Summary{Pulled: 101, Handled: 17, Confirmed: 17, Left: 84})
		wantEqual(t, "runs of the one that is listed twice", runs.of("twice"), 1)
	})
}

func TestTheLeaseOfASourceThatDoesNotSayBeginsWithTheCall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		begin := time.Now()
		src := &source{pull: func(_ context.Context, n int) (worker.Batch, error) {
			if n == 1 {
				time.Sleep(3 * time.Second)
				return batch("a"), nil
			}
			return nothing()
		}}
		var deadline atomic.Int64
		runFor(t, 5*time.Second, src, handler(func(ctx context.Context, _ events.Event) error {
			at, _ := ctx.Deadline()
			deadline.Store(int64(at.Sub(begin)))
			return nil
		}), worker.Options{})
		wantEqual(t, "deadline", time.Duration(deadline.Load()), 25*time.Second)
	})
}

// Elements without a handle can neither be handled nor confirmed, however many there are, and one that is repeated is one.
func TestAnAnswerWithoutUsableElementsCountsAsEmpty(t *testing.T) {
	noHandle := worker.Batch{Events: []events.Event{{Raw: []byte("null")}, {Raw: []byte("{}")}}}
	for drops := range 17 {
		answer := worker.Batch{Events: slices.Repeat(noHandle.Events, drops)}
		inBubble(t, func(t *testing.T) {
			src := &source{pull: func(context.Context, int) (worker.Batch, error) { return answer, nil }}
			status := runFor(t, time.Minute, src, handler(succeed), worker.Options{})
			if n := src.pulls.Load(); n < 10 || n > 60 {
				t.Errorf("%d polls in a minute of answers with %d such elements", n, 2*drops)
			}
			wantEqual(t, "dropped", status.Dropped, 2*drops*int(src.pulls.Load()))
		})
		inBubble(t, func(t *testing.T) {
			src := &source{pull: func(context.Context, int) (worker.Batch, error) { return answer, nil }}
			w, err := worker.New(src, handler(succeed), nil)
			if err != nil {
				t.Fatal(err)
			}
			summary, err := w.Drain(t.Context(), worker.DrainOptions{MaxDuration: time.Hour})
			wantSummary(t, summary, worker.Summary{Dropped: 2 * drops * 3})
			wantEqual(t, "error", err, nil)
		})
	}
}
