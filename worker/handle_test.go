package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestASlowEventDoesNotDelayItsNeighbours(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{RoundTrip: 20 * time.Millisecond})
		files := r.upload(16)
		r.run(handler(func(_ context.Context, e events.Event) error {
			if e.FileID() == files[3] {
				time.Sleep(20 * time.Second)
			} else {
				time.Sleep(time.Millisecond)
			}
			return nil
		}), worker.Options{})
		r.sleepUntil(200 * time.Millisecond)
		r.wantStats(0, 1, 15)
		r.sleepUntil(20*time.Second + 100*time.Millisecond)
		r.wantStats(0, 0, 16)
		r.stop()
	})
}

func TestFailingEventsAreNotConfirmedAndComeBack(t *testing.T) {
	failures := map[string]func() error{
		"an error":   func() error { return errTest },
		"a panic":    func() error { panic("oh") },
		"a nil map":  func() error { counts := map[string]map[string]int{}; counts["a"]["b"]++; return nil },
		"permanent":  func() error { return worker.Permanent(errTest) },
		"an exit":    func() error { runtime.Goexit(); return nil },
		"retry late": func() error { return worker.RetryAfter(time.Minute, errTest) },
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := newRig(t, vodtest.Config{})
				files := r.upload(20)
				poison := []string{files[4], files[14]}
				var runs counter
				var broken atomic.Bool
				broken.Store(true)
				r.run(handler(func(_ context.Context, e events.Event) error {
					runs.add(e)
					if broken.Load() && slices.Contains(poison, e.FileID()) {
						return fail()
					}
					return nil
				}), worker.Options{})
				r.sleepUntil(time.Second)
				r.wantStats(0, 2, 18)
				r.sleepUntil(time.Minute + time.Second)
				r.wantStats(0, 2, 18)
				wantEqual(t, "runs of a failing event in 61 s", runs.of(poison[0]), 2)
				wantEqual(t, "runs of a neighbour", runs.of(files[5]), 1)
				broken.Store(false)
				r.sleepUntil(2 * time.Minute)
				r.wantStats(0, 0, 20)
				r.stop()
				if !bytes.Contains(r.log.Bytes(), []byte(`"handler failed`)) {
					t.Errorf("log: %s", r.log)
				}
			})
		})
	}
}

func TestAnEventIsConfirmedOnlyWhenAllItsHandlersHaveSucceeded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(1)
		tries := map[string]int{}
		r.run([]worker.Handler{
			{Name: "quick", Handle: succeed},
			{Name: "slow", Handle: func(context.Context, events.Event) error { time.Sleep(7 * time.Second); return nil }},
			{Name: "third time lucky", Types: []string{"New*"}, Handle: func(context.Context, events.Event) error {
				if tries["lucky"]++; tries["lucky"] < 3 {
					return errTest
				}
				return nil
			}},
			{Name: "other", Types: []string{"FileDeleted"}, Handle: func(context.Context, events.Event) error {
				t.Error("it does not want this event")
				return nil
			}},
		}, worker.Options{})
		r.sleepUntil(7*time.Second - 1)
		r.wantStats(0, 1, 0)
		r.sleepUntil(7*time.Second + time.Millisecond)
		r.wantStats(0, 0, 1)
		wantEqual(t, "tries", tries["lucky"], 3)
		r.stop()
	})
}

func TestUnmatchedEventsAreConfirmedAndLoggedOncePerType(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(40)
		for range 3 {
			if err := r.Send(0, []byte(`{"EventType":"Brand.New"}`)); err != nil {
				t.Fatal(err)
			}
		}
		handlers := handler(succeed)
		handlers[0].Types = []string{"FileDeleted"}
		r.run(handlers, worker.Options{})
		r.sleepUntil(time.Second)
		r.wantStats(0, 0, 43)
		r.stop()
		wantEqual(t, "lines", strings.Count(r.log.String(), "no handler wants"), 2)
	})
}

func TestOddElementsCostOnlyThemselves(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		src := &scripted{answers: []string{
			`[null, 5, {"EventType":"NewFileUpload"}, {"EventHandle":7,"EventType":"FileDeleted"},
			  {"EventHandle":"a","EventType":"NewFileUpload"}, {"EventHandle":"b"}, {"EventHandle":"c","EventType":9}]`,
			`[{"EventHandle":"d","EventType":"FileDeleted"}]`,
		}}
		var types []string
		w, err := worker.New(src, []worker.Handler{
			{Name: "all", Types: []string{"*"}, Handle: func(_ context.Context, e events.Event) error {
				types = append(types, e.Handle+":"+string(e.Type))
				return nil
			}},
			{Name: "uploads", Types: []string{"New*", "?*"}, Handle: func(_ context.Context, e events.Event) error {
				if e.Type == "" {
					t.Error("an event without a type matched a glob other than *")
				}
				return nil
			}},
		}, &worker.Options{Concurrency: 1})
		if err != nil {
			t.Fatal(err)
		}
		summary, err := w.Drain(t.Context(), worker.DrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "handled", strings.Join(types, " "), "a:NewFileUpload b: c: d:FileDeleted")
		wantEqual(t, "dropped", summary.Dropped, 4)
		wantEqual(t, "confirmed", strings.Join(src.confirmed, " "), "a b c d")
	})
}

// scripted is a Source that answers what it is told, and then holds polls that bring nothing.
type scripted struct {
	mu        sync.Mutex
	answers   []string
	confirmed []string
}

func (s *scripted) answer(more string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, more)
}

func (s *scripted) next() (answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	return answer
}

func (s *scripted) Pull(context.Context) (worker.Batch, error) {
	answer := s.next()
	if answer == "" {
		time.Sleep(5 * time.Second)
		return worker.Batch{}, nil
	}
	return worker.Batch{Events: events.Split([]byte(answer))}, nil
}

func (s *scripted) Confirm(_ context.Context, handles []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.confirmed = append(s.confirmed, handles...)
	return nil
}

func TestWhatVODSentReachesTheHandlerByteForByte(t *testing.T) {
	contents := []string{
		`{"EventType":"Unheard.Of","X":{"Big":9007199254740993,"s":"\u00e9\/"} , "n":null}`,
		`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":14508071098244959037,"Extra":[1.0,1e2]}}`,
	}
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		for _, content := range contents {
			if err := r.Send(0, []byte(content)); err != nil {
				t.Fatal(err)
			}
		}
		var bodies []string
		r.drain(handler(func(_ context.Context, e events.Event) error {
			bodies = append(bodies, string(e.Body()))
			return nil
		}), worker.Options{Concurrency: 1}, worker.DrainOptions{})
		wantEqual(t, "bodies", fmt.Sprint(bodies), fmt.Sprint(contents))
	})
}

func TestManyFailuresAreLoggedInPart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, vodtest.Config{})
		r.upload(500)
		n := 0
		r.run(handler(func(context.Context, events.Event) error {
			if n++; n%2 == 0 {
				return errors.New("odd")
			}
			return nil
		}), worker.Options{Concurrency: 1})
		r.sleepUntil(9 * time.Second)
		r.stop()
		wantEqual(t, "lines for 250 failures in 10 s", strings.Count(r.log.String(), `"odd"`), 10)
		wantEqual(t, "failed", r.worker.Status().Failed, 250)
	})
}
