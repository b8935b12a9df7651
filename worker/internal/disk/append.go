package disk

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const appending = os.O_RDWR | os.O_APPEND

// Append opens a file to be read, and written to at its end, as [AppendExisting] does. If there is none it makes one for its
// owner alone, who is, of what root makes, whom the folder belongs to.
func Append(path string) (*os.File, error) {
	path, err := Follow(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, appending|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return AppendExisting(path)
	}
	if err == nil {
		GiveToOwner(file, folderOf(path)) // only what we have made
	}
	return file, err
}

// AppendExisting opens a file that is there. In a folder that others may write to its name can be a trap for root: a link to a
// file that its maker may not write to. So root follows only links that root has made, and refuses a file that has more
// names and is not of the user whom the folder belongs to.
func AppendExisting(path string) (*os.File, error) {
	path, err := Follow(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, appending|noFollow, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = oneName(path, info)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Refuses says what [AppendExisting] has against a file that is there, but does not open it. Nobody opens and closes a file that
// the same process has locks on by fcntl(2): they would be gone.
func Refuses(path string) error {
	path, err := Follow(path)
	if err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return oneName(path, info)
}

// folderOf returns the folder of a path that must stay as it is: a .. behind a link is not where cleaning it would lead.
func folderOf(path string) string {
	dir, _ := filepath.Split(path)
	return cmp.Or(dir, ".")
}
