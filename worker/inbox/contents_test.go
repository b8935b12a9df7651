package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox/internal/store"
)

// A still is a store that tells what a test has put into it, and what it was asked for.
type still struct {
	store.Store
	jobs   []store.Job
	events []store.Event
	filter store.Filter
	asked  []any
	left   int
	err    error
}

func (s *still) List(_ context.Context, filter store.Filter) ([]store.Job, error) {
	s.filter = filter
	return s.jobs, s.err
}

func (s *still) Find(_ context.Context, id string, most int) ([]store.Event, error) {
	s.asked = append(s.asked, id, most)
	return s.events, s.err
}

func (s *still) Dead(_ context.Context, id string, bodies bool) ([]store.Event, error) {
	s.asked = append(s.asked, id, bodies)
	return s.events, s.err
}

func (s *still) Revive(_ context.Context, id string, handlers []string) (int, error) {
	s.asked = append(s.asked, id, handlers)
	return s.left, s.err
}

func (s *still) Settle(_ context.Context, id string, ends []store.DeadEnd) (int, error) {
	s.asked = append(s.asked, id, ends)
	return s.left, s.err
}

func (s *still) Purge(_ context.Context, id string) error {
	s.asked = append(s.asked, id)
	return s.err
}

func wantSame(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

func TestAJobSaysWhatItIsAtAndSinceWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		e := store.Event{ID: "id", App: 7, Type: "T", File: "f", Task: "t", Age: time.Hour}
		s := &still{jobs: []store.Job{
			{Handler: "a", State: store.Running, For: time.Minute, Owner: "host-1", Run: 2, Event: e},
			{Handler: "b", State: store.Waiting, For: -time.Minute, Run: 1, Failed: store.Failures{Attempts: 1, Count: 2, Error: "answered 500"}},
			{Handler: "c"}, {Handler: "d", State: store.Finished}, {State: store.Dead, Reason: "unmatched"},
		}}
		got, err := (&Contents{s}).List(t.Context(), "", "", 9)
		if err != nil {
			t.Fatal(err)
		}
		stored := Job{Stored: now}
		due, waiting, done, dead := stored, stored, stored, stored
		due.Handler, due.State, due.Since, due.Runs, due.Attempts, due.LastError = "b", Failed, now.Add(time.Minute), 1, 1, "answered 500"
		waiting.Handler, waiting.State, waiting.Since = "c", Waiting, now
		done.Handler, done.State, done.Since = "d", Done, now
		dead.State, dead.Since, dead.Reason = Dead, now, worker.ReasonUnmatched
		wantSame(t, "jobs", got, []Job{{
			ID: "id", App: 7, Type: "T", File: "f", Task: "t", Stored: now.Add(-time.Hour), Handler: "a",
			State: Running, Since: now.Add(-time.Minute), Process: "host-1", Runs: 2,
		}, due, waiting, done, dead})
	})
}

func TestAListLeavesOutWhatIsDoneUnlessItIsAskedFor(t *testing.T) {
	for state, want := range map[State]store.Filter{
		"":      {States: []store.State{store.Waiting, store.Running, store.Dead}},
		Waiting: {States: []store.State{store.Waiting}}, Failed: {States: []store.State{store.Waiting}, Failed: true},
		Running: {States: []store.State{store.Running}}, Done: {States: []store.State{store.Finished}}, Dead: {States: []store.State{store.Dead}},
	} {
		s := &still{}
		if _, err := (&Contents{s}).List(t.Context(), state, "h", 3); err != nil {
			t.Error(err)
		}
		want.Handler, want.Most = "h", 3
		wantSame(t, string(state), s.filter, want)
	}
	if _, err := (&Contents{&still{}}).List(t.Context(), "odd", "", 3); err == nil {
		t.Error("a state that does not exist is listed")
	}
}

// A letter is of an event: its handlers may have been given up at different times, for different reasons.
func TestALetterOfAnInboxIsAnEventWithWhatIsDeadOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		e := store.Event{ID: "key-1", App: 7, Type: "FileDeleted", File: "f", Task: "t", Handle: "h1", Body: []byte(`{"a": 1.10}`), Jobs: []store.Job{
			{Handler: "x", State: store.Dead, Reason: "permanent",
				Failed: store.Failures{Attempts: 1, Count: 4, First: 3 * time.Hour, Last: time.Hour, Error: "new"}},
			{Handler: "y", State: store.Dead, Reason: "attempts",
				Failed: store.Failures{Attempts: 5, Count: 5, First: 2 * time.Hour, Last: 2 * time.Hour, Error: "old"}},
		}}
		nobody := store.Event{ID: "n", Jobs: []store.Job{{State: store.Dead, For: time.Minute, Reason: "unmatched"}}}
		box := (&Contents{&still{events: []store.Event{e, nobody}}}).Letters()

		letter, err := box.Show(t.Context(), "key-1")
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "letter", letter, worker.DeadLetter{
			Event:  events.Event{SubAppID: 7, Handle: "h1", Type: "FileDeleted", Raw: json.RawMessage(`{"a": 1.10}`)},
			Reason: worker.ReasonPermanent, Missing: []string{"x", "y"}, LastError: "new", Attempts: 5,
			First: now.Add(-3 * time.Hour), Last: now.Add(-time.Hour),
		})
		entries, err := box.List(t.Context())
		if err != nil || len(entries) != 2 {
			t.Fatalf("%+v, %v", entries, err)
		}
		if got := entries[0]; got.Name != "key-1" || got.Key != "key" || got.File != "f" || got.Task != "t" || got.Handle != "h1" ||
			got.Type != "FileDeleted" || got.SubAppID != 7 || !got.Last.Equal(letter.Last) || got.LastError != "new" || got.Attempts != 5 {
			t.Errorf("listed %+v", got)
		}
		if got := entries[1]; len(got.Missing) != 0 || got.Missing == nil || !got.First.Equal(now.Add(-time.Minute)) || !got.Last.Equal(got.First) {
			t.Errorf("what nobody wanted: %+v", got)
		}
	})
}

func TestWhatHandlersDidToALetterIsToldToTheStore(t *testing.T) {
	s := &still{left: 2}
	box := (&Contents{s}).Letters()
	gone, err := box.Settle(t.Context(), "id", []worker.Outcome{
		{Handler: "a", Kind: worker.OK}, {Handler: "b", Kind: worker.Failed, Err: errors.New("no\x00 \xff" + strings.Repeat("x", 3000))},
		{Handler: "c", Kind: worker.Interrupted, Err: errors.New("stopped")},
	})
	if err != nil || gone {
		t.Errorf("gone: %v, %v", gone, err)
	}
	ends := s.asked[1].([]store.DeadEnd)
	if len(ends[1].Error) > maxError || !strings.HasPrefix(ends[1].Error, "no\uFFFD \uFFFDx") {
		t.Errorf("error: %q", ends[1].Error)
	}
	ends[1].Error = ""
	wantSame(t, "ends", ends, []store.DeadEnd{{Handler: "a", Done: true}, {Handler: "b"}, {Handler: "c"}})
	s.left = 0
	if gone, err := box.Settle(t.Context(), "id", nil); err != nil || !gone {
		t.Errorf("gone: %v, %v", gone, err)
	}
}

func TestALetterThatIsNotThereIsSaidSo(t *testing.T) {
	for _, name := range []string{"none", "\x00", "\xff", ""} {
		box := (&Contents{&still{err: store.ErrNone}}).Letters()
		_, shown := box.Show(t.Context(), name)
		_, requeued := box.Requeue(t.Context(), name, []string{"h"})
		for what, err := range map[string]error{"show": shown, "purge": box.Purge(t.Context(), name), "requeue": requeued} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s of %q: %v", what, name, err)
			}
		}
	}
	box := (&Contents{&still{}}).Letters()
	if _, err := box.Show(t.Context(), "alive"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an event of which nothing is dead: %v", err)
	}
}

func TestADatabaseThatFailsIsNoMissingLetter(t *testing.T) {
	failed := errors.New("connection refused")
	box := (&Contents{&still{err: failed}}).Letters()
	_, listed := box.List(t.Context())
	_, shown := box.Show(t.Context(), "id")
	_, settled := box.Settle(t.Context(), "id", nil)
	_, requeued := box.Requeue(t.Context(), "id", nil)
	for _, err := range []error{listed, shown, settled, requeued, box.Purge(t.Context(), "id")} {
		if !errors.Is(err, failed) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v", err)
		}
	}
}
