package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// handles FILE takes the EventHandles out of what pull has printed, and adds them to FILE, one on a line.
func cmdHandles(ts *testscript.TestScript, _ bool, args []string) {
	var answer struct {
		EventSet []struct{ EventHandle string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &answer))
	var handles strings.Builder
	for _, e := range answer.EventSet {
		handles.WriteString(e.EventHandle + "\n")
	}
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = file.WriteString(handles.String())
	ts.Check(errors.Join(err, file.Close()))
}

// skew AHEAD sets the clock of the emulator.
func cmdSkew(ts *testscript.TestScript, _ bool, args []string) {
	ahead, err := time.ParseDuration(args[0])
	ts.Check(err)
	worldOf(ts).emulator.SetSkew(ahead)
}
