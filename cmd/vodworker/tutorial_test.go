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
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Every command of the tutorial is run, as a reader would, in one shell, and must print what the tutorial shows. There an
// ellipsis stands for any text, as a line for any lines, and numbers of six digits and more for any others.
func TestTheTutorial(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	t.Parallel()
	text, err := os.ReadFile("TUTORIAL.md")
	if err != nil {
		t.Fatal(err)
	}
	emulator, err := freePort() // instead of that in the tutorial, which somebody may be using
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	steps := tutorialSteps(strings.NewReplacer("9266", emulator, "8080", receiver).Replace(string(text)))
	if len(steps) < 20 {
		t.Fatalf("the tutorial has %d commands", len(steps))
	}
	program, err := exec.LookPath("vodworker")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "vodworker"), fmt.Appendf(nil, onPorts, program, emulator, receiver), 0o700); err != nil {
		t.Fatal(err)
	}
	s := newShell(t, bin)
	for _, step := range steps {
		if !s.run(step) {
			return
		}
		if strings.HasPrefix(step.command, "vodworker emulate --") {
			await(t, emulator) // a reader does not type so fast
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

// onPorts stands before the program, and has it use other ports where the tutorial relies on its defaults.
const onPorts = `#!/bin/sh
case "$1 $2" in
"receive ")
	{ cat config.yaml; echo 'callback: {listen: ":%[3]s"}'; } > receive.yaml
	exec %[1]s receive --config receive.yaml
	;;
emulate\ [a-z]*) exec %[1]s "$@" --emulator http://127.0.0.1:%[2]s ;;
emulate\ *) exec %[1]s "$@" --listen 127.0.0.1:%[2]s ;;
*) exec %[1]s "$@" ;;
esac
`

// A step is one command and what it prints.
type step struct {
	line    int
	command string
	prints  []string
}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

func tutorialSteps(text string) (steps []step) {
	for _, block := range consoleBlock.FindAllStringSubmatchIndex(text, -1) {
		first := strings.Count(text[:block[2]], "\n") + 1
		for i, line := range strings.Split(strings.TrimSuffix(text[block[2]:block[3]], "\n"), "\n") {
			switch command, is := strings.CutPrefix(line, "$ "); {
			case is:
				steps = append(steps, step{line: first + i, command: command})
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
	in    io.Writer
	lines chan string
}

const prompt = "-- the command has ended --"

func newShell(t *testing.T, bin string) *shell {
	dir := t.TempDir()
	cmd := exec.Command("bash")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "PATH="+bin+":"+os.Getenv("PATH"))
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
	s := &shell{t: t, in: in, lines: make(chan string, 10_000)}
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
				s.t.Errorf("TUTORIAL.md:%d: %s: the shell has ended", step.line, step.command)
				return false
			case line == prompt:
				ended = true
				continue
			}
			seen = append(seen, line)
			if wanted, ok = advance(wanted, line); !ok {
				s.t.Errorf("TUTORIAL.md:%d: %s\nprints\n%s\nwhich does not go on as it should:\n%s",
					step.line, step.command, strings.Join(seen, "\n"), strings.Join(step.prints, "\n"))
				return false
			}
		case <-deadline:
			s.t.Errorf("TUTORIAL.md:%d: %s\nprinted in a minute\n%s\nand not\n%s",
				step.line, step.command, strings.Join(seen, "\n"), strings.Join(wanted, "\n"))
			return false
		}
	}
	return true
}

// advance returns what is to come after line, and whether line may come now.
func advance(wanted []string, line string) ([]string, bool) {
	switch {
	case len(wanted) == 0:
		return nil, false
	case wanted[0] != "…":
		return wanted[1:], alike(wanted[0], line)
	case len(wanted) > 1 && alike(wanted[1], line):
		return wanted[2:], true
	}
	return wanted, true
}

var (
	anyNumber = regexp.MustCompile(`[0-9a-f]{6,}`)
	spaces    = regexp.MustCompile(` +`)
)

// alike reports whether line is what the tutorial shows, but for numbers, what an ellipsis stands for, and the width of
// columns.
func alike(shown, line string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(anyNumber.ReplaceAllString(shown, "…")), "…", ".*")
	pattern = spaces.ReplaceAllString(pattern, " +")
	return regexp.MustCompile("^" + pattern + "$").MatchString(line)
}

func TestTheTutorialsCheckerCanFail(t *testing.T) {
	for _, test := range []struct {
		shown, line string
		want        bool
	}{
		{"file 487617019471545679", "file 12345678901", true},
		{"file 487617019471545679", "task 12345678901", false},
		{"a … c", "a b c", true},
		{"a … c", "a b", false},
		{"a+b", "aab", false},
	} {
		if alike(test.shown, test.line) != test.want {
			t.Errorf("%q and %q: want %v", test.shown, test.line, test.want)
		}
	}
	if _, ok := advance([]string{"a", "b"}, "b"); ok {
		t.Error("a line that is missing is not noticed")
	}
	if _, ok := advance(nil, "more"); ok {
		t.Error("a line that is too much is not noticed")
	}
	if rest, ok := advance([]string{"…", "b"}, "x"); !ok || len(rest) != 2 {
		t.Error("an ellipsis does not stand for any line")
	}
}
