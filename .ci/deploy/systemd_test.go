package deploy

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const service, drain, timer = "vodworker.service", "vodworker-drain.service", "vodworker-drain.timer"

// units copies them to a folder, with a program that is there.
func units(t *testing.T) (files []string) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	for _, name := range []string{service, drain, timer} {
		file := filepath.Join(dir, name)
		write(t, file, strings.ReplaceAll(read(t, filepath.Join(deployed, name)), "/usr/local/bin/vodworker", program), 0o644)
		files = append(files, file)
	}
	return files
}

func TestSystemdTakesTheUnits(t *testing.T) {
	out := output(t, "systemd-analyze", append([]string{"verify", "--man=no"}, units(t)...)...)
	if strings.Contains(out, "vodworker") {
		t.Errorf("it says:\n%s", out)
	}
}

// What the manual says for node_exporter goes with the unit, and the unit may write where it says.
func TestSystemdTakesWhatTheManualLaysOverTheDrain(t *testing.T) {
	_, block, _ := strings.Cut(read(t, deployed+"/README.md"), "```ini\n")
	block, _, _ = strings.Cut(block, "```")
	files := units(t)
	write(t, filepath.Join(filepath.Dir(files[0]), drain+".d", "override.conf"), block, 0o644)
	out := output(t, "systemd-analyze", append([]string{"verify", "--man=no"}, files...)...)
	if strings.Contains(out, "vodworker") || strings.Contains(out, "override") {
		t.Errorf("it says:\n%s", out)
	}
	_, file, _ := strings.Cut(block, "METRICS_FILE=")
	file, _, _ = strings.Cut(file, "\n")
	if folder := filepath.Dir(file); !strings.Contains(block, "ReadWritePaths="+folder+"\n") || !strings.HasSuffix(file, ".prom") {
		t.Errorf("node_exporter does not see %s", file)
	}
}

// 10 is a service without any hardening, 0 one that can do nothing.
func TestTheUnitsAreHardened(t *testing.T) {
	for _, file := range units(t)[:2] {
		output(t, "systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", file)
	}
}

// settings returns what a unit sets, by key; several of one key with newlines between them.
func settings(t *testing.T, name string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(deployed, name))) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			found[key] = strings.TrimPrefix(found[key]+"\n"+value, "\n")
		}
	}
	return found
}

func TestSystemdWaitsForTheStopAndDoesNotRepeatWhatCannotWork(t *testing.T) {
	run, job := settings(t, service), settings(t, drain)
	grace := 0 * time.Second
	for line := range strings.Lines(read(t, root+"/config.yaml")) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "stop_grace: "); ok {
			grace, _ = time.ParseDuration(value)
		}
	}
	wantEqual(t, "TimeoutStopSec", run["TimeoutStopSec"]+"s", (grace + 10*time.Second).String())
	wantEqual(t, "KillMode", run["KillMode"], "mixed")
	wantEqual(t, "Restart", run["Restart"], "on-failure")
	wantEqual(t, "RestartPreventExitStatus", run["RestartPreventExitStatus"], "2 77")
	wantEqual(t, "MemoryDenyWriteExecute, which kills programs with a JIT", run["MemoryDenyWriteExecute"], "")
	for key, value := range run {
		switch key {
		case "Description", "ExecStart", "StartLimitIntervalSec", "WantedBy", "Restart", "RestartSec", "RestartPreventExitStatus":
		default:
			wantEqual(t, "a drain's "+key, job[key], value)
		}
	}
	wantEqual(t, "drain", strings.TrimPrefix(job["ExecStart"], "/usr/local/bin/vodworker "),
		"drain --config /etc/vodworker/config.yaml --max-duration 4m --ok-codes 3,5 --metrics-file ${METRICS_FILE}")
	wantEqual(t, "file of metrics, which is kept", job["Environment"], "METRICS_FILE=%S/"+job["StateDirectory"]+"/drain.prom")
	wantEqual(t, "TimeoutStartSec", job["TimeoutStartSec"], "5min")
}
