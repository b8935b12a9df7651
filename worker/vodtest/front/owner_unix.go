//go:build unix

package front

import (
	"io/fs"
	"os"
	"syscall"
)

// isOurs tells whether a file is of the user that we are: another one may change it, whatever its mode is.
func isOurs(info fs.FileInfo) bool {
	about, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(about.Uid) == int64(os.Geteuid())
}
