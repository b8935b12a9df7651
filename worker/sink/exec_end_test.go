//go:build unix

package sink_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A lifeline is a named pipe that programs hold open: it ends when the last of them is gone.
type lifeline struct {
	path  string
	lines chan string // what they wrote; closed at the end
}

func newLifeline(t *testing.T) *lifeline {
	t.Helper()
	l := &lifeline{path: filepath.Join(t.TempDir(), "lifeline"), lines: make(chan string, 100)}
	if err := syscall.Mkfifo(l.path, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(l.lines)
		pipe, err := os.Open(l.path) // waits for the first
		if err != nil {
			t.Error(err)
			return
		}
		defer pipe.Close()
		for scanner := bufio.NewScanner(pipe); scanner.Scan(); {
			l.lines <- scanner.Text()
		}
	}()
	return l
}

// A program that prints without end, hangs and leaves children behind, all of which ignore SIGTERM and hold its output, is
// ended with all of them, in bounded memory. TestMain sees that no goroutine stays either.
func TestExecEndsAProgramWithAllItsChildren(t *testing.T) {
	const printed = 20 << 20
	line := newLifeline(t)
	x, log := shell(t, `
		trap '' TERM
		exec 3>"$1"
		(yes & yes >&2 & wait) & # until the end
		for i in 1 2 3; do
			(sh -c 'echo child >&3; sleep 1000' & sleep 1000) &
		done
		head -c "$2" /dev/zero
		echo printed >&3
		sleep 1000`, line.path, strconv.Itoa(printed))
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	over := errors.New("the time is over")

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error, 1)
	go func() { done <- x.Handle(ctx, event(uploadJSON)) }()
	children := 0
	for text := range line.lines {
		if text == "child" {
			children++
		}
		if text == "printed" {
			break
		}
	}
	for children < 3 {
		if <-line.lines == "child" {
			children++
		}
	}
	cancel(over)
	err := <-done
	runtime.ReadMemStats(&after)

	if !ordinary(err) || !errors.Is(err, context.Canceled) || !errors.Is(err, over) {
		t.Errorf("got %v", err)
	}
	for range line.lines { // ends with the last of them
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("%d MiB allocated for %d MiB of output", allocated>>20, printed>>20)
	}
	if log.Len() > 20<<10 || !strings.Contains(log.String(), `"bytes_before":`) {
		t.Errorf("logged %d bytes", log.Len())
	}
}

func TestExecLetsAProgramEndWell(t *testing.T) {
	line := newLifeline(t)
	x, log := shell(t, `trap 'echo cleaned up; exit 0' TERM; exec 3>"$1"; sleep 1000 & echo ready >&3; wait`, line.path)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-line.lines
		cancel()
	}()
	if err := x.Handle(ctx, event(uploadJSON)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v: what ends after its time may have been cut short", err)
	}
	if _, out := output(t, log); out != "cleaned up" {
		t.Errorf("printed %q", out)
	}
}

// What a program leaves running when it exits is its own affair, even if it holds the output.
func TestExecDoesNotWaitForTheBackground(t *testing.T) {
	dir := t.TempDir()
	pids := filepath.Join(dir, "pids")
	for _, status := range []string{"0", "4"} {
		x, log := shell(t, `sleep 1000 & echo $! >"$1"; echo started; exit "$2"`, pids, status)
		err := x.Handle(t.Context(), event(uploadJSON))
		if (err == nil) != (status == "0") {
			t.Errorf("exit %s: %v", status, err)
		}
		if _, out := output(t, log); out != "started" {
			t.Errorf("printed %q", out)
		}
		text, err := os.ReadFile(pids)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("it was ended: %v", err)
		}
	}
}
