// Package reap has the first process of a container wait for children that it has not started.
package reap

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// isFirst reports whether this is the first process of a container. What handlers' programs leave behind becomes its child, and
// stays a zombie until it is waited for.
func isFirst() bool { return os.Getpid() == 1 }

func init() {
	if isFirst() {
		runtime.LockOSThread() // main stays on the first thread, and nothing else comes there
	}
}

// During has work done, and meanwhile waits for the children that nobody else waits for. Only main may call it. It need not
// return: work ends the process.
//
// The kernel gives orphans to the first thread. Programs are started by other ones, since main has the first for itself: what a
// wait for the children of this thread alone finds is never os/exec's.
func During(work func()) {
	if !isFirst() {
		work()
		return
	}
	go work()
	died := make(chan os.Signal, 1)
	signal.Notify(died, syscall.SIGCHLD)
	for range died {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG|syscall.WNOTHREAD, nil)
			if pid <= 0 && !errors.Is(err, syscall.EINTR) {
				break
			}
		}
	}
}
