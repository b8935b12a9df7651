package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// posixLocks returns how many locks this process has on a file, as all others see it. To open the file would take them away.
func posixLocks(t *testing.T, path string) (n int) {
	t.Helper()
	var of syscall.Stat_t
	if err := syscall.Stat(path, &of); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Skip(err)
	}
	for line := range bytes.Lines(all) {
		if f := strings.Fields(string(line)); len(f) > 5 && f[1] == "POSIX" && f[4] == fmt.Sprint(os.Getpid()) &&
			strings.HasSuffix(f[5], fmt.Sprintf(":%d", of.Ino)) {
			n++
		}
	}
	return n
}

func TestWhoLooksInTheSameProcessTakesNoLockAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox.db")
	at := "sqlite://" + path
	s := openFile(t, path)
	defer s.Close()
	if _, err := s.Turn(t.Context(), Turn{Me: "me", Events: []Event{event("a", "h")}}); err != nil {
		t.Fatal(err)
	}
	locks := posixLocks(t, path)
	if locks == 0 {
		t.Skip("locks can't be seen here")
	}
	look, err := Open(t.Context(), at, Options{Look: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
	reach(t, at)
	if _, err := Open(t.Context(), at, Options{}); err == nil {
		t.Error("a second one was opened")
	}
	if n := posixLocks(t, path); n != locks {
		t.Errorf("%d locks are left of %d", n, locks)
	}
}

func TestRootOpensNoFileThatAUserHasPlanted(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("it needs root")
	}
	dir, mine := t.TempDir(), filepath.Join(t.TempDir(), "mine")
	openFile(t, mine).Close()
	link, name := filepath.Join(dir, "link"), filepath.Join(dir, "name")
	const user = 65534
	for _, err := range []error{
		os.Symlink(mine, link), os.Link(mine, name), os.Lchown(link, user, user), os.Chown(dir, user, user),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{link: "root does not follow", name: "has 2 names"} {
		s, err := Open(t.Context(), "sqlite://"+path, Options{Look: true})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
