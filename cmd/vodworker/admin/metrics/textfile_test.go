package metrics_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/worker"
)

func write(t *testing.T, path string, d metrics.Drain) (text string) {
	t.Helper()
	m := metrics.New(one)
	m.Worker().Left(worker.LeftInfo{Why: worker.LeftLate})
	if err := m.WriteFile(path, d); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

func TestADrainThatFailsKeepsWhenOneLastSucceeded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vodworker.prom")
	const success = "vodworker_drain_last_success_timestamp_seconds"
	if at := metricstest.Values(t, write(t, path, metrics.Drain{Code: 4}))[success]; at != 0 {
		t.Errorf("none has succeeded, and it says %v", at)
	}
	first := metricstest.Values(t, write(t, path, metrics.Drain{Code: 3, Success: true, Took: 1500 * time.Millisecond}))
	if age := float64(time.Now().Unix()) - first[success]; age < 0 || age > 60 {
		t.Errorf("the success is %v s ago", age)
	}
	for range 2 {
		second := metricstest.Values(t, write(t, path, metrics.Drain{Code: 69, Took: time.Second}))
		if second[success] != first[success] || second["vodworker_drain_last_exit_code"] != 69 || second["vodworker_drain_duration_seconds"] != 1 {
			t.Errorf("after %v: %v", first, second)
		}
	}
	if err := os.WriteFile(path, []byte(success+" many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if at := metricstest.Values(t, write(t, path, metrics.Drain{Code: 4}))[success]; at != 0 {
		t.Errorf("it says %v", at)
	}
}

// Gauges of a process that has ended would have alerts fire until the next drain, and those of Go are node_exporter's too.
func TestTheFileHasWhatLastsAndEverybodyMayReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vodworker.prom")
	text := write(t, path, metrics.Drain{})
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
	got := metricstest.Values(t, text)
	if got[`vodworker_left_total{app="default",reason="late"}`] != 1 {
		t.Errorf("what was counted is not there:\n%s", text)
	}
	for series := range got {
		for _, not := range []string{"go_", "process_", "vodworker_application_up", "vodworker_slots", "vodworker_last_", "vodworker_handler_down"} {
			if strings.HasPrefix(series, not) {
				t.Errorf("%s is there", series)
			}
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Error(info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Error(names, err)
	}
}

func TestAPlaceThatCanHoldNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	shut := filepath.Join(dir, "shut")
	if err := os.Mkdir(shut, 0o500); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"": "it is no file", dir: "it is no file", filepath.Join(dir, "no", "f.prom"): "no such file"}
	if os.Getuid() != 0 {
		places[filepath.Join(shut, "f.prom")] = "permission denied"
	}
	for path, want := range places {
		if err := metrics.CheckFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
	}
	if err := metrics.CheckFile(filepath.Join(dir, "f.prom")); err != nil {
		t.Error(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Error("the look left something behind:", names, err)
	}
}
