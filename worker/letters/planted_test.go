//go:build unix

package letters_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

const stranger = 12345 // the user who has the folder, and plants things in it

// A victim is root's folder, with a file in it.
type victim struct {
	dir, file string
	before    string
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{dir: filepath.Join(t.TempDir(), "victim")}
	v.file = filepath.Join(v.dir, "shadow")
	must(t, os.Mkdir(v.dir, 0o700))
	must(t, os.WriteFile(v.file, []byte(`{"key":"hunter2","missing":["a"],"event":{"EventType":"NewFileUpload"}}`), 0o600))
	v.before = v.state(t)
	return v
}

func (v *victim) state(t *testing.T) (all string) {
	t.Helper()
	for _, name := range append(files(t, v.dir), ".") {
		info, err := os.Stat(filepath.Join(v.dir, name))
		must(t, err)
		content, _ := os.ReadFile(filepath.Join(v.dir, name))
		all += name + " " + info.Mode().String() + " of " + userOf(t, filepath.Join(v.dir, name)) + ": " + string(content) + "\n"
	}
	return all
}

func (v *victim) wantUntouched(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(v.before, v.state(t)); diff != "" {
		t.Errorf("what is none of the letters' has changed: -before +after:\n%s", diff)
	}
}

// everything does to a folder all that a Dir can do, with a letter of this name, and returns what was said.
func everything(t *testing.T, dir, name string) (said string) {
	t.Helper()
	store, err := letters.NewDir(dir)
	errs := []error{err}
	if err == nil {
		entries, err := store.List(t.Context())
		for _, entry := range entries {
			errs = append(errs, entry.Err)
		}
		errs = append(errs, err)
		_, err = store.Show(t.Context(), name)
		errs = append(errs, err)
		_, err = store.Settle(t.Context(), name, []worker.Outcome{outcome("a", worker.OK, "")})
		errs = append(errs, err, store.Write(t.Context(), letterOf(uploadJSON, "a")), count(store), store.Purge(t.Context(), name))
	}
	_, err = letters.Reach(t.Context(), dir)
	return fmt.Sprint(errors.Join(append(errs, err)...))
}

// Whoever may write to the folder may be less than who works in it, as with sudo.
func TestWhatIsPlantedInTheFolderIsNeitherFollowedNorGivenAway(t *testing.T) {
	letter := letterOf(uploadJSON).Event.Key() + ".json"
	kinds := map[string]func(v *victim, path string) error{
		"a link":             func(v *victim, path string) error { return os.Symlink(v.file, path) },
		"a relative link":    func(v *victim, path string) error { return os.Symlink("../victim/shadow", path) },
		"a link to a folder": func(v *victim, path string) error { return os.Symlink(v.dir, path) },
		"a link to nothing":  func(v *victim, path string) error { return os.Symlink(filepath.Join(v.dir, "new"), path) },
		"a hard link":        func(v *victim, path string) error { return os.Link(v.file, path) },
		"a link in the folder": func(_ *victim, path string) error {
			return errors.Join(os.WriteFile(filepath.Join(filepath.Dir(path), ".other"), nil, 0o600), os.Symlink(".other", path))
		},
	}
	for kind, plant := range kinds {
		for _, name := range []string{".lock", letter, "x.json", ".failures"} {
			t.Run(kind+" as "+name, func(t *testing.T) {
				v := newVictim(t)
				dir := filepath.Join(filepath.Dir(v.dir), "dead")
				must(t, os.Mkdir(dir, 0o700))
				_ = os.Chown(dir, stranger, stranger) // as root
				must(t, plant(v, filepath.Join(dir, name)))
				said := everything(t, dir, name)
				v.wantUntouched(t)
				if strings.Contains(said, "hunter2") {
					t.Errorf("it was read: %s", said)
				}
				if name != ".failures" && !strings.Contains(said, name+": it is ") {
					t.Errorf("said only: %s", said)
				}
			})
		}
	}
}

// Between the list and what is done about it the folder's user can put something else in a letter's place.
func TestALetterThatIsSwappedForALinkIsNotFollowed(t *testing.T) {
	for _, kind := range []string{"a link", "a hard link"} {
		t.Run(kind, func(t *testing.T) {
			v := newVictim(t)
			store, dir := newStore(t)
			letter := letterOf(uploadJSON, "a")
			write(t, store, letter)
			name := names(list(t, store))[0]
			path := filepath.Join(dir, name)
			must(t, os.Remove(path))
			must(t, map[string]func(string, string) error{"a link": os.Symlink, "a hard link": os.Link}[kind](v.file, path))

			if _, err := store.Show(t.Context(), name); err == nil || !strings.Contains(err.Error(), path+": it is ") {
				t.Errorf("shown: %v", err)
			}
			if gone, err := store.Settle(t.Context(), name, []worker.Outcome{outcome("a", worker.OK, "")}); gone || err == nil {
				t.Errorf("settled: %v, %v", gone, err)
			}
			if err := store.Purge(t.Context(), name); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the link is still there: %v", err)
			}
			if err := store.Write(t.Context(), letter); err != nil {
				t.Error(err)
			}
			v.wantUntouched(t)
		})
	}
}

func userOf(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	if info.Sys().(*syscall.Stat_t).Uid == stranger {
		return "the stranger"
	}
	return "its owner"
}
