//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// consoles are the pages with commands, and what each must have besides the program.
var consoles = map[string]string{
	"README.md":                  "",
	"cmd/vodworker/OPERATE.md":   "curl",
	"cmd/vodworker/TUTORIAL.md":  "",
	"cmd/vodworker/REFERENCE.md": "",
	"worker/callback/README.md":  "",
	"worker/inbox/README.md":     "sleep",
	"worker/sink/RECEIVERS.md":   "python3",
	"worker/vodtest/README.md":   "",
}

// Every command of the pages is run, as a reader would, in one shell for each page, and must print what the page shows. There an
// ellipsis stands for any text, as a line for any lines, and dates and numbers of six digits and more for any others.
func TestTheCommandsOfThePages(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	t.Parallel()
	for path := range documents {
		if _, known := consoles[path]; !known && len(blocksOf(document(t, path), "console")) > 0 {
			t.Errorf("%s has commands: say in this test what they need", path)
		}
	}
	for path, needs := range consoles {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if needs != "" {
				if _, err := exec.LookPath(needs); err != nil {
					t.Skip(err)
				}
			}
			runPage(t, path)
		})
	}
}

func runPage(t *testing.T, path string) {
	emulator, err := freePort() // instead of that in the page, which somebody may be using
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	operators, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("9266", emulator, "8080", receiver, "9464", operators).Replace(document(t, path))
	steps := stepsOf(text)
	if len(steps) == 0 {
		t.Fatal("the page has no commands")
	}
	program, err := exec.LookPath("vodworker")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "vodworker"), fmt.Appendf(nil, onPorts, program, emulator, receiver), 0o700); err != nil {
		t.Fatal(err)
	}
	s := newShell(t, path, bin, "127.0.0.1:"+operators, programsOf(text))
	for _, step := range steps {
		if !s.run(step) {
			return
		}
		switch { // a reader does not type so fast
		case strings.HasPrefix(step.command, "vodworker emulate --"):
			await(t, emulator)
		case strings.HasPrefix(step.command, "python3 "):
			await(t, receiver)
		}
	}
}

// await waits until somebody listens on a port.
func await(t *testing.T, port string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = conn.Close()
			return
		}
		<-tick.C
	}
	t.Fatalf("nobody listens on port %s after 30 s", port)
}

// onPorts stands before the program, and has it use other ports where a page relies on its defaults. Polls of an empty queue are
// held for less than 5 s, which nobody is to see but the clock.
const onPorts = `#!/bin/sh
case "$1 $2" in
receive\ *)
	{ cat config.yaml; echo 'callback: {listen: ":%[3]s"}'; } > receive.yaml
	exec %[1]s "$@" --config receive.yaml
	;;
emulate\ fidelity) exec %[1]s "$@" ;;
emulate\ [a-z]*) exec %[1]s "$@" --emulator http://127.0.0.1:%[2]s ;;
emulate\ *)
	shift
	exec %[1]s emulate --hold 1s "$@" --listen 127.0.0.1:%[2]s
	;;
*) exec %[1]s "$@" ;;
esac
`

// A step is one command and what it prints.
type step struct {
	line    int
	command string
	prints  []string
}

func stepsOf(text string) (steps []step) {
	for _, block := range blocksOf(text, "console") {
		for i, line := range strings.Split(strings.TrimSuffix(block.text, "\n"), "\n") {
			switch command, is := strings.CutPrefix(line, "$ "); {
			case is:
				steps = append(steps, step{line: block.line + i, command: command})
			case strings.HasPrefix(line, "> "):
				last := &steps[len(steps)-1]
				last.command += "\n" + line[2:]
			default:
				last := &steps[len(steps)-1]
				last.prints = append(last.prints, line)
			}
		}
	}
	return steps
}

// A shell runs commands one after the other, and what they put into the background beside them.
type shell struct {
	t     *testing.T
	page  string
	in    io.Writer
	lines chan string
}

const prompt = "-- the command has ended --"

// newShell starts one in a folder that has the page's programs.
func newShell(t *testing.T, page, bin, admin string, programs map[string]string) *shell {
	dir := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash")
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TENCENTCLOUD_") || strings.HasPrefix(v, "VODWORKER_")
	})
	cmd.Env = append(cmd.Env, "HOME="+dir, "PATH="+bin+":"+os.Getenv("PATH"), "VODWORKER_ADMIN_LISTEN="+admin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its background can be ended with it
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shell{t: t, page: page, in: in, lines: make(chan string, 10_000)}
	go func() {
		defer close(s.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		for range s.lines { // ends when the last of them has ended
		}
		_ = cmd.Wait()
	})
	return s
}

// run runs one command and waits for all that it should print; what is in the background may print it a little later.
func (s *shell) run(step step) bool {
	s.t.Helper()
	fmt.Fprintf(s.in, "%s\necho '%s'\n", step.command, prompt)
	ended, wanted := false, step.prints
	var seen []string
	deadline := time.After(time.Minute)
	for !ended || len(wanted) > 0 && wanted[len(wanted)-1] != "…" || len(wanted) > 1 {
		select {
		case line, ok := <-s.lines:
			switch {
			case !ok:
				s.t.Errorf("%s:%d: %s: the shell has ended", s.page, step.line, step.command)
				return false
			case line == prompt:
				ended = true
				continue
			}
			seen = append(seen, line)
			if wanted, ok = advance(wanted, line); !ok {
				s.t.Errorf("%s:%d: %s\nprints\n%s\nwhich does not go on as it should:\n%s",
					s.page, step.line, step.command, strings.Join(seen, "\n"), strings.Join(step.prints, "\n"))
				return false
			}
		case <-deadline:
			s.t.Errorf("%s:%d: %s\nprinted in a minute\n%s\nand not\n%s",
				s.page, step.line, step.command, strings.Join(seen, "\n"), strings.Join(wanted, "\n"))
			return false
		}
	}
	return true
}
