package letters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// bury writes n letters that miss handler h, and returns their names.
func bury(t *testing.T, n int) (*letters.Dir, []string) {
	t.Helper()
	store, _ := newStore(t)
	for i := range n {
		write(t, store, letterOf(strings.Replace(uploadJSON, "5285890784273533167", fmt.Sprint(i), 1), "h"))
	}
	return store, names(list(t, store))
}

type handleFunc = func(context.Context, events.Event) error

// handlers returns a router of one try each, for handlers that want uploads.
func handlers(t *testing.T, handle map[string]handleFunc) *worker.Router {
	t.Helper()
	var all []worker.Handler
	for name, h := range handle {
		all = append(all, worker.Handler{Name: name, Types: []string{"NewFileUpload"}, Handle: h, Retry: worker.Retry{Tries: 1}})
	}
	router, err := worker.NewRouter(all)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func replayOf(t *testing.T, store letters.Store, handle handleFunc) letters.Replay {
	t.Helper()
	return letters.Replay{Store: store, Router: handlers(t, map[string]handleFunc{"h": handle})}
}

func succeeds(context.Context, events.Event) error { return nil }

func wantReplayed(t *testing.T, got, want letters.Replayed) {
	t.Helper()
	if got != want {
		t.Errorf("replayed %+v, want %+v", got, want)
	}
}

func TestHandlersOfALetterHaveTheTimeOfAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, all := bury(t, 1)
		replay := replayOf(t, store, func(ctx context.Context, _ events.Event) error {
			deadline, _ := ctx.Deadline()
			if left := time.Until(deadline); left != 25*time.Second {
				t.Errorf("%v of handling time", left)
			}
			return nil
		})
		wantReplayed(t, replay.Run(t.Context(), all), letters.Replayed{Gone: 1})
	})
}

// A signal interrupts what runs and starts no more, but what had succeeded by then is written down.
func TestAStoppedReplayKeepsWhatSucceeded(t *testing.T) {
	store, all := bury(t, 5)
	ctx, signal := context.WithCancel(t.Context())
	var calls atomic.Int64
	replay := replayOf(t, store, func(ctx context.Context, _ events.Event) error {
		switch calls.Add(1) {
		case 2:
			signal()
			return nil
		case 3:
			t.Error("one more was started")
		}
		return nil
	})
	replay.Concurrency = 1
	wantReplayed(t, replay.Run(ctx, all), letters.Replayed{Gone: 2, NotRun: 3})
	if left := list(t, store); len(left) != 3 {
		t.Errorf("%d letters are left, want 3", len(left))
	}
}

func TestReplaysAtOnceEndWithNothingLeft(t *testing.T) {
	store, all := bury(t, 20)
	var calls atomic.Int64
	done := make(chan letters.Replayed)
	for range 3 {
		replay := replayOf(t, store, func(context.Context, events.Event) error { calls.Add(1); return nil })
		replay.Concurrency = 4
		go func() { done <- replay.Run(t.Context(), all) }()
	}
	for range 3 {
		wantReplayed(t, <-done, letters.Replayed{Gone: 20})
	}
	if left := list(t, store); len(left) != 0 {
		t.Errorf("%d letters are left", len(left))
	}
	if n := calls.Load(); n < 20 {
		t.Errorf("%d calls for 20 letters", n)
	}
}

func TestNoMoreLettersRunAtOnceThanAskedFor(t *testing.T) {
	for asked, want := range map[int]int64{1: 1, 3: 3, 0: 64} {
		synctest.Test(t, func(t *testing.T) {
			buried := int(want) + 6
			store, all := bury(t, buried)
			var running atomic.Int64
			finish := make(chan struct{})
			replay := replayOf(t, store, func(context.Context, events.Event) error {
				running.Add(1)
				defer running.Add(-1)
				<-finish
				return nil
			})
			replay.Concurrency = asked
			done := make(chan letters.Replayed)
			go func() { done <- replay.Run(t.Context(), all) }()
			synctest.Wait()
			if got := running.Load(); got != want {
				t.Errorf("asked for %d: %d run at once", asked, got)
			}
			close(finish)
			wantReplayed(t, <-done, letters.Replayed{Gone: buried})
		})
	}
}

// There are handlers a and b, which want uploads alone.
func TestOnlyWhatIsMissingAndStillWantedRuns(t *testing.T) {
	const unwanted = `{"EventHandle":"h1","EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["7"]}}`
	for name, test := range map[string]struct {
		content string
		missing []string
		ran     []string
		left    []string // what is missing now; nil: the letter is gone
		log     string
	}{
		"one of two":            {uploadJSON, []string{"b"}, []string{"b"}, nil, ""},
		"nobody wanted it":      {uploadJSON, nil, []string{"a", "b"}, nil, ""},
		"nobody wants it":       {unwanted, nil, nil, []string{}, "no handler wants events of this type, the letter stays"},
		"no such handler":       {uploadJSON, []string{"a", "x"}, []string{"a"}, []string{"x"}, "there is no such handler any more"},
		"no longer wants these": {unwanted, []string{"a"}, nil, []string{"a"}, "the handler no longer wants events of this type"},
	} {
		t.Run(name, func(t *testing.T) {
			store, _ := newStore(t)
			write(t, store, letterOf(test.content, test.missing...))
			ran := make(chan string, 2)
			handle := func(name string) handleFunc {
				return func(context.Context, events.Event) error { ran <- name; return nil }
			}
			var log bytes.Buffer
			replay := letters.Replay{
				Store: store, Router: handlers(t, map[string]handleFunc{"a": handle("a"), "b": handle("b")}), Log: zerolog.New(&log),
			}
			want := letters.Replayed{Gone: 1}
			if test.left != nil {
				want = letters.Replayed{Left: 1}
			}
			wantReplayed(t, replay.Run(t.Context(), names(list(t, store))), want)
			close(ran)
			var got []string
			for name := range ran {
				got = append(got, name)
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.ran, got); diff != "" {
				t.Errorf("ran: -want +got:\n%s", diff)
			}
			for _, entry := range list(t, store) {
				if diff := cmp.Diff(test.left, entry.Missing); diff != "" {
					t.Errorf("missing: -want +got:\n%s", diff)
				}
			}
			if !strings.Contains(log.String(), test.log) {
				t.Errorf("log:\n%s", log.String())
			}
		})
	}
}

func TestALetterThatIsGoneIsReplayed(t *testing.T) {
	store, _ := newStore(t)
	replay := replayOf(t, store, succeeds)
	wantReplayed(t, replay.Run(t.Context(), []string{"x.json"}), letters.Replayed{Gone: 1})
}

// A stubbornStore has letters that can't be shown, or settled.
type stubbornStore struct {
	letters.Store
	show, settle error
}

func (s stubbornStore) Show(ctx context.Context, name string) (worker.DeadLetter, error) {
	if s.show != nil {
		return worker.DeadLetter{}, s.show
	}
	return s.Store.Show(ctx, name)
}

func (s stubbornStore) Settle(ctx context.Context, _ string, _ []worker.Outcome) (bool, error) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 5*time.Second {
		return false, errors.New("settling has no end")
	}
	return false, s.settle
}

func TestALetterIsLeftWhileItCannotBeSettled(t *testing.T) {
	full := errors.New("no space left")
	for name, test := range map[string]struct {
		show, settle, handler error
		log                   string
	}{
		"can't be read": {full, nil, nil, `{"level":"warn","letter":"NAME","error":"no space left","message":"letter left as it is"}`},
		"can't be written": {nil, full, nil, `{"level":"error","letter":"NAME","error":"no space left",` +
			`"message":"what succeeded could not be written down: it will run again"}`},
		"fails": {nil, nil, errors.New("answered 500"), `{"level":"warn","letter":"NAME","handler":"h","outcome":"failed",` +
			`"tries":1,"error":"answered 500","message":"handler failed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			store, all := bury(t, 1)
			handle := func(context.Context, events.Event) error { return test.handler }
			replay := replayOf(t, stubbornStore{store, test.show, test.settle}, handle)
			var log bytes.Buffer
			replay.Log = zerolog.New(&log)
			wantReplayed(t, replay.Run(t.Context(), all), letters.Replayed{Left: 1})
			want := strings.Replace(test.log, "NAME", all[0], 1) + "\n" +
				`{"level":"info","gone":0,"left":1,"message":"dead letters replayed"}` + "\n"
			if diff := cmp.Diff(want, log.String()); diff != "" {
				t.Errorf("log: -want +got:\n%s", diff)
			}
		})
	}
}

func TestAStoppedReplaySaysWhatItHasNotRun(t *testing.T) {
	store, all := bury(t, 2)
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("terminated"))
	replay := replayOf(t, store, succeeds)
	var log bytes.Buffer
	replay.Log = zerolog.New(&log)
	wantReplayed(t, replay.Run(ctx, all), letters.Replayed{NotRun: 2})
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"level": "info", "message": "dead letters replayed", "gone": 0., "left": 0., "not_run": 2., "why": "terminated",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
