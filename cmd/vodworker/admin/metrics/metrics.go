// Package metrics counts what a process does, for Prometheus. REFERENCE.md has the table of what there is. Everything that is known
// beforehand is there from the start, at 0, and nothing is named after a file, a task or a handle: there are as many series as the
// configuration has applications and handlers; of an inbox also those of handlers which it had before.
package metrics

import (
	"runtime"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/inbox"
)

// Options say what is to be counted.
type Options struct {
	Version, Commit string
	Applications    []Application
	Inbox           []string // the handlers behind it; none: there is no inbox
}

// An Application is one whose events are counted.
type Application struct {
	SubAppID uint64
	Name     string   // the label
	Handlers []string // those that may want its events

	Pulled   bool // its queue is consumed
	Received bool // its callbacks are received
}

// Metrics are those of a process. Create them with [New].
type Metrics struct {
	registry     *prometheus.Registry
	applications map[uint64]*application
	behind       []string                // the handlers of the inbox
	begun        atomic.Pointer[Process] // nil: it has not
}

// A Process is what is asked at each scrape.
type Process struct {
	Status   map[uint64]func() worker.Status // of each application that is pulled
	Mode     map[uint64]func() string        // of each of them, as VOD told it last; empty: it has not
	Callback func() callback.Status          // nil if callbacks are not received
	Limiter  *worker.Limiter                 // nil if nothing is pulled
	Letters  func() (int, error)             // how many dead letters are stored; nil if they are in no folder
	Inbox    func() inbox.Status             // nil if there is none
}

// New returns Metrics, all of them 0.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), applications: map[uint64]*application{}, behind: o.Inbox}
	f := newFamilies(len(o.Inbox) > 0)
	pulled, received := false, false
	for _, app := range o.Applications {
		m.applications[app.SubAppID] = f.application(app)
		pulled, received = pulled || app.Pulled, received || app.Received
	}
	m.registry.MustRegister(f.ofEvents()...)
	if pulled {
		m.registry.MustRegister(f.ofCalls()...)
	}
	m.registry.MustRegister(buildInfo(o), now{m})
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Begin has scrapes ask a process too.
func (m *Metrics) Begin(p Process) { m.begun.Store(&p) }

func buildInfo(o Options) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "vodworker_build_info", Help: "What runs: always 1.",
		ConstLabels: prometheus.Labels{"version": o.Version, "commit": o.Commit, "go_version": runtime.Version()},
	})
	info.Set(1)
	return info
}
