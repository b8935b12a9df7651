package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// maxRotations is how often in a row the file may be replaced before a line is on the disk.
const maxRotations = 10

// errMoved means that the file has lost its name, or some of its end, so that what was written may be lost with it.
var errMoved = errors.New("the file is rotated again and again")

// append writes whole lines to the file that has the name. Nil means that they are in it, and on the disk.
func (f *File) append(text []byte) (err error) {
	for range maxRotations {
		err = f.tryAppend(text)
		if err == nil {
			return nil
		}
		f.drop() // whatever it was, the next try begins with a new look
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

func (f *File) tryAppend(text []byte) error {
	if f.file == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	var start, end int64
	err := f.locked(func() (err error) {
		start, end, err = f.write(text)
		return err
	})
	if err != nil {
		return err
	}
	// Others may write meanwhile, so replicas do not wait for each other's syncs.
	if err := f.sync(f.file); err != nil {
		_ = f.locked(func() error { return f.takeBack(start, end) }) // what the disk has of it is unknown
		return err
	}
	if err := f.inPlace(); err != nil {
		return err
	}
	info, err := f.file.Stat()
	if err == nil && info.Size() < end {
		err = errMoved
	}
	return err
}

// begin sees to it that the file can be used, and mends it unless somebody is writing, who has done that.
func (f *File) begin() error {
	if err := f.open(); err != nil {
		return err
	}
	if err := startsAsOurs(f.file); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	got, err := disk.TryLock(f.file)
	if err != nil {
		return fmt.Errorf("lock %s: %w", f.path, err)
	}
	if got {
		_, err = f.mend()
		err = errors.Join(err, disk.Unlock(f.file))
	}
	return err
}

// open opens the file, and sees to it that its name is there after a crash, whoever has made it.
func (f *File) open() (err error) {
	if f.file, err = disk.Append(f.path); err != nil {
		return err
	}
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", f.path)
	}
	return disk.SyncDir(filepath.Dir(f.path))
}

// drop closes the file, if it is open. What counts is on the disk already.
func (f *File) drop() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// locked calls change while nobody else writes to the file, and the file has its name.
func (f *File) locked(change func() error) (err error) {
	if err := disk.WaitLock(f.closing, f.file); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Unlock(f.file)) }()
	if err := f.inPlace(); err != nil {
		return err
	}
	return change()
}

// inPlace returns errMoved unless the open file is the one that has the name.
func (f *File) inPlace() error {
	named, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return errMoved
	}
	if err != nil {
		return err
	}
	ours, err := f.file.Stat()
	if err == nil && !os.SameFile(named, ours) {
		err = errMoved
	}
	return err
}

// write returns from where to where the lines reach, in a file that nobody cuts.
func (f *File) write(text []byte) (start, end int64, err error) {
	if start, err = f.mend(); err != nil {
		return 0, 0, err
	}
	end = start + int64(len(text))
	if _, err = f.file.Write(text); err != nil {
		_ = f.takeBack(start, end) // if that fails, who writes next mends it
	}
	return start, end, err
}

// takeBack removes what there is of the lines, if nothing stands behind them.
func (f *File) takeBack(start, end int64) error {
	info, err := f.file.Stat()
	if err == nil && info.Size() > start && info.Size() <= end {
		err = f.file.Truncate(start)
	}
	return err
}

// mend makes the file end with a whole line, and returns its size then. Half a line can only be there if who wrote it is
// gone, since others hold the lock while they write.
func (f *File) mend() (size int64, err error) {
	last, size, err := lastLine(f.file)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", f.path, err)
	case len(last) == 0:
		return size, nil
	case json.Valid(last):
		_, err = f.file.Write([]byte{'\n'})
		return size + 1, err
	default:
		size -= int64(len(last))
		return size, f.file.Truncate(size)
	}
}
