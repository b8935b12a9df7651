package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

const quietly = `
vod: {endpoint: "${ENDPOINT}"}
handlers: [{name: print, stdout: {}}]
`

// hangUp starts run as attributes say, by what stands before it, waits until it works, and sends SIGHUP.
func hangUp(t *testing.T, attributes *syscall.SysProcAttr, before ...string) (p *child, log func() string) {
	t.Helper()
	heard := make(chan os.Signal, 1) // who ignores a signal, as these tests do under nohup, has its children ignore it
	signal.Notify(heard, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(heard) })
	p = newChild(t, quietly, "run", "--log-level", "info")
	if len(before) > 0 {
		program, err := exec.LookPath(before[0])
		if err != nil {
			t.Skip(err)
		}
		p.cmd.Path, p.cmd.Args = program, append(before, p.cmd.Args...)
	}
	file := p.write("log", "")
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = file, file, attributes
	if attributes.Setctty {
		p.cmd.Stdin = terminal(t)
	}
	p.emulator.Upload(0, "a.mp4")
	p.start()
	p.awaitConfirmed(1)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	return p, func() string {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// terminal returns a new one, for a child to belong to.
func terminal(t *testing.T) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	var number, unlocked uint32
	for request, value := range map[uintptr]*uint32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(value))); code != 0 {
			t.Skip(code)
		}
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = slave.Close() })
	return slave
}

// goesOn sees that events are handled still, and that SIGTERM ends it as ever.
func goesOn(t *testing.T, p *child) {
	t.Helper()
	p.emulator.Upload(0, "b.mp4")
	p.awaitConfirmed(2)
	p.signal()
	wantEqual(t, "exit code", p.code(), exitOK)
}

func TestWithoutATerminalSIGHUPDoesNothingButSayIt(t *testing.T) {
	t.Parallel()
	p, log := hangUp(t, &syscall.SysProcAttr{Setsid: true})
	p.await("line", func() bool { return strings.Contains(log(), `"message":"SIGHUP: there is nothing to reload; `) })
	goesOn(t, p)
}

func TestNohupKeepsSIGHUPIgnored(t *testing.T) {
	t.Parallel()
	p, log := hangUp(t, &syscall.SysProcAttr{Setsid: true, Setctty: true}, "nohup")
	goesOn(t, p)
	if strings.Contains(log(), "SIGHUP") {
		t.Errorf("it heard it: %s", log())
	}
}

func TestWithATerminalSIGHUPIsSIGTERM(t *testing.T) {
	t.Parallel()
	p, log := hangUp(t, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	// A shell passes it on, at any time until the end.
	p.await("end", func() bool { return errors.Is(p.cmd.Process.Signal(syscall.SIGHUP), os.ErrProcessDone) })
	wantEqual(t, "exit code", p.code(), exitOK)
	if !strings.Contains(log(), `"why":"signal: hangup"`) {
		t.Errorf("it has not stopped by the signal: %s", log())
	}
}
