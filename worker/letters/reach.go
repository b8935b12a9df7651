package letters

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// Reach sees whether letters could be written to the folder at path, or whether it could be made, and says so. It leaves
// nothing behind: call it instead of [NewDir], which makes the folder, where another user is to run the worker.
func Reach(_ context.Context, path string) (found string, err error) {
	found, err = disk.CanWrite(path)
	if errors.Is(err, fs.ErrNotExist) {
		return disk.CanMake(path)
	}
	return found, err
}

// Exposed says so if every user of the machine may write to the folder at path, and what to do, or else nothing. Who else may
// can forge letters, which a replay runs, throw them away, and hold their lock. A group that may is meant to.
func Exposed(path string) (found string) {
	const others = 0o002
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&others == 0 {
		return ""
	}
	return path + " can be written to by every user of this machine, who can forge letters, delete them and hold them up: chmod o-w"
}
