package sink

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockPause is between two looks at a lock that another process holds. Waiting inside flock could not be cut short.
const lockPause = 5 * time.Millisecond

// lock waits for the folder's lock as long as ctx lasts. One lock for all letters is enough: a change takes as long as the
// disk takes to sync, and letters are rare. The kernel drops it with the process, so a crash leaves nothing locked.
func (d *DeadLetterDir) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to lock %s: %w", d.path, ctx.Err())
	}
	defer func() {
		if err != nil {
			<-d.turn
		}
	}()
	file, err := openLock(d.path)
	if err != nil {
		return nil, err
	}
	if err := waitLock(ctx, file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close(); <-d.turn }, nil // closing unlocks
}

// waitLock waits for the lock of an open file as long as ctx lasts.
func waitLock(ctx context.Context, file *os.File) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("waiting to lock %s: %w", file.Name(), err)
		}
		locked, err := tryLock(file)
		if err != nil {
			return fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if locked {
			return nil
		}
		pause := time.NewTimer(lockPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
}

// openLock opens the lock file. It is never removed: who waits for one that is gone and who locks a new one would both
// have it.
func openLock(dir string) (*os.File, error) {
	path := filepath.Join(dir, ".lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	giveToOwner(file, dir)
	return file, nil
}
