package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Each program leaves one behind, as the first process of a container has them: what has lost its parent is that process's.
const leaving = `
vod: {endpoint: "${ENDPOINT}"}
handlers:
  - name: leaving
    retry: {tries: 1}
    exec: {command: [sh, -c, "sleep 0.2 >/dev/null 2>&1 & test $VOD_EVENT_TYPE = NewFileUpload || exit 7"]}
`

func TestAsTheFirstProcessItReapsWhatProgramsLeaveBehind(t *testing.T) {
	t.Parallel()
	const good, bad = 100, 4 // five in a row would bring it down
	p := newChild(t, leaving, "run")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWPID | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	var log bytes.Buffer
	p.cmd.Stderr = &log
	for i := range good {
		p.emulator.Upload(0, fmt.Sprint(i))
	}
	for range bad {
		if err := p.emulator.Emit(0, "FileDeleted"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.begin(); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skipf("this machine allows no namespaces: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	p.awaitConfirmed(good)
	p.await("end of its children", func() bool { return children(t, p.cmd.Process.Pid) == "" })
	p.signal()
	wantEqual(t, "exit code", p.code(), exitOK)
	if n := strings.Count(log.String(), "exit status"); n == 0 || n != strings.Count(log.String(), "exit status 7") {
		t.Errorf("programs ended with other codes than their own:\n%s", &log)
	}
	if s := p.emulator.Stats(0); s.Confirmed != good {
		t.Errorf("%d events are confirmed, want %d", s.Confirmed, good)
	}
	if strings.Contains(log.String(), "no child processes") {
		t.Errorf("a program was waited for by somebody else:\n%s", &log)
	}
}

// children returns the states of a process's children, such as Z for a zombie.
func children(t *testing.T, of int) (states string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // it may have ended
		_, after, _ := strings.Cut(string(text), ") ")
		var state string
		var parent int
		if _, err := fmt.Sscan(after, &state, &parent); err == nil && parent == of {
			states += state
		}
	}
	return states
}
