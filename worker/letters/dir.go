package letters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

const (
	suffix = ".json"

	// Temporaries, like the lock, begin with a dot: what does is never listed.
	temporary = ".letter-"

	// staleAfter is how old a temporary must be to be nobody's. Writing one takes no longer than handling an event.
	staleAfter = time.Hour
)

// A Dir is a [Store] in a folder: a JSON file for each letter, for people and for jq, named by its event's ID.
//
// Each change holds a lock of the whole folder, .lock in it, for the few milliseconds of the change; reading needs none. A
// letter is replaced in one step, so at any moment, a crash included, there is the old one or the new one, whole. Other
// files may lie there: those whose name begins with a dot are passed over, as folders are. A disk that hangs cannot be cut
// short.
type Dir struct {
	path string
	gate chan struct{} // holds one token: who has it may wait for the lock, so that processes wait, not goroutines
}

var _ Store = (*Dir)(nil)

// NewDir returns the letters in the folder at path, which it makes, for its owner alone, if there is none; the folder that
// it is in must exist. It fails if the folder cannot be written or locked, as on systems without flock. What a crash left
// half-written more than an hour ago is removed.
func NewDir(path string) (*Dir, error) {
	d := &Dir{gate: make(chan struct{}, 1)}
	if err := d.open(path); err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	return d, nil
}

// Reach sees whether letters could be written to the folder at path, or whether it could be made, and says so. It leaves
// nothing behind: call it instead of [NewDir], which makes the folder, where another user is to run the worker.
func Reach(_ context.Context, path string) (found string, err error) {
	found, err = disk.CanWrite(path)
	if errors.Is(err, fs.ErrNotExist) {
		return disk.CanMake(path)
	}
	return found, err
}

func (d *Dir) open(path string) (err error) {
	if path == "" {
		return errors.New("no folder is named")
	}
	if d.path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := makeDir(d.path); err != nil {
		return err
	}
	probe, err := os.CreateTemp(d.path, temporary+"*")
	if err != nil {
		return err
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	lock, err := openLock(d.path)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if _, err := disk.TryLock(lock); err != nil { // held by another is fine
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	d.removeStale()
	return nil
}

// makeDir makes a folder that outlives a crash.
func makeDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if err == nil {
		return disk.SyncDir(filepath.Dir(path))
	}
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		return nil
	}
	return err
}

// removeStale is best effort: what it leaves takes room, no more.
func (d *Dir) removeStale() {
	files, _ := os.ReadDir(d.path)
	for _, file := range files {
		info, err := file.Info()
		if err == nil && strings.HasPrefix(file.Name(), temporary) && time.Since(info.ModTime()) > staleAfter {
			_ = os.Remove(filepath.Join(d.path, file.Name()))
		}
	}
}

// checkName keeps a name from leaving the folder, and from naming what is not a letter.
func checkName(name string) error {
	if name == "" || strings.HasPrefix(name, ".") || filepath.Base(name) != name {
		return fmt.Errorf("%q names no dead letter: %w", name, fs.ErrNotExist)
	}
	return nil
}
