//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package disk

import (
	"errors"
	"fmt"
	"os"
)

// TryLock fails: without a lock between processes, two changes of one letter could lose one of them.
func TryLock(*os.File) (bool, error) {
	return false, fmt.Errorf("this system has no flock: %w", errors.ErrUnsupported)
}

// Unlock does nothing: there is no lock.
func Unlock(*os.File) error { return nil }

// GiveToOwner does nothing: these systems have no root.
func GiveToOwner(*os.File, string) {}

func give(*os.File, os.FileInfo) {}

func owner(os.FileInfo) (uid, gid int, known bool) { return 0, 0, false }

func names(os.FileInfo) uint64 { return 1 }
