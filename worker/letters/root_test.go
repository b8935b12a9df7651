//go:build unix

package letters_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
}

// strangersDir returns a folder for letters that is the stranger's, in one that is the stranger's too.
func strangersDir(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	dir := filepath.Join(home, "dead")
	for _, path := range []string{home, dir} {
		must(t, os.Mkdir(path, 0o700))
		must(t, os.Chown(path, stranger, stranger))
	}
	return dir
}

func TestRootGivesAwayWhatItMakesAndNothingElse(t *testing.T) {
	needRoot(t)
	dir := strangersDir(t)
	for _, name := range []string{".lock", ".kept", "kept.json"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	store := openStore(t, dir)
	write(t, store, letterOf(uploadJSON, "a"))
	must(t, count(store))
	want := map[string]string{
		".lock": "its owner", ".kept": "its owner", "kept.json": "its owner",
		".failures": "the stranger", letterOf(uploadJSON).Event.Key() + ".json": "the stranger",
	}
	got := map[string]string{}
	for _, name := range files(t, dir) {
		got[name] = userOf(t, filepath.Join(dir, name))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	must(t, os.Remove(filepath.Join(dir, ".lock")))
	openStore(t, dir)
	if got := userOf(t, filepath.Join(dir, ".lock")); got != "the stranger" {
		t.Errorf("a new lock is that of %s", got)
	}
}

// Who has the folder that the folder is in can put a link in its place.
func TestRootGoesToNoFolderThatAnotherUserHasChosen(t *testing.T) {
	needRoot(t)
	letter := letterOf(uploadJSON, "a")
	name := letter.Event.Key() + ".json"
	for what, at := range map[string]string{"the folder": "dead", "a folder above": "dead/sub"} {
		t.Run(what, func(t *testing.T) {
			v := newVictim(t)
			must(t, os.Mkdir(filepath.Join(v.dir, "sub"), 0o700))
			must(t, os.Rename(v.file, filepath.Join(v.dir, "sub", name)))
			must(t, os.Symlink(filepath.Join("sub", name), filepath.Join(v.dir, name)))
			v.before = v.state(t)

			link := strangersDir(t)
			dir := filepath.Join(filepath.Dir(link), at)
			must(t, os.MkdirAll(dir, 0o700))
			store := openStore(t, dir)
			must(t, os.RemoveAll(link))
			must(t, os.Symlink(v.dir, link))
			must(t, os.Lchown(link, stranger, stranger))

			entries, err := store.List(t.Context())
			_, shown := store.Show(t.Context(), name)
			_, settled := store.Settle(t.Context(), name, []worker.Outcome{outcome("a", worker.OK, "")})
			_, opened := letters.NewDir(dir)
			_, made := letters.NewDir(filepath.Join(dir, "new"))
			_, reached := letters.Reach(t.Context(), dir)
			for does, err := range map[string]error{
				"list": err, "show": shown, "settle": settled, "open": opened, "make": made, "reach": reached,
				"write": store.Write(t.Context(), letter), "purge": store.Purge(t.Context(), name), "record": count(store),
			} {
				if err == nil || !strings.Contains(err.Error(), link+" is a link of user 12345, which root does not follow") {
					t.Errorf("%s: %v", does, err)
				}
			}
			if len(entries) > 0 {
				t.Errorf("listed: %+v", entries)
			}
			v.wantUntouched(t)
		})
	}
}

func TestRootFollowsItsOwnLinks(t *testing.T) {
	needRoot(t)
	dir := strangersDir(t)
	base := t.TempDir()
	for link, to := range map[string]string{"absolute": dir, "relative": "absolute", "above": filepath.Dir(dir)} {
		must(t, os.Symlink(to, filepath.Join(base, link)))
	}
	for _, path := range []string{"absolute", "relative", "above/dead", "above/../home/dead"} {
		path = base + "/" + path
		if path == base+"/above/../home/dead" { // as text, a link's parent is the folder that it is in
			must(t, os.Symlink(filepath.Dir(dir), filepath.Join(base, "home")))
		}
		store := openStore(t, path)
		write(t, store, letterOf(uploadJSON, "a"))
		if got := len(list(t, store)); got != 1 {
			t.Errorf("%s: %d letters", path, got)
		}
	}
	must(t, os.Symlink("round", filepath.Join(base, "round")))
	if _, err := letters.NewDir(filepath.Join(base, "round")); err == nil || !strings.Contains(err.Error(), "too many links") {
		t.Errorf("round and round: %v", err)
	}
}

func TestAFolderThatEveryoneMayWriteToIsSaid(t *testing.T) {
	_, dir := newStore(t)
	for mode, want := range map[os.FileMode]bool{
		0o700: false, 0o770: false, 0o775 | os.ModeSetgid: false, 0o702: true, 0o777: true, 0o777 | os.ModeSticky: true,
	} {
		must(t, os.Chmod(dir, mode))
		if got := letters.Exposed(dir); (got != "") != want || want && !strings.Contains(got, dir+" can be written to by every user") {
			t.Errorf("%v: %q", mode, got)
		}
	}
	if got := letters.Exposed(filepath.Join(dir, "none")); got != "" {
		t.Errorf("what is not there: %q", got)
	}
}
