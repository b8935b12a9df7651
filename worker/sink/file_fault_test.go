//go:build unix

package sink_test

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Between two events the file is rotated in one of the ways in which files are.
func TestFileFollowsItsName(t *testing.T) {
	f, path := newFile(t)
	handleNumber(t, f, 1)

	must(t, os.Rename(path, path+".1"))
	handleNumber(t, f, 2)
	wantFile(t, path+".1", linesOf(1))
	wantFile(t, path, linesOf(2))

	must(t, os.Rename(path, path+".2")) // and the new one is there already
	must(t, os.WriteFile(path, nil, 0o640))
	handleNumber(t, f, 3)
	wantFile(t, path, linesOf(3))

	must(t, os.Remove(path))
	handleNumber(t, f, 4)
	wantFile(t, path, linesOf(4))

	must(t, os.Truncate(path, 0)) // copytruncate
	handleNumber(t, f, 5)
	wantFile(t, path, linesOf(5))
}

// The file is rotated when a line is in it, but not yet answered for. What then happens to the old one is not ours to
// know: it may have been copied or compressed already. So the line goes to the new one too.
func TestFileWritesAgainWhatIsRotatedAway(t *testing.T) {
	for name, rotate := range map[string]func(path string) error{
		"removed":           os.Remove,
		"renamed":           func(path string) error { return os.Rename(path, path+".1") },
		"replaced":          func(path string) error { return os.Rename(path+".new", path) },
		"cut":               func(path string) error { return os.Truncate(path, 0) },
		"cut in the middle": func(path string) error { return os.Truncate(path, 20) },
	} {
		t.Run(name, func(t *testing.T) {
			f, path := newFile(t)
			must(t, os.WriteFile(path+".new", []byte(linesOf(7)), 0o600))
			times := 0
			f.SyncWith(func(file *os.File) error {
				if times++; times == 2 {
					must(t, rotate(path))
				}
				return file.Sync()
			})
			handleNumber(t, f, 1)
			handleNumber(t, f, 2)
			want := linesOf(2)
			if name == "replaced" {
				want = linesOf(7, 2)
			}
			wantFile(t, path, want)
		})
	}
}

func TestFileGivesUpOnOneThatIsAlwaysRotated(t *testing.T) {
	f, path := newFile(t)
	f.SyncWith(func(file *os.File) error { return os.Remove(path) })
	e, _ := numbered(1)
	if err := f.Handle(t.Context(), e); !unreachable(err) || !strings.Contains(err.Error(), "rotated again and again") {
		t.Errorf("got %v", err)
	}
	f.SyncWith((*os.File).Sync)
	handleNumber(t, f, 2)
	wantFile(t, path, linesOf(2))
}

// Whatever is wrong with the file or its disk, no event has made it so, and the next line goes where it should once that is over.
func TestFileThatCannotBeWrittenToIsUnreachable(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"its folder is gone":      func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"a folder has its name":   func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"a pipe has its name":     func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) },
		"a device has its name":   func(path string) error { return errors.Join(os.Remove(path), os.Symlink("/dev/null", path)) },
		"a link that leads round": func(path string) error { return errors.Join(os.Remove(path), os.Symlink(path, path)) },
		"it is no file of events": func(path string) error { return os.Truncate(path, 65<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			f, path := newFile(t)
			must(t, spoil(path))
			e, _ := numbered(1)
			if err := f.Handle(t.Context(), e); !unreachable(err) {
				t.Errorf("got %v, want unreachable", err)
			}
			must(t, os.RemoveAll(path))
			must(t, os.MkdirAll(filepath.Dir(path), 0o700))
			handleNumber(t, f, 2)
			wantFile(t, path, linesOf(2))
		})
	}
}

// A sync can fail whether or not the disk has got the line.
func TestFileTakesBackWhatCouldNotBeSynced(t *testing.T) {
	for name, does := range map[string]func(*os.File) error{
		"failed":            func(*os.File) error { return nil },
		"took effect":       (*os.File).Sync,
		"half of it did":    func(file *os.File) error { return file.Truncate(int64(len(linesOf(1)) + 9)) },
		"all of it is gone": func(file *os.File) error { return file.Truncate(int64(len(linesOf(1)))) },
	} {
		t.Run(name, func(t *testing.T) {
			f, path := newFile(t)
			times := 0
			f.SyncWith(func(file *os.File) error {
				if times++; times == 2 {
					must(t, does(file))
					return errors.New("disk on fire")
				}
				return file.Sync()
			})
			handleNumber(t, f, 1)
			e, _ := numbered(2)
			if err := f.Handle(t.Context(), e); !unreachable(err) || !strings.Contains(err.Error(), "disk on fire") {
				t.Errorf("got %v", err)
			}
			wantFile(t, path, linesOf(1))
			handleNumber(t, f, 3)
			wantFile(t, path, linesOf(1, 3))
		})
	}
}

// What another has written behind it stays.
func TestFileTakesBackOnlyItsOwn(t *testing.T) {
	f, path := newFile(t)
	other := openFile(t, path)
	f.SyncWith(func(*os.File) error {
		handleNumber(t, other, 2)
		return errors.New("disk on fire")
	})
	e, _ := numbered(1)
	if err := f.Handle(t.Context(), e); err == nil {
		t.Error("no error")
	}
	wantFile(t, path, linesOf(1, 2))
}

// On a full disk a line that fits only in part is not written at all, and one that fits is.
func TestAFullDiskLeavesNoHalfLine(t *testing.T) {
	f, path := newFile(t)
	before := strings.Repeat("x", 8<<20) + "\n" // more than go test writes itself, which the limit must not hit
	must(t, os.WriteFile(path, []byte(before), 0o600))

	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit fails, as on a full disk
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	small := limit
	small.Cur = uint64(len(before) + len(linesOf(2)) + 10)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small))
	long := event(`{"EventType":"X","a":"` + strings.Repeat("x", 100) + `"}`)
	err := f.Handle(t.Context(), long)
	fits, _ := numbered(2)
	fitsErr := f.Handle(t.Context(), fits)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	if !unreachable(err) || !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v", err)
	}
	if fitsErr != nil {
		t.Error(fitsErr)
	}
	wantFile(t, path, before+linesOf(2))
}

// What a crash leaves is mended at the next start, and before the next line of whoever writes it.
func TestFileMendsHalfALine(t *testing.T) {
	_, whole := numbered(9)
	long := `{"a":"` + strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct{ left, want string }{
		"half a line":                  {linesOf(1) + whole[:20], linesOf(1)},
		"nothing but half a line":      {whole[:20], ""},
		"its first byte":               {linesOf(1) + "{", linesOf(1)},
		"a long one":                   {linesOf(1) + long, linesOf(1)},
		"zeros, after a loss of power": {linesOf(1) + strings.Repeat("\x00", 5000), linesOf(1)},
		"a line without its end":       {linesOf(1) + strings.TrimSuffix(whole, "\n"), linesOf(1, 9)},
		"only that":                    {strings.TrimSuffix(whole, "\n"), linesOf(9)},
		"nothing":                      {linesOf(1), linesOf(1)},
		"an empty file":                {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, path := newFile(t)
			must(t, os.WriteFile(path, []byte(test.left), 0o600))
			next := openFile(t, path)
			wantFile(t, path, test.want)
			must(t, os.WriteFile(path, []byte(test.left), 0o600))
			handleNumber(t, f, 2)
			handleNumber(t, next, 3)
			wantFile(t, path, test.want+linesOf(2, 3))
		})
	}
}

// A path that was named by mistake is one of somebody else's files.
func TestWhatIsNoFileOfEventsIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"a note":               "remember the milk",
		"a script":             "#!/bin/sh\nset -e\nrm -rf hunter2",
		"a script, to its end": "#!/bin/sh\nset -e\n",
		"a page of JSON":       "{\n  \"hunter2\": 1\n}",
		"another file's line":  linesOf(1) + "hunter2",
		"an image":             strings.Repeat("\x00", 65<<20),
	} {
		t.Run(name, func(t *testing.T) {
			f, path := newFile(t)
			must(t, os.WriteFile(path, []byte(text), 0o600))
			const want = "it holds something else than events; name another file"
			if _, err := sink.NewFile(sink.FileOptions{Path: path}); err == nil || err.Error() != "file: "+path+": "+want {
				t.Errorf("NewFile: %v", err)
			}
			if found, err := (sink.FileOptions{Path: path}).Reach(t.Context()); err == nil || err.Error() != want {
				t.Errorf("Reach: %s, %v", found, err)
			}
			if strings.HasSuffix(text, "\n") {
				return // a worker that runs looks at the last line only
			}
			e, _ := numbered(1)
			if err := f.Handle(t.Context(), e); !unreachable(err) || !strings.Contains(err.Error(), want) {
				t.Errorf("Handle: %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != text {
				t.Errorf("the file has %d bytes now, %v", len(got), err)
			}
		})
	}
}

// While another holds the lock it may have written half a line: that is not ours to mend, and the next line waits.
func TestFileWaitsForWhoIsWriting(t *testing.T) {
	f, path := newFile(t)
	other, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	defer other.Close()
	must(t, syscall.Flock(int(other.Fd()), syscall.LOCK_EX))
	_, err = other.WriteString(linesOf(1)[:10])
	must(t, err)
	openFile(t, path).Close()
	wantFile(t, path, linesOf(1)[:10])
	done := make(chan struct{})
	go func() {
		defer close(done)
		handleNumber(t, f, 2)
	}()
	_, err = other.WriteString(linesOf(1)[10:])
	must(t, err)
	must(t, syscall.Flock(int(other.Fd()), syscall.LOCK_UN))
	<-done
	wantFile(t, path, linesOf(1, 2))
}
