package bench

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// The first subject of each is ours.
var contests = []contest{
	{
		name: "nil", title: "in process: handlers that return nil", share: 1,
		subjects: []subject{
			{name: "library", command: library},
			{name: "one plain loop", command: loops(1, nothing)},
			{name: "eight plain loops", command: loops(8, nothing)},
		},
		versus: []versus{{theirs: 1, cpu: 0.3}, {theirs: 2}},
	},
	{
		name: "webhook", title: "webhook", share: 1,
		subjects: []subject{
			{name: "vodworker", command: handler(`webhook: {url: "HOOK"}`)},
			{name: "vodworker, signed", command: handler(`webhook: {url: "HOOK", secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`)},
			{name: "one plain loop", command: loops(1, posts)},
			{name: "eight plain loops", command: loops(8, posts)},
		},
		versus: []versus{{theirs: 3, cpu: 0.6, speed: 1}, {ours: 1, theirs: 3, cpu: 0.6, speed: 1}, {theirs: 2}},
	},
	{
		name: "file", title: "file, fsynced before an event is confirmed", share: 8,
		subjects: []subject{
			{name: "vodworker", command: handler(`file: {path: "FOLDER/events.jsonl"}`)},
			{name: "one plain loop", command: loops(1, appends)},
			{name: "eight plain loops", command: loops(8, appends)},
		},
		versus: []versus{{theirs: 1}, {theirs: 2}},
	},
	{
		name: "exec", title: "exec: sh -c 'exec cat > /dev/null'", share: 20,
		subjects: []subject{
			{name: "vodworker", command: handler(`exec: {command: [sh, -c, "exec cat > /dev/null"]}`)},
			{name: "one plain loop", command: loops(1, runs)},
			{name: "eight plain loops", command: loops(8, runs)},
		},
		versus: []versus{{theirs: 2}},
	},
	brokers("brokers", "brokers, each in a process of its own", false),
	brokers("brokers-ceiling", "brokers, at the documented quota, 20 ms away", true),
	operated("operate", "what operators are shown: stdout", `stdout: {format: json}`),
	operated("operate-post", "what operators are shown: webhook, signed", `webhook: {url: "HOOK", secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`),
}

func library(_ testing.TB, on stage) *exec.Cmd {
	return as("library", libraryOptions{Endpoint: on.api, Rate: 1e6})
}

// handler is vodworker with one handler and no other setting but its rate.
func handler(what string) func(testing.TB, stage) *exec.Cmd {
	return func(tb testing.TB, on stage) *exec.Cmd {
		what := strings.NewReplacer("HOOK", on.hook, "FOLDER", on.folder).Replace(what)
		return program(tb, on, fmt.Sprintf("vod: {endpoint: %q, rate: 10000}\nhandlers:\n- name: bench\n  %s\n", on.api, what))
	}
}

// program is vodworker with a configuration. What it prints goes nowhere.
func program(tb testing.TB, on stage, config string) *exec.Cmd {
	path := filepath.Join(on.folder, "config.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = nowhere.Close() })
	cmd := exec.Command(*binary, "run", "--config", path)
	cmd.Stdout = nowhere
	cmd.Env = append(os.Environ(), "TENCENTCLOUD_SECRET_ID="+vodtest.DefaultSecretID, "TENCENTCLOUD_SECRET_KEY="+vodtest.DefaultSecretKey,
		"VODWORKER_ADMIN_LISTEN="+cmp.Or(on.admin, "127.0.0.1:0")) // there are others
	return cmd
}

func loops(n int, what func(stage) loopOptions) func(testing.TB, stage) *exec.Cmd {
	return func(_ testing.TB, on stage) *exec.Cmd {
		o := what(on)
		o.Endpoint, o.Loops = on.api, n
		return as("loop", o)
	}
}

func nothing(stage) loopOptions { return loopOptions{} }

func posts(on stage) loopOptions { return loopOptions{Post: on.hook} }

func appends(on stage) loopOptions {
	return loopOptions{Append: filepath.Join(on.folder, "events.jsonl")}
}

func runs(stage) loopOptions {
	return loopOptions{Command: []string{"sh", "-c", "exec cat > /dev/null"}}
}
