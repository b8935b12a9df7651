//go:build !unix

package sink

import (
	"os"
	"os/exec"
)

// Without process groups a program could leave others behind when its time is over.
const hasGroups = false

func leadGroup(*exec.Cmd) {}

func endGroup(leader *os.Process) error { return leader.Kill() }

func killGroup(*os.Process) {}
