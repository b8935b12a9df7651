package initial

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
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
	if errors.Is(err, fs.ErrExist) {
		return isThere(name)
	}
	if err != nil {
		return fmt.Errorf("%s can't be made: %w", name, why(err))
	}
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("%s can't be written: %w", name, errors.Join(why(err), os.Remove(name)))
	}
	return nil
}

// why says what kept a file from being made or written, and what to do.
func why(err error) error {
	const print = "or print it with 'vodworker init -'"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("its folder does not exist; make the folder, or name another")
	case errors.Is(err, syscall.ENOTDIR):
		return errors.New("a part of its path is no folder; name another")
	case errors.Is(err, syscall.ENAMETOOLONG):
		return errors.New("its name is too long; write a shorter one")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return errors.New("you may not write into its folder; name another, " + print)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errors.New("the disk is full; make room, " + print)
	}
	return fmt.Errorf("%w; name another, "+print, err)
}

func isThere(name string) error {
	return fmt.Errorf("%s is there already, and stays as it is; name another, as in 'vodworker init other.yaml', or print one with "+
		"'vodworker init -'", name)
}
