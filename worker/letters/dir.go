package letters

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
//
// Where root works in the folder of another user, as with sudo, nothing that this user plants there leads it elsewhere: no link
// is followed, a file with a second name (a hard link) is refused, and that user is given only what was made just now.
type Dir struct {
	path string
	sync func(*os.File) error
	gate chan struct{} // holds one token: who has it may wait for the lock, so that processes wait, not goroutines

	mu      sync.Mutex
	waiting []*writing // for the next who has the lock to write
}

var _ Store = (*Dir)(nil)

// NewDir returns the letters in the folder at path, which it makes, for its owner alone, if there is none; the folder that
// it is in must exist. It fails if the folder cannot be written or locked, as on systems without flock. What a crash left
// half-written more than an hour ago is removed.
func NewDir(path string) (*Dir, error) {
	d := &Dir{sync: (*os.File).Sync, gate: make(chan struct{}, 1)}
	if err := d.open(path); err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	return d, nil
}

func (d *Dir) open(path string) (err error) {
	if path == "" {
		return errors.New("no folder is named")
	}
	if d.path, err = filepath.Abs(path); err != nil {
		return err
	}
	folder, err := disk.OpenDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		folder, err = d.makeDir()
	}
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	name := temporary + rand.Text()
	probe, err := disk.Make(folder, name)
	if err != nil {
		return err
	}
	if err := errors.Join(probe.Close(), folder.Remove(name)); err != nil {
		return err
	}
	lock, err := openLock(folder)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if _, err := disk.TryLock(lock); err != nil { // held by another is fine
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	removeStale(folder)
	return nil
}

// makeDir makes a folder that outlives a crash.
func (d *Dir) makeDir() (*os.Root, error) {
	parent, err := disk.OpenDir(filepath.Dir(d.path))
	if err != nil {
		return nil, err
	}
	defer func() { _ = parent.Close() }()
	if err := parent.Mkdir(filepath.Base(d.path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) { // others start too
		return nil, fmt.Errorf("make %s: %w", d.path, err)
	}
	if err := d.syncNames(parent); err != nil {
		return nil, err
	}
	return disk.OpenDir(d.path)
}

// removeStale is best effort: what it leaves takes room, no more.
func removeStale(folder *os.Root) {
	files, _ := fs.ReadDir(folder.FS(), ".")
	for _, file := range files {
		info, err := file.Info()
		if err == nil && strings.HasPrefix(file.Name(), temporary) && time.Since(info.ModTime()) > staleAfter {
			_ = folder.Remove(file.Name())
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
