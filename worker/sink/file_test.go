//go:build unix

package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

// newFile returns a sink that is closed when the test ends, and its path.
func newFile(t *testing.T) (f *sink.File, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "events.jsonl")
	return openFile(t, path), path
}

func openFile(t *testing.T, path string) *sink.File {
	t.Helper()
	f, err := sink.NewFile(sink.FileOptions{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// numbered returns an event that is told from the others by n, and its line.
func numbered(n int) (e events.Event, line string) {
	body := fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"}}`, n)
	return event(`{"EventHandle":"h",` + body[1:]), body + "\n"
}

func handleNumber(t *testing.T, f *sink.File, n int) {
	t.Helper()
	e, _ := numbered(n)
	if err := f.Handle(t.Context(), e); err != nil {
		t.Error(err)
	}
}

func linesOf(numbers ...int) string {
	var all strings.Builder
	for _, n := range numbers {
		_, line := numbered(n)
		all.WriteString(line)
	}
	return all.String()
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s -want +got:\n%s", filepath.Base(path), diff)
	}
}

func TestFileAppendsTheLinesOfStdout(t *testing.T) {
	f, path := newFile(t)
	var want bytes.Buffer
	for _, content := range []string{uploadJSON, procedureJSON, "{\n \"EventType\":\n \"X\"}", `5`} {
		if err := f.Handle(t.Context(), event(content)); err != nil {
			t.Fatal(err)
		}
		if err := newStdout(t, &want, sink.StdoutJSON).Handle(t.Context(), event(content)); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, want.String()) // at once
	}
	f.Close()
	handleNumber(t, openFile(t, path), 1)
	wantFile(t, path, want.String()+linesOf(1))
}

// While one line waits for the disk the others gather, and share the next sync.
func TestFileSharesSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, path := newFile(t)
		defer f.Close()
		syncs, release := 0, make(chan struct{})
		f.SyncWith(func(file *os.File) error {
			syncs++
			<-release
			return file.Sync()
		})
		const n = 64
		var group sync.WaitGroup
		answered := make(chan int, n)
		for i := range n {
			group.Go(func() {
				handleNumber(t, f, i)
				answered <- i
			})
			synctest.Wait()
		}
		if syncs != 1 || len(answered) > 0 {
			t.Errorf("%d syncs before the first has ended, and %d events answered", syncs, len(answered))
		}
		close(release)
		group.Wait()
		if syncs != 2 {
			t.Errorf("%d syncs, want 2", syncs)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.Sorted(strings.Lines(string(got)))
		want := slices.Sorted(strings.Lines(linesOf(numbers(0, n)...)))
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func numbers(from, to int) (all []int) {
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}

func TestFileWaitsForTheDiskAsLongAsContextLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, path := newFile(t)
		defer f.Close()
		release := make(chan struct{})
		f.SyncWith(func(*os.File) error { <-release; return nil })
		start := time.Now()
		var group sync.WaitGroup
		for n := range 3 { // one that is being written, two that wait
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				e, _ := numbered(n)
				if err := f.Handle(ctx, e); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
			synctest.Wait()
		}
		group.Wait()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("waited %v", took)
		}
		close(release)
		handleNumber(t, f, 3)
		wantFile(t, path, linesOf(0, 3)) // those that had given up are not written behind their back
	})
}

func TestFileIsForItsOwner(t *testing.T) {
	_, path := newFile(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("made with %v", info.Mode())
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	handleNumber(t, openFile(t, path), 1)
	if info, err = os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("changed to %v, %v", info.Mode(), err)
	}
}

func TestFileCanBeALink(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := os.Symlink("target", path); err != nil {
		t.Fatal(err)
	}
	f := openFile(t, path)
	handleNumber(t, f, 1)
	handleNumber(t, f, 2)
	wantFile(t, target, linesOf(1, 2))
}

func TestFileRefusesWhatItCannotUse(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                         "path: it is missing; name a file",
		dir:                        "is a directory",
		fifo:                       "is no regular file",
		"/dev/null":                "is no regular file",
		filepath.Join(dir, "a/b"):  "no such file",
		filepath.Join(fifo, "sub"): "not a directory",
	} {
		_, err := sink.NewFile(sink.FileOptions{Path: path})
		if err == nil || path != "" && !strings.HasPrefix(err.Error(), "file: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
}

func TestAClosedFileTakesNothing(t *testing.T) {
	f, path := newFile(t)
	f.Close()
	f.Close()
	e, _ := numbered(1)
	if err := f.Handle(t.Context(), e); !unreachable(err) || err.Error() != "file: not written: it is closed" {
		t.Errorf("got %v", err)
	}
	wantFile(t, path, "")
}

// Several Files of one path are what several handlers have, and several processes.
func TestFilesShareAPath(t *testing.T) {
	first, path := newFile(t)
	files := []*sink.File{first, openFile(t, path), openFile(t, path)}
	const n = 50
	var group sync.WaitGroup
	for i, f := range files {
		for range 4 {
			group.Go(func() {
				for j := range n {
					handleNumber(t, f, i*n+j)
				}
			})
		}
	}
	group.Wait()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(got)) {
		counts[line]++
	}
	for line := range strings.Lines(linesOf(numbers(0, len(files)*n)...)) {
		if counts[line] != 4 {
			t.Errorf("%d times: %s", counts[line], line)
		}
		delete(counts, line)
	}
	if len(counts) > 0 {
		t.Errorf("and also: %v", counts)
	}
}
