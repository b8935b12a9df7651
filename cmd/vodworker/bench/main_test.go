// Package bench measures vodworker beside what a user would write instead: a loop with the official SDK that pulls, handles
// and confirms. `make bench` runs it. It has no code but its tests.
//
// All who are compared take the same number of events from an emulator that has them when it starts, each in a process of
// its own, one after the other, and that again in each round. What is compared is the median of the ratios of the rounds.
// CPU is what the operating system has counted for the whole process, from its start to its end.
//
// What operators are shown is compared with a build in which the workers tell nobody: see operate_test.go.
//
// `make bench ONLY=inbox` has an inbox take what comes at the ceiling, in a file and in PostgreSQL.
//
// `make share` has replicas share the quota of an account, and `make steady` watches what a process holds.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

// What is measured is a process of its own, and so is each that it talks to: the test binary, started with a role and its
// options, or vodworker itself.
const (
	roleEnv    = "BENCH_ROLE"
	optionsEnv = "BENCH_OPTIONS"
)

var roles = map[string]func(options []byte) error{
	"emulator":  play(emulate),
	"receiver":  play(receive),
	"library":   play(runLibrary),
	"account":   play(keepAccount),
	"neighbour": play(neighbour),
	"steady":    play(runSteady),
	"loop":      play(runLoops),
}

func TestMain(m *testing.M) {
	role, is := os.LookupEnv(roleEnv)
	if !is {
		code := leak.Check(m)
		for _, folder := range builds {
			_ = os.RemoveAll(folder)
		}
		os.Exit(code)
	}
	go func() { // whoever started this is gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	if err := roles[role]([]byte(os.Getenv(optionsEnv))); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		os.Exit(1)
	}
}

func play[Options any](run func(Options) error) func([]byte) error {
	return func(text []byte) error {
		var options Options
		if err := json.Unmarshal(text, &options); err != nil {
			return err
		}
		return run(options)
	}
}

// as is the command that plays a role.
func as(role string, options any) *exec.Cmd {
	text, err := json.Marshal(options)
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role, optionsEnv+"="+string(text))
	return cmd
}
