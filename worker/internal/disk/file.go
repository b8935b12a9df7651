package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Make makes a file in a folder, and gives it to whom the folder belongs. What has the name already is not opened.
func Make(folder *os.Root, name string) (*os.File, error) {
	file, err := folder.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder.Name(), err)
	}
	if info, err := folder.Stat("."); err == nil {
		give(file, info)
	}
	return file, nil
}

// Open opens a file of a folder, with a flag such as [os.O_RDONLY]. It refuses what may be somebody else's file under a name
// that was planted here, links of both kinds, and what is no file.
func Open(folder *os.Root, name string, flag int) (*os.File, error) {
	path := filepath.Join(folder.Name(), name)
	info, err := folder.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is no regular file, but a link, a pipe or the like", path)
	}
	file, err := folder.OpenFile(name, flag|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	info, err = file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s: it was replaced just now, by what is no regular file", path)
	case names(info) > 1: // none: replaced just now, and still whole
		err = fmt.Errorf("%s: it is a hard link: the file has %d names", path, names(info))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// Read returns what is in a file of a folder, if [Open] opens it and it is no longer than most bytes.
func Read(folder *os.Root, name string, most int64) ([]byte, error) {
	file, err := Open(folder, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		return nil, fmt.Errorf("%s: it is longer than %d MiB", file.Name(), most>>20)
	}
	return content, err
}

const maxNamed = 1 << 20

// ReadNamed returns what is in a file that a user has named, of up to 1 MiB. It follows links, and reads nothing else than a
// regular file: a pipe or a device might never end.
func ReadNamed(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // opening a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no regular file; name another")}
	}
	content, err := io.ReadAll(io.LimitReader(file, maxNamed+1))
	if err == nil && len(content) > maxNamed {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is too large, with more than 1 MiB; name another")}
	}
	return content, err
}
