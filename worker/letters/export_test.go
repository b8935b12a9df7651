package letters

import (
	"context"
	"os"
)

// Lock holds the folder's lock, as another process does in the middle of a change.
func (d *Dir) Lock(ctx context.Context) (unlock func(), err error) {
	d.gate <- struct{}{}
	_, unlock, err = d.lock(ctx)
	return unlock, err
}

// SyncWith has sync bring files, and the folder's names, to the disk.
func (d *Dir) SyncWith(sync func(*os.File) error) { d.sync = sync }
