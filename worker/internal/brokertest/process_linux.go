package brokertest

import (
	"errors"
	"os"
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
