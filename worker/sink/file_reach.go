package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Reach sees whether the file can be written to, or made. It makes and changes nothing: what one user makes, a worker may not
// be able to write to as another.
func (o FileOptions) Reach(context.Context) (found string, err error) {
	if err := o.Validate(); err != nil {
		return "", err
	}
	info, err := os.Stat(o.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o.reachParent()
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file", o.Path)
	}
	file, err := os.OpenFile(o.Path, os.O_RDWR, 0) // as NewFile opens it
	if err != nil {
		return "", err
	}
	return o.Path + " can be written to", file.Close()
}

// reachParent sees whether a file that is not there can be made.
func (o FileOptions) reachParent() (found string, err error) {
	dir := filepath.Dir(filepath.Clean(o.Path))
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", dir)
	}
	if err != nil {
		return "", fmt.Errorf("%s can't be made: %w", o.Path, err)
	}
	probe, err := os.CreateTemp(dir, ".vodworker-check-*")
	if err != nil {
		return "", fmt.Errorf("%s can't be made: this user can't write there: %w", o.Path, err)
	}
	return o.Path + " is not there yet, and can be made", errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// String returns the path.
func (f *File) String() string { return f.path }

// Reach sees whether the file can still be written to, or made again.
func (f *File) Reach(ctx context.Context) (found string, err error) {
	return FileOptions{Path: f.path}.Reach(ctx)
}
