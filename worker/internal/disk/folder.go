package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many links a path may lead over, as the kernel has it.
const maxLinks = 40

// OpenDir opens a folder for what must never leave it. On the way there root follows only root's own links: who else may
// make one would choose the folder that root works in.
func OpenDir(path string) (*os.Root, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		return openAsRoot(path, maxLinks)
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() { // opening a pipe would not end
		return nil, fmt.Errorf("%s is no folder", path)
	}
	return os.OpenRoot(path)
}

func openAsRoot(path string, links int) (*os.Root, error) {
	at, err := os.OpenRoot("/")
	if err != nil {
		return nil, err
	}
	rest := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	for i, name := range rest {
		here := filepath.Join(at.Name(), name)
		info, err := at.Lstat(name)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			target, err := followed(at, name, info)
			if err = errors.Join(err, at.Close()); err != nil {
				return nil, err
			}
			if links == 0 {
				return nil, fmt.Errorf("%s: too many links", here)
			}
			return openAsRoot(filepath.Join(append([]string{target}, rest[i+1:]...)...), links-1)
		}
		if err == nil && !info.IsDir() {
			err = errors.New("it is no folder")
		}
		var next *os.Root
		if err == nil {
			next, err = enter(at, name, info)
		}
		_ = at.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", here, err)
		}
		at = next
	}
	return at, nil
}

// followed returns where a link leads to that root has made.
func followed(at *os.Root, name string, link fs.FileInfo) (target string, err error) {
	here := filepath.Join(at.Name(), name)
	if uid, _, _ := owner(link); uid != 0 {
		return "", fmt.Errorf("%s is a link of user %d, which root does not follow: name the folder itself", here, uid)
	}
	if target, err = at.Readlink(name); err != nil {
		return "", fmt.Errorf("%s: %w", here, err)
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(at.Name(), target)
	}
	return target, nil
}

// enter opens a folder in a folder, if it still is the one that was seen there.
func enter(at *os.Root, name string, seen fs.FileInfo) (*os.Root, error) {
	next, err := at.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	info, err := next.Stat(".")
	if err == nil && !os.SameFile(info, seen) {
		err = errors.New("it was replaced just now")
	}
	if err != nil {
		_ = next.Close()
		return nil, err
	}
	return next, nil
}
