package brokertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	terminate = syscall.SIGTERM
	kill      = syscall.SIGKILL
	freeze    = syscall.SIGSTOP
	thaw      = syscall.SIGCONT
)

// ofItsOwn has a server end with this process, and be reached by signals with what it has started.
func ofItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: kill}
}

// signal reaches a server, if it still runs, and what it has started.
func signal(server *os.Process, what syscall.Signal) error {
	if err := syscall.Kill(-server.Pid, what); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// standsStill reports whether all threads of a server are stopped.
func standsStill(server *os.Process) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", server.Pid)) // the pattern is one
	for _, file := range threads {
		stat, err := os.ReadFile(file)
		name := bytes.LastIndexByte(stat, ')') // the state follows it
		if err == nil && !bytes.HasPrefix(stat[name+1:], []byte(" T")) {
			return false
		}
	}
	return true
}
