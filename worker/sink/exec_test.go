//go:build unix

package sink_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/sink"
)

// shell returns a sink that runs a script; what it prints is logged to the buffer.
func shell(t *testing.T, script string, args ...string) (*sink.Exec, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	x, err := sink.NewExec(sink.ExecOptions{
		Command:  append([]string{"sh", "-c", script, "script"}, args...),
		Withhold: []string{"HOOK_SECRET"},
		Log:      zerolog.New(&log),
	})
	if err != nil {
		t.Fatal(err)
	}
	return x, &log
}

// output returns what the only run in the log has printed.
func output(t *testing.T, log *bytes.Buffer) (level, output string) {
	t.Helper()
	var line struct{ Level, Output string }
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v in the log: %s", err, log)
	}
	return line.Level, line.Output
}

func TestExecGivesTheProgramWhatAWebhookPosts(t *testing.T) {
	x, log := shell(t, `cat; for a; do echo "[$a]"; done; env | grep ^VOD_ | sort`, "a b", "$HOME", "*", "")
	e := event(`{"EventHandle":"h", "EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"t-1","FileId":"528","n":1.50}}`)
	e.SubAppID = 1500000001
	t.Setenv("VOD_FILE_ID", "of somebody else")
	if err := x.Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	level, got := output(t, log)
	want := string(e.Body()) + "[a b]\n[$HOME]\n[*]\n[]\n" +
		"VOD_EVENT_KEY=" + e.Key() + "\nVOD_EVENT_TYPE=ProcedureStateChanged\nVOD_FILE_ID=528\nVOD_SUB_APP_ID=1500000001\nVOD_TASK_ID=t-1"
	if diff := cmp.Diff(want, got); diff != "" || level != "info" {
		t.Errorf("level %s, -want +got:\n%s", level, diff)
	}
}

// No environment can hold some strings; an event with one is an event all the same.
func TestExecRunsForOddEvents(t *testing.T) {
	for _, content := range []string{
		`5`, `null`, `{}`, `"x"`, `{"EventType":7,"FileUploadEvent":{"FileId":[{}]}}`,
		`{"EventType":"a\u0000b","XEvent":{"FileId":"1\u0000","TaskId":"\u0000"}}`,
		`{"EventType":"` + strings.Repeat("x", 1<<20) + `","XEvent":{"FileId":"` + strings.Repeat("1", 1<<20) + `"}}`,
	} {
		x, log := shell(t, `wc -c; env | grep -c ^VOD_; echo "$VOD_EVENT_TYPE$VOD_FILE_ID$VOD_TASK_ID"`)
		e := event(content)
		if err := x.Handle(t.Context(), e); err != nil {
			t.Errorf("%.40s: %v", content, err)
			continue
		}
		_, out := output(t, log)
		if got, want := strings.Fields(out), []string{fmt.Sprint(len(e.Body())), "5"}; !slices.Equal(got, want) {
			t.Errorf("%.40s: got %q, want %q", content, got, want)
		}
	}
}

// In a program that prints its environment none of our keys is found, and none of the configuration's variables.
func TestExecWithholdsSecrets(t *testing.T) {
	for _, name := range []string{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "HOOK_SECRET"} {
		t.Setenv(name, "hunter2-"+name)
	}
	t.Setenv("HOOK_SECRETS", "not ours")
	x, log := shell(t, "env; exit 1", "--token=hunter2-argument")
	err := x.Handle(t.Context(), event(uploadJSON))
	_, out := output(t, log)
	if strings.Contains(log.String(), "hunter2") || strings.Contains(texts(err), "hunter2") {
		t.Errorf("a secret is shown in %v, or in the log %s", err, log)
	}
	if !strings.Contains(out, "HOOK_SECRETS=not ours\n") || !strings.Contains(out, "PATH="+os.Getenv("PATH")+"\n") {
		t.Errorf("the rest of the environment is not there: %s", out)
	}
	_, err = sink.NewExec(sink.ExecOptions{Command: []string{"no-such-program", "--token=hunter2"}})
	if err == nil || strings.Contains(texts(err), "hunter2") {
		t.Errorf("a secret is shown in %v", err)
	}
}

func TestExecTakesOnlyZeroForSuccess(t *testing.T) {
	for script, want := range map[string]string{
		"":                                    "",
		"exit 1":                              "run sh: exit status 1",
		"echo a >&2; echo '  b  c ' ; exit 3": "run sh: exit status 3: b c",
		"exit 125":                            "run sh: exit status 125",
		"exit 128":                            "run sh: exit status 128",
		"kill -KILL $$":                       "run sh: signal: killed",
		"kill -SEGV $$":                       "run sh: signal: segmentation fault",
		"echo too early; exit 75":             "run sh: asks to be tried again (exit code 75): too early",
	} {
		x, log := shell(t, script)
		err := x.Handle(t.Context(), event(uploadJSON))
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", script, err)
			}
			continue
		}
		if !ordinary(err) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", script, err, want)
		}
		wantLevel := "warn"
		if strings.HasSuffix(script, "75") {
			wantLevel = "info" // it is the program's wish
		}
		if log.Len() > 0 {
			if level, _ := output(t, log); level != wantLevel {
				t.Errorf("%q: logged as %s", script, level)
			}
		}
	}
}

// A program that is being replaced, that may not be run any more, or that finds the machine full, has refused no event.
func TestExecThatCannotStartIsUnreachable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "on-event")
	for how, spoil := range map[string]func(*testing.T){
		"no such file or directory": func(t *testing.T) { must(t, os.Remove(path)) },
		"no such file":              func(t *testing.T) { must(t, os.WriteFile(path, []byte("#!/no/such/shell\n"), 0o700)) },
		"permission denied":         func(t *testing.T) { must(t, os.Chmod(path, 0o600)) },
		"exec format error":         func(t *testing.T) { must(t, os.WriteFile(path, []byte("\x7fELF"), 0o700)) },
		"too many open files": func(t *testing.T) {
			var limit syscall.Rlimit
			must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
			t.Cleanup(func() { must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) })
			must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: limit.Max}))
		},
	} {
		t.Run(how, func(t *testing.T) {
			must(t, os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700))
			must(t, os.Chmod(path, 0o700))
			x, err := sink.NewExec(sink.ExecOptions{Command: []string{path}})
			must(t, err)
			spoil(t)
			err = x.Handle(t.Context(), event(uploadJSON))
			if !unreachable(err) || !strings.Contains(err.Error(), how) {
				t.Errorf("got %v, want %s, unreachable", err, how)
			}
		})
	}
	for script, want := range map[string]string{
		"exit 126":                 "run sh: exit status 126",
		"echo not found; exit 127": "run sh: exit status 127: not found",
		"/no/such/program":         "run sh: exit status 127",
		"exec /":                   "run sh: exit status 126",
	} {
		x, _ := shell(t, script)
		if err := x.Handle(t.Context(), event(uploadJSON)); !unreachable(err) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s, unreachable", script, err, want)
		}
	}
}

func TestExecNeedNotReadItsInput(t *testing.T) {
	large := event(`{"EventType":"X","a":"` + strings.Repeat("x", 1<<20) + `"}`) // more than a pipe holds
	for _, script := range []string{"", "exec <&-", "head -c 10 >/dev/null"} {
		x, _ := shell(t, script)
		if err := x.Handle(t.Context(), large); err != nil {
			t.Errorf("%q: %v", script, err)
		}
	}
}

func TestExecKeepsTheEndOfTheOutput(t *testing.T) {
	x, log := shell(t, `head -c 1000000 /dev/zero | tr '\0' x; printf '\377\nthe reason\n'`)
	if err := x.Handle(t.Context(), event(uploadJSON)); err != nil {
		t.Fatal(err)
	}
	_, out := output(t, log)
	if !strings.HasSuffix(out, "x\uFFFD\nthe reason") || len(out) < 8000 || len(out) > 8<<10+2 {
		t.Errorf("kept %d bytes, to %q", len(out), out[max(0, len(out)-20):])
	}
	if !strings.Contains(log.String(), `"bytes_before":991821,`) {
		t.Errorf("does not say how much is left out: %.300s", log)
	}
}

func TestExecRefusesAProgramThatCannotRun(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		command []string
		want    error
	}{
		{nil, nil},
		{[]string{""}, nil},
		{[]string{"sh", "\x00"}, nil},
		{[]string{"no-such-program"}, exec.ErrNotFound},
		{[]string{filepath.Join(dir, "missing")}, fs.ErrNotExist},
		{[]string{file}, fs.ErrPermission},
		{[]string{dir}, nil},
	} {
		_, err := sink.NewExec(sink.ExecOptions{Command: test.command})
		_, isOption := errors.AsType[*sink.OptionError](err)
		if err == nil || !isOption && !strings.HasPrefix(err.Error(), "exec: ") || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%q: %v", test.command, err)
		}
	}
}

func TestExecFindsItsProgramWhereverItRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink("/bin/sh", "on-event"); err != nil {
		t.Fatal(err)
	}
	x, err := sink.NewExec(sink.ExecOptions{Command: []string{"./on-event", "-c", "exit 75"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("/")
	if err := x.Handle(t.Context(), event(uploadJSON)); err == nil || err.Error() != "run on-event: asks to be tried again (exit code 75)" {
		t.Errorf("got %v", err)
	}
}

func TestExecSeesWhetherItsProgramIsStillThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "on-event")
	must(t, os.Symlink("/bin/sh", path))
	x, err := sink.NewExec(sink.ExecOptions{Command: []string{path, "-c", "exit 1"}})
	must(t, err)
	if found, err := x.Reach(t.Context()); err != nil || found != "exec: on-event can be run" || x.String() != "on-event" {
		t.Errorf("%s: found %q, %v", x, found, err)
	}
	must(t, os.Remove(path))
	if found, err := x.Reach(t.Context()); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, sink.ErrUnreached) {
		t.Errorf("a program that is gone: found %q, %v", found, err)
	}
}
