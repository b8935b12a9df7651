package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
	"github.com/vodworker/vodworker/worker/tencent"
)

// newMetrics counts what is pulled from applications and, with receives, what is received as configured.
func newMetrics(config *config.Config, pulled []uint64, receives bool) *metrics.Metrics {
	o := metrics.Options{Version: versionText(), Commit: commitText()}
	if config.Inbox.On() {
		for _, h := range config.Handlers {
			o.Inbox = append(o.Inbox, h.Name)
		}
	}
	all := pulled
	if receives && !slices.Contains(pulled, config.Callback.SubAppID) {
		all = append(slices.Clip(pulled), config.Callback.SubAppID)
	}
	for _, id := range all {
		app := metrics.Application{
			SubAppID: id, Name: applicationName(id),
			Pulled: slices.Contains(pulled, id), Received: receives && id == config.Callback.SubAppID,
		}
		for _, h := range config.Handlers {
			if len(h.SubAppIDs) == 0 || slices.Contains(h.SubAppIDs, id) {
				app.Handlers = append(app.Handlers, h.Name)
			}
		}
		if config.Inbox.On() {
			app.Handlers = append(app.Handlers, inbox.Name)
		}
		o.Applications = append(o.Applications, app)
	}
	return metrics.New(o)
}

func countedBy(m *metrics.Metrics) observers {
	return observers{worker: m.Worker(), callback: m.Callback(), behind: m.Behind()}
}

// asked is what metrics ask of an assembly.
func (s *assembly) asked() metrics.Process {
	p := metrics.Process{
		Status: map[uint64]func() worker.Status{}, Mode: map[uint64]func() string{}, Limiter: s.limiter,
		Letters: s.stored, Inbox: s.inboxStatus(),
	}
	for _, app := range s.applications {
		p.Status[app.watched.SubAppID] = app.Status
		p.Mode[app.watched.SubAppID] = func() string { return cmp.Or(app.told.Load(), &tencent.Settings{}).Mode }
	}
	return p
}

// A metricsFile is where a drain leaves its metrics; empty is nowhere.
type metricsFile string

// set takes a path, and fails before anything is pulled if no file can be written there.
func (f *metricsFile) set(path string) error {
	*f = metricsFile(path)
	return metrics.CheckFile(path)
}

// write leaves what a drain has counted that began then and ended with err.
func (f metricsFile) write(counted *metrics.Metrics, began time.Time, err error) error {
	if f == "" {
		return nil
	}
	return counted.WriteFile(string(f), metrics.Drain{Code: exitCode(err), Success: processCode(err) == exitOK, Took: time.Since(began)})
}
