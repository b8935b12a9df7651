package letters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

const lockName = ".lock"

// change runs a change of what is in the folder while nobody else runs one.
func (d *Dir) change(ctx context.Context, run func(folder *os.Root) error) error {
	select {
	case d.gate <- struct{}{}:
	case <-ctx.Done():
		return d.tooLong(ctx)
	}
	folder, unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return run(folder)
}

func (d *Dir) tooLong(ctx context.Context) error {
	return fmt.Errorf("waiting to lock %s: %w", d.path, ctx.Err())
}

// lock waits for the folder's lock as long as ctx lasts. The caller has the gate, and gives it back with the lock. The kernel
// drops the lock with the process, so a crash leaves nothing locked.
func (d *Dir) lock(ctx context.Context) (folder *os.Root, unlock func(), err error) {
	defer func() {
		if err != nil {
			<-d.gate
		}
	}()
	folder, err = disk.OpenDir(d.path)
	if err != nil {
		return nil, nil, err
	}
	file, err := openLock(folder)
	if err == nil {
		if err = disk.WaitLock(ctx, file); err != nil {
			_ = file.Close()
		}
	}
	if err != nil {
		_ = folder.Close()
		return nil, nil, err
	}
	return folder, func() {
		_ = file.Close() // unlocks
		_ = folder.Close()
		<-d.gate
	}, nil
}

// openLock opens the lock file. It is never removed: who waits for one that is gone and who locks a new one would both
// have it.
func openLock(folder *os.Root) (*os.File, error) {
	file, err := disk.Make(folder, lockName)
	if errors.Is(err, fs.ErrExist) {
		return disk.Open(folder, lockName, os.O_RDWR)
	}
	return file, err
}
