package letters

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/disk"
)

// Write implements [Store]. The letter is on the disk, under its name, when it returns nil.
func (d *Dir) Write(ctx context.Context, letter worker.DeadLetter) error {
	name := letter.Event.ID() + suffix
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
func (d *Dir) put(name string, letter worker.DeadLetter) (err error) {
	content, err := encode(letter)
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
