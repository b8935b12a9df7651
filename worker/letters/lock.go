package letters

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// change runs a change while nobody else runs one.
func (d *Dir) change(ctx context.Context, run func() error) error {
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return run()
}

// lock waits for the folder's lock as long as ctx lasts. One lock for all letters is enough: a change takes as long as the
// disk takes to sync, and letters are rare. The kernel drops it with the process, so a crash leaves nothing locked.
func (d *Dir) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case d.gate <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to lock %s: %w", d.path, ctx.Err())
	}
	defer func() {
		if err != nil {
			<-d.gate
		}
	}()
	file, err := openLock(d.path)
	if err != nil {
		return nil, err
	}
	if err := disk.WaitLock(ctx, file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close(); <-d.gate }, nil // closing unlocks
}

// openLock opens the lock file. It is never removed: who waits for one that is gone and who locks a new one would both
// have it.
func openLock(dir string) (*os.File, error) {
	path := filepath.Join(dir, ".lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	disk.GiveToOwner(file, dir)
	return file, nil
}
