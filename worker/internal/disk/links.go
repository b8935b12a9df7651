//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package disk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxHops is how many links may lead from one to the next, as the kernel has it.
const maxHops = 40

// noFollow is for what is no link since it was followed: one that has taken its place since then is none that was looked at.
const noFollow = syscall.O_NOFOLLOW

// Follow returns what path leads to, which need not be there yet. It fails for root if a link on the way is another user's.
// Only the last name of the path is looked at: links to folders are followed by whoever opens it.
func Follow(path string) (string, error) {
	for range maxHops {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil // what is wrong with it will be seen by opening it
		}
		if maker := ownerOf(info); maker != 0 && os.Geteuid() == 0 {
			return "", fmt.Errorf("%s is a link of user %d, which root does not follow", path, maker)
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = folderOf(path) + string(filepath.Separator) + target
		}
		path = target
	}
	return "", fmt.Errorf("%s: %w", path, syscall.ELOOP)
}

// oneName fails if root is to open a file, in a folder of a user's, that is another's and has more names than this one.
func oneName(path string, info fs.FileInfo) error {
	if os.Geteuid() != 0 {
		return nil
	}
	folder, err := os.Stat(folderOf(path))
	if err != nil {
		return err
	}
	names := info.Sys().(*syscall.Stat_t).Nlink
	if info.Mode().IsRegular() && names > 1 && ownerOf(info) != ownerOf(folder) {
		return fmt.Errorf("%s has %d names, and is not of the user whom its folder belongs to", path, names)
	}
	return nil
}

func ownerOf(info fs.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }
