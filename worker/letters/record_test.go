package letters_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/letters"
)

// record has next be kept, and returns what was kept before.
func record(t *testing.T, store *letters.Dir, next []byte) (kept []byte) {
	t.Helper()
	if err := store.Record(t.Context(), func(was []byte) []byte { kept = was; return next }); err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestWhatIsKnownOfFailuresIsKeptOverReopening(t *testing.T) {
	store, dir := newStore(t)
	if got := record(t, store, []byte("one")); got != nil {
		t.Errorf("at first %q was kept", got)
	}
	if got := record(t, openStore(t, dir), []byte("two")); string(got) != "one" {
		t.Errorf("kept %q", got)
	}
	if got := record(t, store, nil); string(got) != "two" {
		t.Errorf("kept %q", got)
	}
	if got := record(t, store, nil); got != nil {
		t.Errorf("nothing is %q", got)
	}
	if got := names(list(t, store)); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
	if diff := cmp.Diff([]string{".failures", ".lock"}, files(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNoChangeOfARecordIsLost(t *testing.T) {
	_, dir := newStore(t)
	const changes = 50
	var busy sync.WaitGroup
	for range 4 {
		store := openStore(t, dir)
		busy.Go(func() {
			for range changes {
				if err := count(store); err != nil {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
	if got := len(record(t, openStore(t, dir), nil)); got != 4*changes {
		t.Errorf("%d changes are kept, want %d", got, 4*changes)
	}
}

func TestARecordThatStaysAsItIsIsNotWritten(t *testing.T) {
	store, dir := newStore(t)
	same := func(kept []byte) []byte { return kept }
	must(t, store.Record(t.Context(), same))
	if diff := cmp.Diff([]string{".lock"}, files(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	record(t, store, []byte("abc"))
	before, err := os.Stat(filepath.Join(dir, ".failures"))
	must(t, err)
	must(t, store.Record(t.Context(), same))
	after, err := os.Stat(filepath.Join(dir, ".failures"))
	must(t, err)
	if !os.SameFile(before, after) {
		t.Error("it was written again")
	}
	must(t, store.Record(t.Context(), func(kept []byte) []byte { return append(kept[:0], "xyz"...) })) // in place
	if got := record(t, store, nil); string(got) != "xyz" {
		t.Errorf("kept %q", got)
	}
}

func TestARecordIsNotWaitedForByTheDisk(t *testing.T) {
	store, _ := newStore(t)
	store.SyncWith(func(*os.File) error { return errors.New("synced") })
	record(t, store, []byte("abc"))
}

func TestARecordThatCannotBeUsedIsReplaced(t *testing.T) {
	for what, plant := range map[string]func(path string) error{
		"too long": func(path string) error { return os.WriteFile(path, make([]byte, 16<<20+1), 0o600) },
		"a link":   func(path string) error { return os.Symlink("other", path) },
		"empty":    func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		store, dir := newStore(t)
		must(t, os.WriteFile(filepath.Join(dir, "other"), []byte("abc"), 0o600))
		must(t, plant(filepath.Join(dir, ".failures")))
		if got := record(t, store, []byte("new")); got != nil {
			t.Errorf("%s: %d bytes were kept", what, len(got))
		}
		if got := record(t, store, nil); string(got) != "new" {
			t.Errorf("%s: kept %q then", what, got)
		}
		if other, err := os.ReadFile(filepath.Join(dir, "other")); string(other) != "abc" {
			t.Errorf("%s: the other file has %q, %v", what, other, err)
		}
	}
}

func TestARecordThatIsTooLongLeavesTheOldOne(t *testing.T) {
	store, _ := newStore(t)
	record(t, store, []byte("old"))
	err := store.Record(t.Context(), func([]byte) []byte { return make([]byte, 16<<20+1) })
	if err == nil || !strings.Contains(err.Error(), "record failures: 16777217 bytes, of which 16 MiB can be kept") {
		t.Errorf("got %v", err)
	}
	if got := record(t, store, make([]byte, 16<<20)); string(got) != "old" {
		t.Errorf("kept %q", got)
	}
	if got := len(record(t, store, nil)); got != 16<<20 {
		t.Errorf("%d bytes are kept", got)
	}
}

func TestARecordWaitsForTheLockAsLongAsItsContextLasts(t *testing.T) {
	store, dir := newStore(t)
	unlock, err := openStore(t, dir).Lock(t.Context())
	must(t, err)
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = store.Record(ctx, func([]byte) []byte { t.Error("called without the lock"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
