package letters

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/disk"
)

// put replaces a letter. The caller holds the lock, and syncs the names.
func (d *Dir) put(folder *os.Root, name string, letter worker.DeadLetter) error {
	draft, err := d.draft(folder, letter)
	if err != nil {
		return err
	}
	return rename(folder, draft, name)
}

func (d *Dir) draft(folder *os.Root, letter worker.DeadLetter) (name string, err error) {
	content, err := encode(letter)
	if err != nil {
		return "", err
	}
	return draft(folder, content, d.sync)
}

// draft makes a file of its own, for [rename].
func draft(folder *os.Root, content []byte, sync func(*os.File) error) (name string, err error) {
	name = temporary + rand.Text()
	file, err := disk.Make(folder, name)
	if err != nil {
		return "", err
	}
	if _, err = file.Write(content); err == nil {
		err = sync(file)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = folder.Remove(name)
		return "", err
	}
	return name, nil
}

// rename replaces a file in one step. Only when the folder's names are synced too is the new one there after a crash.
func rename(folder *os.Root, draft, name string) error {
	if err := folder.Rename(draft, name); err != nil {
		_ = folder.Remove(draft)
		return fmt.Errorf("%s: %w", folder.Name(), err)
	}
	return nil
}

// syncNames sees to it that the names in the folder are there after a crash, or not, as they are now.
func (d *Dir) syncNames(folder *os.Root) error {
	names, err := folder.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.sync(names), names.Close())
}
