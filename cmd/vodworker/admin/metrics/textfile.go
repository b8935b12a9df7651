package metrics

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A Drain is how one has ended.
type Drain struct {
	Code    int  // that it ended with
	Success bool // the code is 0, or expected
	Took    time.Duration
}

const lastSuccess = prefix + "drain_last_success_timestamp_seconds"

// CheckFile fails if a file for [Metrics.WriteFile] can't be written at path.
func CheckFile(path string) error {
	if info, err := os.Stat(path); path == "" || err == nil && !info.Mode().IsRegular() {
		return errors.New("it is no file; name one, such as vodworker.prom")
	}
	if filepath.Ext(path) != ".prom" {
		return errors.New("node_exporter reads no file but those that end in .prom; name one, such as vodworker.prom")
	}
	probe, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path))
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("it can't be written: %w; name one in a folder that is there and may be written to", failed.Err)
	}
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// WriteFile replaces the file at path, for node_exporter's textfile collector: what the drain has counted, how it has ended, and when
// one last succeeded, which the file that was there tells if this one has not.
func (m *Metrics) WriteFile(path string, d Drain) error {
	success := float64(time.Now().Unix())
	if !d.Success {
		success = lastOf(path)
	}
	ended := prometheus.NewRegistry()
	for _, g := range []struct {
		name, help string
		value      float64
	}{
		{lastSuccess, "When a drain last ended with 0, or a code of --ok-codes; 0: none has.", success},
		{prefix + "drain_last_exit_code", "The code that the last drain ended with, as its log says it.", float64(d.Code)},
		{prefix + "drain_duration_seconds", "How long the last drain took.", d.Took.Seconds()},
	} {
		gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: g.name, Help: g.help})
		gauge.Set(g.value)
		ended.MustRegister(gauge)
	}
	if err := prometheus.WriteToTextfile(path, prometheus.Gatherers{m.lasting(), ended}); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}

// lasting leaves out what is about a process that runs: it has ended when the file is read. What lies in the inbox stays.
func (m *Metrics) lasting() prometheus.GathererFunc {
	return func() ([]*dto.MetricFamily, error) {
		all, err := m.registry.Gather()
		return slices.DeleteFunc(all, func(f *dto.MetricFamily) bool {
			name, ours := strings.CutPrefix(f.GetName(), prefix)
			switch name {
			case "build_info", "oldest_failing_timestamp_seconds", "dead_letters_stored",
				"inbox_jobs", "inbox_oldest_timestamp_seconds", "inbox_orphans":
				return false
			}
			return !ours || f.GetType() == dto.MetricType_GAUGE
		}), err
	}
}

// lastOf reads when a drain last succeeded; 0 if no such file is there.
func lastOf(path string) float64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), lastSuccess+" "); found {
			at, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return at
		}
	}
	return 0
}
