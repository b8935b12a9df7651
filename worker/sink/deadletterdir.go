package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/disk"
)

const (
	letterSuffix = ".json"

	// Temporaries, like the lock, begin with a dot: what does is never listed.
	temporary = ".letter-"

	// staleAfter is how old a temporary must be to be nobody's. Writing one takes no longer than handling an event.
	staleAfter = time.Hour
)

// DeadLetterDir keeps events that were given up, each in a JSON file of a folder, until they are handled after all or
// thrown away. Its Write is for [worker.DeadLetters].
//
// Workers may write, and others read, settle and remove letters, all at once, from any number of processes. Each change
// holds a lock of the whole folder, .lock in it, for the few milliseconds of the change; reading needs none. A letter is
// replaced in one step, so at any moment, a crash included, there is the old one or the new one, whole.
type DeadLetterDir struct {
	path string
	turn chan struct{} // holds one token: who has it may wait for the lock, so that processes wait, not goroutines
}

// NewDeadLetterDir returns the letters in the folder at path, which it makes, for its owner alone, if there is none; the
// folder that it is in must exist. It fails if the folder cannot be written or locked. What a crash left half-written
// more than an hour ago is removed.
func NewDeadLetterDir(path string) (*DeadLetterDir, error) {
	d := &DeadLetterDir{turn: make(chan struct{}, 1)}
	if err := d.open(path); err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	return d, nil
}

func (d *DeadLetterDir) open(path string) (err error) {
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
func (d *DeadLetterDir) removeStale() {
	files, _ := os.ReadDir(d.path)
	for _, file := range files {
		info, err := file.Info()
		if err == nil && strings.HasPrefix(file.Name(), temporary) && time.Since(info.ModTime()) > staleAfter {
			_ = os.Remove(filepath.Join(d.path, file.Name()))
		}
	}
}

// Write stores a letter so that it is there after a crash, a loss of power included, once Write has returned nil. It is
// idempotent: a letter of the same event, by Key, is replaced, and keeps its First. Events that [events.Event.Repeats] are
// told apart by their handle as well. It waits for other changes as long as ctx lasts; a disk that hangs cannot be
// cut short.
func (d *DeadLetterDir) Write(ctx context.Context, letter worker.DeadLetter) error {
	name := letter.Event.ID() + letterSuffix
	err := d.change(ctx, func() error {
		// A file that can't be read, or is no letter, has no First to keep; the event matters more than it.
		if old, err := d.read(name); err == nil && !old.First.IsZero() && (letter.First.IsZero() || old.First.Before(letter.First)) {
			letter.First = old.First
		}
		return d.put(name, letter)
	})
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	return nil
}

// put replaces a file. The caller holds the lock.
func (d *DeadLetterDir) put(name string, letter worker.DeadLetter) (err error) {
	content, err := encodeLetter(letter)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(d.path, temporary+"*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // after the rename there is none
		}
	}()
	disk.GiveToOwner(file, d.path)
	if _, err = file.Write(content); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), filepath.Join(d.path, name)); err != nil {
		return err
	}
	return disk.SyncDir(d.path) // only then is the name there after a crash
}

// change runs a change while nobody else runs one.
func (d *DeadLetterDir) change(ctx context.Context, run func() error) error {
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return run()
}

// checkName keeps a name from leaving the folder, and from naming what is not a letter.
func checkName(name string) error {
	if name == "" || strings.HasPrefix(name, ".") || filepath.Base(name) != name {
		return fmt.Errorf("%q names no dead letter: %w", name, fs.ErrNotExist)
	}
	return nil
}
