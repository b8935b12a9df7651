package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/vodworker/vodworker/cmd/vodworker/reap"
)

// program is what surrounds run: the process. It does not return.
func program(changes ...func(*app)) {
	// Who takes SIGPIPE gets the error of the write instead of ending: an event whose line nobody reads has failed, and
	// a log that nobody reads ends nothing. What is started here gets the signal as ever.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	reap.During(func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, changes...)) })
}

// printing are the commands that are pointless if what they print goes nowhere; what pull prints would be lost besides. Of the
// others the exit code or the effect may be all that is wanted. A handler may print too, and open sees to that.
var printing = []string{"pull", "show", "schema", "list", "state", "demo", "explain", "bash", "zsh", "fish", "powershell"}

// checkStreams fails if what a command prints would go nowhere, and has what is read fail if it comes from nowhere.
func (a *app) checkStreams(command string) error {
	if closedInput(a.stdin) {
		a.stdin = noInput{}
	}
	if slices.Contains(printing, command) && closedOutput(a.stdout) {
		return errClosedOutput
	}
	return nil
}

var errClosedOutput = usageError{errors.New("stdout is closed, or is /dev/null for reading and writing, which looks the " +
	"same: what is to go there would be lost; send it to a file or a pipe, or throw it away with >/dev/null")}

// noInput is in the place of an input that was closed.
type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, usageError{errors.New("stdin is closed")} }

// closedOutput reports whether a stream was closed when the program began. Go's runtime opens the null device in its place, for
// reading and writing, and every write to it succeeds. A shell opens its >/dev/null for writing alone.
func closedOutput(to io.Writer) bool {
	file, ok := to.(*os.File)
	if !ok || !isNull(file) {
		return false
	}
	_, err := file.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// closedInput is closedOutput for what is read.
func closedInput(from io.Reader) bool {
	file, ok := from.(*os.File)
	if !ok || !isNull(file) {
		return false
	}
	_, err := file.Write([]byte{0})
	return err == nil
}

func isNull(file *os.File) bool {
	info, err := file.Stat()
	null, nullErr := os.Stat(os.DevNull)
	return err == nil && nullErr == nil && os.SameFile(info, null)
}
