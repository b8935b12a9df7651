package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// place returns the path of the database's file, which need not be there.
//
// The file itself is for SQLite alone to open: to close another one of it would take away the locks that this process has
// on it.
func place(at *url.URL) (string, error) {
	path := at.Path
	if at.Host != "" || path == "" || path == "/" || at.RawQuery != "" || at.Fragment != "" {
		return "", errors.New("it must be sqlite:///PATH, with three slashes, an absolute path, and nothing behind it")
	}
	path, err := disk.Follow(path)
	if err != nil {
		return "", fmt.Errorf("the database can't be opened: %w; name a file", err)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file; name a file in that folder, or another", path)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("there is no folder %s; make the folder, or name another", dir)
	}
	if remote(dir) {
		return "", fmt.Errorf("%s is on a network file system, where locks can't be relied on; name a local folder, or use postgres",
			dir)
	}
	return path, nil
}

// isThere sees that the file is there, and may make it, for its owner alone. Whoever may has its lock: nobody else makes it
// meanwhile.
func isThere(path string, make bool) error {
	err := disk.Refuses(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return noRight(err)
	}
	if !make {
		return fmt.Errorf("there is no database %s; a worker makes it when it starts", path)
	}
	file, err := disk.Append(path)
	if err != nil {
		return noRight(err)
	}
	return file.Close() // before SQLite opens it
}

func noRight(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the database can't be opened: %w; give the user of vodworker the right to read and write it, and its folder",
		err)
}

// lockFile takes the lock that a worker has as long as it has the database.
func lockFile(path string) (*os.File, error) {
	file, err := disk.Append(path + ".lock")
	if err != nil {
		return nil, noRight(err)
	}
	locked, err := disk.TryLock(file)
	if err == nil && !locked {
		err = fmt.Errorf("%s is in use by another worker; stop that one, name another file, or use postgres for several", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
