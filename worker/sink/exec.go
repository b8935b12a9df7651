package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// execGrace is between SIGTERM and SIGKILL, and how long the output of a program that has ended is waited for while
	// something that it started holds it open. Handle outlives its context by no more.
	execGrace = time.Second

	exitTempFail  = 75  // EX_TEMPFAIL of sysexits.h
	exitCannotRun = 126 // of a shell, as of env and nice: the program is there, but may not or can't be run
	exitNotFound  = 127 // and there is none

	maxVariable = 4 << 10 // bytes of an id in the environment
)

// ExecOptions say what an [Exec] runs.
type ExecOptions struct {
	// Command is the program and its arguments, which are passed on as they are: there is no shell. A program without a
	// slash is looked for in PATH. Required. Everybody on the machine can see the arguments: no place for secrets.
	Command []string `yaml:"command"`

	// Withhold are environment variables that the program does not get. It never gets those whose names begin with
	// TENCENTCLOUD_, and TRACEPARENT only from the event.
	Withhold []string `yaml:"-"`

	// Hide are secrets, and URLs with secrets in them, of 4 bytes and more: *** stands for each in what programs print, also where
	// it is escaped.
	Hide []string `yaml:"-"`

	// Log gets what programs print, a line for each run that printed something.
	Log zerolog.Logger `yaml:"-"`

	// Passing says that a failure may be made good before anybody looks: what a failed run printed is logged at info, as is
	// what others print, and not as a warning.
	Passing bool `yaml:"-"`
}

// Validate fails if there is no command, and if it has a NUL in it, with an [*OptionError].
func (o ExecOptions) Validate() error {
	if len(o.Command) == 0 || o.Command[0] == "" {
		return &OptionError{"command", errors.New("it is missing; name a program, such as [./on-event.sh]")}
	}
	if slices.ContainsFunc(o.Command, func(arg string) bool { return strings.ContainsRune(arg, 0) }) {
		return &OptionError{"command", errors.New("there is a NUL in it; take it out")}
	}
	return nil
}

// Exec runs a program for each event. On its standard input is the Body of a [Message] in [FormatCallback], and in its
// environment, besides the variables of this process:
//
//	VOD_EVENT_TYPE: the event's Type
//	VOD_FILE_ID, VOD_TASK_ID: its FileID and TaskID
//	VOD_EVENT_KEY: the Message's ID, the same however often the program runs for the event
//	VOD_SUB_APP_ID: its SubAppID, 0 for the default application
//
// All of these are always set. Those that the event lacks are empty, and so is one that no environment can hold: with a NUL
// in it, or longer than 4 KiB. TRACEPARENT is the Message's Traceparent, and set only if there is one.
//
// What a program prints, on standard output or error, goes to the log: the last 8 KiB of a run. The rest is read and thrown
// away, so no program can fill the memory or be stopped by a full pipe.
//
// Each program leads a process group. What it has started there ends with it at the end of the time, but not what has left
// the group, by setsid. A program that exits may leave others running in the background; they must not hold its output,
// which is closed a second later. If this process is killed, programs that are running live on.
type Exec struct {
	name string   // as errors show it: no argument ever is
	path string   // absolute
	args []string // with the program's name in front
	env  []string
	log  zerolog.Logger

	secrets *secrets
	passing bool
}

var _ Sink = (*Exec)(nil)

// NewExec returns a sink that runs opts.Command. It fails if the options are not valid, if there is no such program, if it may
// not or can't be executed, as a script whose interpreter is missing can't, and on systems without process groups. It runs
// nothing yet. A relative path is relative to the working directory of this moment.
func NewExec(opts ExecOptions) (*Exec, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if !hasGroups {
		return nil, fmt.Errorf("exec: this system has no process groups: %w", errors.ErrUnsupported)
	}
	path, err := findProgram(opts.Command[0])
	if err != nil {
		return nil, err
	}
	return &Exec{
		name: filepath.Base(path),
		path: path,
		args: slices.Clone(opts.Command),
		env:  environment(os.Environ(), opts.Withhold),
		log:  opts.Log,

		secrets: hideTexts(opts.Hide),
		passing: opts.Passing,
	}, nil
}

// environment returns what a program may have of ours. This is no wall: a program of the same user could find a key
// elsewhere. But those that print or send their environment, as crash reporters do, shall not find it there.
func environment(ours, withhold []string) []string {
	return slices.DeleteFunc(ours, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TENCENTCLOUD_") || name == traceparentVariable || slices.Contains(withhold, name)
	})
}

// Handle runs the program for e and waits for it as long as ctx lasts. Nil means that it exited with 0, whether or not it
// has read its input. Every other end is worth another try, none is [worker.Permanent]: a program that has crashed has
// refused nothing. A program that can't be started is [worker.Unreachable], and so are the exit codes with which a shell
// says that of another, 126 and 127. Exit code 75 (EX_TEMPFAIL) differs in what is logged: that the program asked for it, and
// its output not as a warning.
//
// When ctx ends the whole process group gets SIGTERM, and SIGKILL when it has not ended after a second; then the error
// wraps ctx.Err().
func (x *Exec) Handle(ctx context.Context, e events.Event) error {
	m, err := NewMessage(e, FormatCallback)
	if err != nil {
		return fmt.Errorf("run %s: %w", x.name, err)
	}
	output := &tail{}
	cmd := exec.CommandContext(ctx, x.path)
	cmd.Args = x.args
	cmd.Env = append(x.env[:len(x.env):len(x.env)], variables(e, m)...)
	cmd.Stdin = bytes.NewReader(m.Body) // os/exec ignores EPIPE
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = execGrace
	leadGroup(cmd)
	late := false
	cmd.Cancel = func() error {
		late = true
		return endGroup(cmd.Process)
	}
	err = cmd.Run()
	if late {
		killGroup(cmd.Process) // what is left of it
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it exited with 0; what it left in the background holds its output
	}
	printed := output.end(x.secrets)
	x.logOutput(e, printed, output.total, err)
	return x.judge(ctx, cmd, late, printed, err)
}

// Reach sees whether the program is still there and can be executed. It runs nothing.
func (x *Exec) Reach(context.Context) (found string, err error) {
	if _, err := findProgram(x.path); err != nil {
		return "", err
	}
	return "exec: " + x.name + " can be run", nil
}

// String returns the program's name.
func (x *Exec) String() string { return x.name }

// Close does nothing: no program outlives its Handle. It returns nil.
func (x *Exec) Close() error { return nil }

// traceparentVariable is where programs look for the trace that they are a part of. That of this process is no event's.
const traceparentVariable = "TRACEPARENT"

func variables(e events.Event, m Message) []string {
	fits := func(value string) string {
		if len(value) > maxVariable || strings.ContainsRune(value, 0) {
			return ""
		}
		return value
	}
	all := []string{
		"VOD_EVENT_TYPE=" + fits(string(e.Type)),
		"VOD_FILE_ID=" + fits(e.FileID()),
		"VOD_TASK_ID=" + fits(e.TaskID()),
		"VOD_EVENT_KEY=" + m.ID,
		"VOD_SUB_APP_ID=" + strconv.FormatUint(e.SubAppID, 10),
	}
	if m.Traceparent != "" {
		all = append(all, traceparentVariable+"="+m.Traceparent)
	}
	return all
}

// started reports whether there was a program: that of the command, and the one that a shell was to run for us.
func started(cmd *exec.Cmd) bool {
	code := cmd.ProcessState.ExitCode() // -1 of nil
	return cmd.Process != nil && code != exitCannotRun && code != exitNotFound
}

func isTempFail(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.ExitCode() == exitTempFail
}

// judge turns how the program ended into Handle's result.
func (x *Exec) judge(ctx context.Context, cmd *exec.Cmd, late bool, printed string, err error) error {
	ended := ctx.Err()
	switch {
	case err == nil:
		return nil
	case ended != nil && (late || errors.Is(err, ended)):
		return fmt.Errorf("run %s: ended before it was done: %w", x.name, say.Ended(ctx))
	case isTempFail(err):
		err = fmt.Errorf("run %s: asks to be tried again (exit code %d)", x.name, exitTempFail)
	default:
		err = fmt.Errorf("run %s: %w", x.name, err)
	}
	if last := lastPrinted(printed); last != "" {
		err = fmt.Errorf("%w: %s", err, last)
	}
	if !started(cmd) {
		return worker.Unreachable(err)
	}
	return err
}
