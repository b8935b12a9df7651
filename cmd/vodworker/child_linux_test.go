package main

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A child is the real program, on an emulator of its own.
type child struct {
	t        *testing.T
	emulator *vodtest.Emulator
	cmd      *exec.Cmd
	ended    chan error
}

// newChild prepares a command with a configuration, in a folder of its own; $ENDPOINT is the emulator.
func newChild(t *testing.T, config string, args ...string) *child {
	t.Helper()
	p := &child{t: t, emulator: vodtest.New(vodtest.Config{Hold: 100 * time.Millisecond}), ended: make(chan error, 1)}
	server := httptest.NewServer(p.emulator)
	t.Cleanup(server.Close)
	t.Cleanup(p.emulator.Close)
	p.cmd = exec.Command("vodworker", args...) // TestMain has put it on the PATH
	p.cmd.Dir = t.TempDir()
	p.write("config.yaml", config)
	p.cmd.Env = append(os.Environ(), "ENDPOINT="+server.URL,
		"TENCENTCLOUD_SECRET_ID="+vodtest.DefaultSecretID, "TENCENTCLOUD_SECRET_KEY="+vodtest.DefaultSecretKey)
	return p
}

// write makes a file in its folder, and returns it open.
func (p *child) write(name, text string) *os.File {
	p.t.Helper()
	file, err := os.Create(filepath.Join(p.cmd.Dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = file.Close() })
	if _, err := file.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
	return file
}

func (p *child) start() {
	p.t.Helper()
	if err := p.begin(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *child) begin() error {
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() { p.ended <- p.cmd.Wait() }()
	return nil
}

func (p *child) signal() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
}

// await waits until something is so.
func (p *child) await(what string, so func() bool) {
	p.t.Helper()
	if !p.comes(so) {
		p.t.Fatalf("no %s in 30 s: %+v", what, p.emulator.Stats(0))
	}
}

// comes waits for 30 s at most, and reports whether something is so.
func (p *child) comes(so func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if so() {
			return true
		}
	}
	return false
}

func (p *child) awaitConfirmed(n int) {
	p.t.Helper()
	p.await("confirm", func() bool { return p.emulator.Stats(0).Confirmed >= n })
}

// code waits for the end, and returns the exit code.
func (p *child) code() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		p.t.Fatal("it has not ended after 30 s")
		return 0
	}
}

// fullPipe returns a pipe that takes nothing more until it is read, and what was put in.
func fullPipe(t *testing.T) (r, w *os.File, filled int) {
	t.Helper()
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetNonblock(ends[1], true); err != nil {
		t.Fatal(err)
	}
	for {
		n, err := syscall.Write(ends[1], bytes.Repeat([]byte("\n"), 4096))
		if errors.Is(err, syscall.EAGAIN) {
			break
		}
		filled += n
	}
	if err := syscall.SetNonblock(ends[1], false); err != nil {
		t.Fatal(err)
	}
	r, w = os.NewFile(uintptr(ends[0]), "reader"), os.NewFile(uintptr(ends[1]), "writer")
	t.Cleanup(func() { _ = errors.Join(r.Close(), w.Close()) })
	return r, w, filled
}
