package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process is one that is measured, or that such a one talks to.
type process struct {
	name    string
	cmd     *exec.Cmd
	started time.Time
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	stderr  bytes.Buffer
	ended   bool
}

// start starts a process that is ended with the test, if not before.
func start(tb testing.TB, name string, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{name: name, cmd: cmd}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	p.stdin = stdin
	if cmd.Stdout == nil {
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			tb.Fatal(err)
		}
		p.stdout = bufio.NewReader(stdout)
	}
	cmd.Stderr = &p.stderr
	p.started = time.Now()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if !p.ended {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		if tb.Failed() {
			tb.Logf("what %s has logged:\n%s", name, p.stderr.String())
		}
	})
	return p
}

// line returns the next line that the process prints.
func (p *process) line(tb testing.TB) string {
	tb.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		tb.Fatalf("%s says nothing: %v", p.name, err)
	}
	return strings.TrimSpace(line)
}

// An ending is what became of a process, by the operating system's accounts.
type ending struct {
	said string        // on its standard output, to the end
	cpu  time.Duration // user and system, with that of the programs it ran
	took time.Duration // from SIGTERM on
}

// stop has a process end as an operator does. It must end well.
func (p *process) stop(tb testing.TB) ending {
	tb.Helper()
	asked := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatalf("%s has ended by itself: %v", p.name, errors.Join(err, p.cmd.Wait()))
	}
	var said []byte
	if p.stdout != nil {
		said, _ = io.ReadAll(p.stdout)
	}
	err := p.cmd.Wait()
	took := time.Since(asked)
	p.ended = true
	if err != nil {
		tb.Fatalf("%s ended badly: %v", p.name, err)
	}
	return ending{said: string(said), cpu: cpuOf(p.cmd.ProcessState.SysUsage().(*syscall.Rusage)), took: took}
}

// isGone reports whether a process has ended that nobody has waited for yet.
func (p *process) isGone() bool {
	fields := statOf(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	return len(fields) > 0 && fields[0] == "Z"
}

// end has a process end that does so when its input does, in time.
func (p *process) end(tb testing.TB) {
	tb.Helper()
	_ = p.stdin.Close()
	late := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	if err := p.cmd.Wait(); err != nil {
		tb.Errorf("%s ended badly: %v", p.name, err)
	}
	p.ended = true
}

func cpuOf(usage *syscall.Rusage) time.Duration {
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// ownCPU is what this process has used so far.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return cpuOf(&usage)
}

// peak is the most memory that a running process has had resident, in bytes, 0 where that is not to be had. The accounts of
// an ended one have too much: the memory of who started it counts there.
func (p *process) peak() float64 { return p.memory("VmHWM:") }

// resident is what it has now.
func (p *process) resident() float64 { return p.memory("VmRSS:") }

func (p *process) memory(which string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), which)
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, _ := strconv.ParseFloat(number, 64)
	return kib * 1024
}

// untilStopped returns a context that ends when the process is told to.
func untilStopped() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM)
}
