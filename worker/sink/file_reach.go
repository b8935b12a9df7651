package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// Reach sees whether the file can be written to, or made, and changes nothing in it. Call this instead of [NewFile], which makes
// the file, where another user is to run the worker: that user could not write to what this one has made.
func (o FileOptions) Reach(context.Context) (found string, err error) {
	if err := o.Validate(); err != nil {
		return "", err
	}
	path, err := disk.Follow(o.Path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return disk.CanMake(path)
	case errors.Is(err, syscall.ENOTDIR):
		return "", errors.New("a part of its path is no folder; name another")
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file; name a file", path)
	}
	file, err := disk.AppendExisting(path) // as NewFile opens it
	if err != nil {
		return "", err
	}
	if err = startsAsOurs(file); err == nil {
		_, _, err = lastLine(file)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	return o.Path + " can be written to", nil
}

// Reach is [FileOptions.Reach].
func (f *File) Reach(ctx context.Context) (found string, err error) {
	return FileOptions{Path: f.path}.Reach(ctx)
}
