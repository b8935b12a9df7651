//go:build unix

package sink_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

const somebody = 12345 // a user who is not root

// A shared folder belongs to somebody; beside it there is a file of root's.
func shared(t *testing.T) (path, victim string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can be led where others may not go")
	}
	base := t.TempDir()
	dir := filepath.Join(base, "shared")
	must(t, os.Mkdir(dir, 0o755))
	must(t, os.Chown(dir, somebody, somebody))
	victim = filepath.Join(base, "victim")
	must(t, os.WriteFile(victim, []byte("half a line"), 0o600))
	return filepath.Join(dir, "events.jsonl"), victim
}

// plant makes a link as somebody.
func plant(t *testing.T, target, path string) {
	t.Helper()
	must(t, os.Symlink(target, path))
	must(t, os.Lchown(path, somebody, somebody))
}

func owner(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Sys().(*syscall.Stat_t).Uid
}

// Who may write to a folder must not have root write to, mend, make or give away what is elsewhere.
func TestFileOfRootFollowsNoLinkThatWasPlanted(t *testing.T) {
	for name, trap := range map[string]func(path, victim string){
		"a link":                func(path, victim string) { plant(t, victim, path) },
		"a link to what is not": func(path, victim string) { plant(t, victim+".new", path) },
		"a link behind root's": func(path, victim string) {
			plant(t, victim, path+".planted")
			must(t, os.Symlink(path+".planted", path))
		},
		"a second name": func(path, victim string) { must(t, os.Link(victim, path)) },
	} {
		t.Run(name, func(t *testing.T) {
			path, victim := shared(t)
			trap(path, victim)
			if f, err := sink.NewFile(sink.FileOptions{Path: path}); err == nil {
				f.Close()
				t.Error("it was opened")
			}
			if found, err := (sink.FileOptions{Path: path}).Reach(t.Context()); err == nil {
				t.Errorf("check finds nothing wrong: %s", found)
			}
			must(t, os.Remove(path))
			f := openFile(t, path)
			must(t, os.Remove(path))
			trap(path+".2", victim) // while the worker runs
			must(t, os.Rename(path+".2", path))
			e, _ := numbered(1)
			if err := f.Handle(t.Context(), e); !unreachable(err) {
				t.Errorf("got %v, want unreachable", err)
			}
			wantFile(t, victim, "half a line")
			if entries, err := os.ReadDir(filepath.Dir(victim)); err != nil || len(entries) != 2 {
				t.Errorf("beside the folder there are now %v, %v", entries, err)
			}
			if uid := owner(t, victim); uid != 0 {
				t.Errorf("the file belongs to %d now", uid)
			}
		})
	}
}

func TestFileOfRootIsForWhomItsFolderBelongsTo(t *testing.T) {
	path, victim := shared(t)
	handleNumber(t, openFile(t, path), 1)
	if uid := owner(t, path); uid != somebody {
		t.Errorf("what root has made belongs to %d", uid)
	}
	must(t, os.WriteFile(path+".2", nil, 0o600)) // root's own, which was there
	handleNumber(t, openFile(t, path+".2"), 2)
	if uid := owner(t, path+".2"); uid != 0 {
		t.Errorf("what was there belongs to %d now", uid)
	}
	must(t, os.Remove(victim)) // a link of root's own leads to what is made there
	must(t, os.Symlink(victim, path+".3"))
	handleNumber(t, openFile(t, path+".3"), 3)
	wantFile(t, victim, linesOf(3))
	if uid := owner(t, victim); uid != 0 {
		t.Errorf("what was made outside belongs to %d", uid)
	}
}

func TestFileOfRootMayHaveMoreNamesWhereItsOwnerGaveThem(t *testing.T) {
	path, _ := shared(t)
	must(t, os.WriteFile(path, nil, 0o600))
	must(t, os.Chown(path, somebody, somebody))
	must(t, os.Link(path, path+".backup"))
	handleNumber(t, openFile(t, path), 1)
	wantFile(t, path+".backup", linesOf(1))
}

// A link is followed as the system follows it.
func TestFileLiesWhereItsLinksLead(t *testing.T) {
	base := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(base, "a", "b"), 0o700))
	must(t, os.Symlink("a/b", filepath.Join(base, "short")))
	for i, target := range []string{"x", "../x", "./../x", "../../x", filepath.Join(base, "x"), "../../short/../x"} {
		path := filepath.Join(base, "a", "b", fmt.Sprint("link", i))
		must(t, os.Symlink(target, path))
		handleNumber(t, openFile(t, filepath.Join(base, "short", filepath.Base(path))), i)
		got, err := os.ReadFile(path)
		if err != nil || !strings.HasSuffix(string(got), linesOf(i)) {
			t.Errorf("%s: %q, %v", target, got, err)
		}
	}
}
