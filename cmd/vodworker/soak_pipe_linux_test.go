package main

import (
	"fmt"
	"os"
	"syscall"
)

// narrow has a pipe take as few bytes as a pipe can, so that it is soon full, and returns how many.
func narrow(pipe *os.File) (size int, err error) {
	const setPipeSize = 1031 // F_SETPIPE_SZ
	raw, err := pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		var got uintptr
		got, _, failed = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 1)
		size = int(got)
	})
	if err == nil && failed != 0 {
		err = fmt.Errorf("make a pipe narrow: %w", failed)
	}
	return size, err
}
