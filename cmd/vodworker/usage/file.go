package usage

import (
	"errors"
	"io/fs"
	"syscall"
)

// File says why a file can't be read, and what to do. It leaves the name out, which stands in front.
func File(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file; make it, or name another")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the file may not be read; give the user of vodworker the right to read it")
	case errors.Is(err, syscall.EISDIR):
		return errors.New("this is a folder; name the file in it")
	}
	if long, is := errors.AsType[*fs.PathError](err); is {
		return long.Err
	}
	return err
}
