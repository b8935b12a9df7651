// Package deploy tests what vodworker is deployed by: releases, images, the chart, units of systemd. It is a module of its own, so
// that nothing of Kubernetes and Helm gets into the program's.
package deploy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	root     = "../.."
	deployed = root + "/cmd/vodworker/deploy"
	chart    = deployed + "/chart"
	patience = time.Minute // the machine may be busy
)

var (
	program string // vodworker
	helm    string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vodworker-deploy")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "vodworker")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "./cmd/vodworker")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0") // it runs where nothing else is
	tool := exec.Command("go", "tool", "-n", "helm")                   // builds it, and says where it is
	for _, cmd := range []*exec.Cmd{build, tool} {
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n", cmd, err)
			return 1
		}
		helm = strings.TrimSpace(string(out))
	}
	return m.Run()
}

// read returns the text of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write makes a file, and the folders that it is in.
func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// output runs a program, and returns what it prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// emulate starts an emulator with one event, and returns its address.
func emulate(t *testing.T) (url string) {
	t.Helper()
	cmd := exec.Command(program, "emulate", "--listen", "127.0.0.1:0", "--events", "1", "--log-format", "json")
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		reading.Wait()
		_ = cmd.Wait()
	})
	scanner := bufio.NewScanner(logs)
	for scanner.Scan() {
		var line struct{ Endpoint string }
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Endpoint != "" {
			reading.Go(func() { _, _ = io.Copy(io.Discard, logs) })
			return line.Endpoint
		}
	}
	t.Fatal("the emulator does not start")
	return ""
}

// confirmed returns how many events an emulator had confirmed.
func confirmed(t *testing.T, emulator string) int {
	t.Helper()
	out := output(t, program, "emulate", "state", "--emulator", emulator)
	var state struct{ Stats struct{ Confirmed int } }
	if err := json.Unmarshal([]byte(out), &state); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return state.Stats.Confirmed
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// inRoot returns a command that runs in a folder as the only root, which nobody can write to, as a user.
func inRoot(t *testing.T, folder string, user int, args ...string) *exec.Cmd {
	t.Helper()
	const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && user=$2:$2 && root=$1 && shift 2 &&
		exec chroot --userspec=$user "$root" "$@"`
	inMount := func(args ...string) *exec.Cmd {
		return exec.Command("unshare", append([]string{"--mount", "sh", "-c", script, "sh", folder, fmt.Sprint(user)}, args...)...)
	}
	if out, err := inMount("/vodworker", "version").CombinedOutput(); err != nil {
		t.Skipf("it takes root, and mounts: %v\n%s", err, out)
	}
	cmd := inMount(args...)
	cmd.Env = []string{}
	return cmd
}
