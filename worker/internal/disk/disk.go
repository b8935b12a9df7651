// Package disk has what files need that several processes and users write to and that must outlive a crash: a lock between
// processes, names that are on the disk, an owner who may write, and folders that no link leads out of.
package disk

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pause"
)

// lockPause is between two looks at a lock that another process holds. Waiting inside flock could not be cut short.
const lockPause = 5 * time.Millisecond

// WaitLock waits for the lock of an open file as long as ctx lasts. Closing the file gives it back.
func WaitLock(ctx context.Context, file *os.File) error {
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("waiting to lock %s: %w", file.Name(), err)
		}
		locked, err := TryLock(file)
		if err != nil {
			return fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if locked {
			return nil
		}
		pause.For(ctx, lockPause)
	}
}

// SyncDir sees to it that the names in a folder are there after a crash.
func SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}
