package letters_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
)

const diskTime = 20 * time.Millisecond // of a sync, as on a network's disk

func numbered(n int) worker.DeadLetter {
	return letterOf(strings.Replace(uploadJSON, "5285890784273533167", fmt.Sprint(n), 1), "a")
}

// While one waits for the disk, or the lock, the others gather, and share the next sync of the names.
func TestLettersThatAreWrittenAtOnceShareTheLockAndASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, dir := newStore(t)
		unlock, err := openStore(t, dir).Lock(t.Context())
		must(t, err)
		var mu sync.Mutex
		files, folders := 0, 0
		store.SyncWith(func(file *os.File) error {
			mu.Lock()
			defer mu.Unlock()
			if info, err := file.Stat(); err == nil && info.IsDir() {
				folders++
			} else {
				files++
			}
			return file.Sync()
		})
		const n = 16
		var busy sync.WaitGroup
		for i := range n {
			busy.Go(func() { write(t, store, numbered(i)) })
		}
		synctest.Wait()
		unlock()
		busy.Wait()
		if files != n || folders != 1 {
			t.Errorf("%d syncs of files and %d of the folder, want %d and 1", files, folders, n)
		}
		if got := len(list(t, store)); got != n {
			t.Errorf("%d letters, want %d", got, n)
		}
	})
}

// A letter's own sync is done before it waits for the lock, so no other waits for that.
func TestASlowDiskHoldsUpLettersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, _ := newStore(t)
		store.SyncWith(func(*os.File) error { time.Sleep(diskTime); return nil })
		start := time.Now()
		var busy sync.WaitGroup
		for i := range 64 {
			busy.Go(func() { write(t, store, numbered(i)) })
		}
		busy.Wait()
		// Its own sync; that of the names for who came first, and then for the others.
		if took := time.Since(start); took > 3*diskTime {
			t.Errorf("64 letters took %v, want %v at most", took, 3*diskTime)
		}
	})
}

func TestAWriteEndsWithItsContextAndIsNotMadeUpForLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, dir := newStore(t)
		unlock, err := openStore(t, dir).Lock(t.Context())
		must(t, err)
		start := time.Now()
		var busy sync.WaitGroup
		for i := range 3 { // one that waits for the lock, and two that wait for it
			busy.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				if err := store.Write(ctx, numbered(i)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took != time.Duration(i+1)*time.Second {
					t.Errorf("waited %v, want %d s", took, i+1)
				}
			})
		}
		busy.Wait()
		unlock()
		write(t, store, numbered(3))
		if got := names(list(t, store)); len(got) != 1 {
			t.Errorf("written behind their back: %q", got)
		}
		if got := len(files(t, dir)); got != 2 { // the letter and the lock
			t.Errorf("left: %q", files(t, dir))
		}
	})
}

// What is wrong with one letter is that one's trouble; the names are everybody's.
func TestAGroupFailsOnlyThoseThatAreConcerned(t *testing.T) {
	errDisk := errors.New("disk on fire")
	for what, test := range map[string]struct {
		fails func(t *testing.T, dir string, file *os.File) error
		want  string // which of the letters 0 to 3 are written
	}{
		"a file's sync":  {func(t *testing.T, _ string, file *os.File) error { return ifHolds(t, file, `"2"`, errDisk) }, "013"},
		"a file's name":  {func(t *testing.T, dir string, file *os.File) error { return inTheWay(dir, 2) }, "013"},
		"the names' own": {func(_ *testing.T, dir string, file *os.File) error { return ifFolder(file, errDisk) }, ""},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, dir := newStore(t)
				unlock, err := openStore(t, dir).Lock(t.Context())
				must(t, err)
				store.SyncWith(func(file *os.File) error { return test.fails(t, dir, file) })
				var written [4]error
				var busy sync.WaitGroup
				for i := range written {
					busy.Go(func() { written[i] = store.Write(t.Context(), numbered(i)) })
				}
				synctest.Wait()
				unlock()
				busy.Wait()
				got := ""
				for i, err := range written {
					if err == nil {
						got += fmt.Sprint(i)
					}
				}
				if got != test.want {
					t.Errorf("%q are written, want %q: %v", got, test.want, written)
				}
				for _, name := range files(t, dir) {
					if strings.HasPrefix(name, ".letter-") {
						t.Errorf("left: %s", name)
					}
				}
			})
		})
	}
}

func ifHolds(t *testing.T, file *os.File, part string, fail error) error {
	content, err := os.ReadFile(file.Name())
	if info, statErr := file.Stat(); statErr == nil && info.IsDir() {
		return nil
	}
	if err != nil {
		t.Error(err)
	}
	if strings.Contains(string(content), part) {
		return fail
	}
	return nil
}

func ifFolder(file *os.File, fail error) error {
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return fail
	}
	return nil
}

// inTheWay keeps a letter from getting its name.
func inTheWay(dir string, n int) error {
	return os.MkdirAll(filepath.Join(dir, numbered(n).Event.Key()+".json", "x"), 0o700)
}

// Two deliveries of an event, given up at the same time by two replicas or by one.
func TestOneEventWrittenAtOnceKeepsItsFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, dir := newStore(t)
		other := openStore(t, dir)
		unlock, err := openStore(t, dir).Lock(t.Context())
		must(t, err)
		var busy sync.WaitGroup
		for i := range 8 {
			letter := letterOf(uploadJSON, "a")
			letter.First = noon.Add(time.Duration((i+3)%8) * time.Hour) // 0: the fifth
			store := store
			if i%2 == 1 {
				store = other
			}
			busy.Go(func() { write(t, store, letter) })
			synctest.Wait()
		}
		unlock()
		busy.Wait()
		entries := list(t, store)
		if len(entries) != 1 || !entries[0].First.Equal(noon) {
			t.Errorf("left: %+v", entries)
		}
		if diff := cmp.Diff([]string{".lock", entries[0].Name}, files(t, dir)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
