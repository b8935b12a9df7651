package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// An application has the series of one at hand: none is looked up by its labels for an event.
type application struct {
	Application
	received map[events.Type]prometheus.Counter
	other    prometheus.Counter // of received
	handlers map[string]*handler
	wait     prometheus.Observer
	nobody   prometheus.Counter // a letter that misses no handler

	// What pulling and confirming moves.
	pulls, confirms                  map[string]prometheus.Counter // by result
	pullEvents, batchSize, leaseLeft prometheus.Observer
	lastPull, lastSuccess, lastEvent prometheus.Gauge
	left                             map[worker.LeftReason]prometheus.Counter
	lost                             map[worker.Stage]prometheus.Counter
	pull, confirm                    action
}

// A handler has what one does in an application.
type handler struct {
	outcomes map[string]prometheus.Counter // by kind
	seconds  prometheus.Observer
	letters  map[worker.Reason]prometheus.Counter
}

// An action has the calls of one.
type action struct {
	calls  map[string]prometheus.Counter // by code
	took   prometheus.Observer
	waited prometheus.Counter
}

const (
	actionPull    = "PullEvents"
	actionConfirm = "ConfirmEvents"
)

// application makes the series of one.
func (f *families) application(of Application) *application {
	name := of.Name
	app := &application{
		Application: of,
		received:    each(f.received, events.Types(), name),
		other:       f.received.WithLabelValues(name, "other"),
		handlers:    map[string]*handler{},
		wait:        f.wait.WithLabelValues(name),
		nobody:      f.letters.WithLabelValues(name, "", string(worker.ReasonUnmatched)),
	}
	for t, counter := range app.received {
		if alias := t.Alias(); alias != "" {
			app.received[alias] = counter
		}
	}
	var kinds []string
	for _, kind := range worker.Kinds() {
		kinds = append(kinds, kind.String())
	}
	reasons := slices.DeleteFunc(worker.Reasons(), func(r worker.Reason) bool { return r == worker.ReasonUnmatched })
	for _, h := range of.Handlers {
		app.handlers[h] = &handler{
			outcomes: each(f.handled, kinds, name, h), seconds: f.seconds.WithLabelValues(name, h), letters: each(f.letters, reasons, name, h),
		}
	}
	if !of.Pulled {
		return app
	}
	app.pulls = each(f.pulls, []string{"events", "empty", resultThrottled, resultRefused, resultFailed}, name)
	app.confirms = each(f.confirms, []string{resultOK, resultThrottled, resultRefused, resultFailed}, name)
	app.pullEvents, app.batchSize = f.pullEvents.WithLabelValues(name), f.batchSize.WithLabelValues(name)
	app.leaseLeft = f.leaseLeft.WithLabelValues(name)
	app.lastPull, app.lastSuccess = f.lastPull.WithLabelValues(name), f.lastSuccess.WithLabelValues(name)
	app.lastEvent = f.lastEvent.WithLabelValues(name)
	app.left, app.lost = each(f.left, worker.LeftReasons(), name), each(f.lost, worker.Stages(), name)
	app.pull, app.confirm = f.action(name, actionPull), f.action(name, actionConfirm)
	return app
}

func (f *families) action(app, name string) action {
	return action{
		calls:  each(f.calls, codes, app, name),
		took:   f.callTook.WithLabelValues(app, name),
		waited: f.waited.WithLabelValues(app, name),
	}
}

// each makes a series of a family for each value of its last label.
func each[Value ~string](family *prometheus.CounterVec, values []Value, labels ...string) map[Value]prometheus.Counter {
	series := make(map[Value]prometheus.Counter, len(values))
	for _, value := range values {
		series[value] = family.WithLabelValues(append(slices.Clip(labels), string(value))...)
	}
	return series
}
