//go:build !linux

package brokertest

import (
	"errors"
	"os"
	"syscall"
)

const terminate, kill, freeze, thaw = syscall.Signal(0xf), syscall.Signal(0x9), syscall.Signal(0), syscall.Signal(0)

func ofItsOwn() *syscall.SysProcAttr { return nil }

func signal(*os.Process, syscall.Signal) error {
	return errors.New("brokers are started and stopped on Linux only")
}

func standsStill(*os.Process) bool { return true }
