package letters_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

func TestSettlingTakesAwayOnlyWhatSucceeded(t *testing.T) {
	for name, test := range map[string]struct {
		missing   []string
		outcomes  []worker.Outcome
		want      []string // nil: the letter is gone
		lastError string
	}{
		"all":               {[]string{"a", "b"}, []worker.Outcome{outcome("b", worker.OK, ""), outcome("a", worker.OK, "")}, nil, ""},
		"some":              {[]string{"a", "b"}, []worker.Outcome{outcome("a", worker.OK, ""), outcome("b", worker.Failed, "new")}, []string{"b"}, "new"},
		"rejected":          {[]string{"a"}, []worker.Outcome{outcome("a", worker.Rejected, "new")}, []string{"a"}, "new"},
		"expired":           {[]string{"a"}, []worker.Outcome{outcome("a", worker.Expired, "new")}, []string{"a"}, "new"},
		"interrupted":       {[]string{"a"}, []worker.Outcome{outcome("a", worker.Interrupted, "new")}, []string{"a"}, "answered 500"},
		"not run":           {[]string{"a", "b"}, []worker.Outcome{outcome("a", worker.OK, "")}, []string{"b"}, "answered 500"},
		"nothing":           {[]string{"a"}, nil, []string{"a"}, "answered 500"},
		"unmatched":         {nil, nil, []string{}, "answered 500"},
		"unmatched, all":    {nil, []worker.Outcome{outcome("a", worker.OK, "")}, nil, ""},
		"unmatched, some":   {nil, []worker.Outcome{outcome("a", worker.OK, ""), outcome("b", worker.Failed, "new")}, []string{"b"}, "new"},
		"succeeded earlier": {[]string{"b"}, []worker.Outcome{outcome("a", worker.Failed, "new"), outcome("b", worker.OK, "")}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			store, _ := newStore(t)
			letter := letterOf(uploadJSON, test.missing...)
			write(t, store, letter)
			gone, err := store.Settle(t.Context(), letter.Event.Key()+".json", test.outcomes)
			if err != nil {
				t.Fatal(err)
			}
			entries := list(t, store)
			if gone != (test.want == nil) || len(entries) != map[bool]int{true: 0, false: 1}[gone] {
				t.Fatalf("gone is %v, and %d letters are left", gone, len(entries))
			}
			if gone {
				return
			}
			if diff := cmp.Diff(test.want, entries[0].Missing); diff != "" {
				t.Errorf("missing: -want +got:\n%s", diff)
			}
			if entries[0].LastError != test.lastError || !entries[0].First.Equal(noon) {
				t.Errorf("left: %+v", entries[0])
			}
			if renewed := entries[0].Last.After(letter.Last); renewed != (test.lastError == "new") {
				t.Errorf("last failure is %v", entries[0].Last)
			}
		})
	}
}

func TestALetterThatIsGoneIsSettled(t *testing.T) {
	store, _ := newStore(t)
	gone, err := store.Settle(t.Context(), "x.json", []worker.Outcome{outcome("a", worker.Failed, "no")})
	if !gone || err != nil {
		t.Errorf("got %v, %v", gone, err)
	}
	if got := names(list(t, store)); len(got) != 0 {
		t.Errorf("letters %q", got)
	}
}

// Each replay is a process of its own, so each has its own Dir.
func TestReplaysAtOnceLoseNothingOfEachOther(t *testing.T) {
	_, dir := newStore(t)
	const handlers, events = 8, 5
	var missing []string
	for i := range handlers {
		missing = append(missing, fmt.Sprint("h", i))
	}
	var all []string
	for i := range events {
		letter := letterOf(strings.Replace(uploadJSON, "5285890784273533167", fmt.Sprint(i), 1), append(missing, "last")...)
		write(t, openStore(t, dir), letter)
		all = append(all, letter.Event.Key()+".json")
	}
	var replays sync.WaitGroup
	for _, handler := range missing {
		store := openStore(t, dir)
		for _, name := range all {
			replays.Go(func() {
				if gone, err := store.Settle(t.Context(), name, []worker.Outcome{outcome(handler, worker.OK, "")}); gone || err != nil {
					t.Errorf("gone is %v, %v", gone, err)
				}
			})
		}
	}
	replays.Wait()
	for _, entry := range list(t, openStore(t, dir)) {
		if diff := cmp.Diff([]string{"last"}, entry.Missing); diff != "" {
			t.Errorf("missing: %s", diff)
		}
	}
}

func TestReadersSeeWholeLettersWhileWorkersWriteAndReplaysSettle(t *testing.T) {
	_, dir := newStore(t)
	const writers, rounds = 4, 25
	name := letterOf(uploadJSON).Event.Key() + ".json"
	var busy sync.WaitGroup
	for i := range writers {
		store := openStore(t, dir)
		letter := letterOf(uploadJSON, "a", "b")
		letter.First = noon.Add(-time.Duration(i) * time.Hour)
		letter.LastError = strings.Repeat(fmt.Sprint(i), 2000)
		busy.Go(func() {
			for range rounds {
				if err := store.Write(t.Context(), letter); err != nil {
					t.Error(err)
				}
				if _, err := store.Settle(t.Context(), name, []worker.Outcome{outcome("a", worker.OK, "")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { busy.Wait(); close(written) }()
	for reader := openStore(t, dir); ; {
		for _, entry := range list(t, reader) {
			if entry.Err != nil || entry.LastError != strings.Repeat(entry.LastError[:1], 2000) {
				t.Fatalf("read %+v", entry)
			}
		}
		select {
		case <-written:
			entry := list(t, reader)[0]
			if first := noon.Add(-(writers - 1) * time.Hour); !entry.First.Equal(first) {
				t.Errorf("first failure %v, want %v", entry.First, first)
			}
			return
		default:
		}
	}
}

func TestAChangeWaitsForTheLockAsLongAsItsContextLasts(t *testing.T) {
	store, dir := newStore(t)
	other := openStore(t, dir)
	unlock, err := other.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	letter := letterOf(uploadJSON, "a")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := store.Write(ctx, letter); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	if _, err := letters.NewDir(dir); err != nil {
		t.Errorf("a start must not wait for the lock: %v", err)
	}
	done := make(chan error)
	go func() { done <- store.Write(t.Context(), letter) }()
	unlock()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
