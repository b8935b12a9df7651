//go:build unix

package sink

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

const hasGroups = true

// leadGroup makes the program the first of a process group. So it gets no Ctrl-C from our terminal either: while we stop, it
// may finish.
func leadGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func endGroup(leader *os.Process) error {
	err := syscall.Kill(-leader.Pid, syscall.SIGTERM)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// killGroup runs when the leader is gone. Its number is the group's as long as there is one, and no system gives a number
// out again within execGrace.
func killGroup(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGKILL) }
