package disk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CanWrite sees whether files can be made in a folder, and says so: it makes one, and removes it at once.
func CanWrite(dir string) (found string, err error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is no folder; name another", dir)
	}
	folder, err := OpenDir(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = folder.Close() }()
	name := ".vodworker-check-" + rand.Text()
	probe, err := Make(folder, name)
	if err != nil {
		if long, is := errors.AsType[*fs.PathError](err); is {
			err = long.Err // the name is the probe's
		}
		return "", fmt.Errorf("this user can't write to %s: %w; give the user of vodworker the right to write there", dir, err)
	}
	return dir + " can be written to", errors.Join(probe.Close(), folder.Remove(name))
}

// CanMake sees whether what is not there yet can be made, and says so. What is missing is not named:
// its name may have come from a variable.
func CanMake(name string) (found string, err error) {
	dir := filepath.Dir(filepath.Clean(name))
	switch _, err := CanWrite(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("its folder does not exist; make the folder, or name another")
	case err != nil:
		return "", fmt.Errorf("it can't be made: %w", err)
	}
	return name + " is not there yet, and can be made", nil
}
