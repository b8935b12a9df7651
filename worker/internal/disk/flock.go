//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package disk

import (
	"errors"
	"os"
	"syscall"
)

// TryLock reports whether it got the lock of an open file, which no other process and no other open file has then. Closing
// the file gives it back.
func TryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// Unlock gives the lock of a file that stays open back.
func Unlock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// GiveToOwner gives a file that root makes to whom the folder belongs: a replay under sudo must not lock the worker's own
// user out of its letters. Where root may not do that, the letter is more important than its owner.
func GiveToOwner(file *os.File, dir string) {
	if folder, err := os.Stat(dir); err == nil {
		give(file, folder)
	}
}

func give(file *os.File, folder os.FileInfo) {
	if uid, gid, known := owner(folder); known && uid != 0 && os.Geteuid() == 0 {
		_ = file.Chown(uid, gid)
	}
}

func owner(info os.FileInfo) (uid, gid int, known bool) {
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

// names returns how many names a file has, in all folders.
func names(info os.FileInfo) uint64 {
	if stat, known := info.Sys().(*syscall.Stat_t); known {
		return uint64(stat.Nlink)
	}
	return 1
}
