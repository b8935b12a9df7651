package brokertest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A server is ready when Start returns, stands still and goes on, and can be started again.
func TestAProcessIsStartedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ready")
	p := Start(t, func() error { _, err := os.Stat(file); return err }, func() *exec.Cmd {
		return exec.Command("sh", "-c", `echo begun; touch "$1"; sleep 100 & wait`, "sh", file)
	})
	state := func() string {
		status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.running.Process.Pid), "stat"))
		if errors.Is(err, os.ErrNotExist) {
			return "gone"
		}
		return strings.Fields(string(status))[2]
	}
	until := func(is func() bool) {
		for !is() {
			time.Sleep(time.Millisecond)
		}
	}
	p.Freeze()
	if got := state(); got != "T" {
		t.Errorf("frozen, its state is %s", got)
	}
	p.Thaw()
	until(func() bool { return state() != "T" })
	for _, end := range []func(){p.Stop, p.Kill} {
		end()
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
		p.Start()
		if _, err := os.Stat(file); err != nil {
			t.Errorf("started again, and not ready: %v", err)
		}
		until(func() bool { return p.said.String() == "begun\n" }) // this one, not the one before
	}
}
