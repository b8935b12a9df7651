package initial

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// IsFree fails if there is something by the name of a file that is to be made, a link that leads nowhere too.
func IsFree(name string) error {
	info, err := os.Lstat(name)
	switch {
	case err != nil: // Make tells
		return nil
	case info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", name)
	}
	return isThere(name)
}

// Make makes a file that is not there. If it can't be written to its end it is not there after that either. The errors say what
// to do.
func Make(name string, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return isThere(name)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s can't be made: its folder does not exist; make the folder, or name another", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s can't be made: you may not write into its folder; name another, or print it with 'vodworker init -'", name)
	case err != nil:
		return fmt.Errorf("make the configuration: %w", err)
	}
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the configuration: %w", errors.Join(err, os.Remove(name)))
	}
	return nil
}

func isThere(name string) error {
	return fmt.Errorf("%s is there already, and stays as it is; name another, as in 'vodworker init other.yaml', or print one with "+
		"'vodworker init -'", name)
}
