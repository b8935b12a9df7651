package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// families are the metrics that hooks move. Those that a Status tells are in now.go.
type families struct {
	received, handled, left, letters           *prometheus.CounterVec
	pulls, confirms, lost, calls, waited       *prometheus.CounterVec
	lastPull, lastSuccess, lastEvent           *prometheus.GaugeVec
	seconds, wait                              *prometheus.HistogramVec
	pullEvents, batchSize, leaseLeft, callTook *prometheus.HistogramVec
}

// Borders of histograms. Those of the lease are the rules' own: handling ends with 5 s left, and a confirm with 0 or less is late.
var (
	eventBorders  = []float64{0, 1, 2, 4, 8, 12, 15, 16}
	leaseBorders  = []float64{0, 1, 2, 5, 10, 15, 20, 25, 30}
	handleBorders = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25}
	waitBorders   = []float64{.001, .01, .1, .5, 1, 2.5, 5, 10, 15}
	longBorders   = []float64{60, 300, 1800, 3600} // of what is behind an inbox, too
	callBorders   = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 4.9, 5.5, 10}
)

// newFamilies makes those of events that are handled within VOD's window, or as long as an inbox lets them be.
func newFamilies(inbox bool) *families {
	taken := handleBorders
	if inbox {
		taken = slices.Concat(handleBorders, longBorders)
	}
	return &families{
		received: counter("events_received_total", "Events that came, each time that they did; types that are not documented are other.", "app", "type"),
		handled:  counter("handled_total", "What became of handlers, once for each delivery.", "app", "handler", "outcome"),
		seconds:  histogram("handler_seconds", "How long a handler took for a delivery, with all tries and the pauses between.", taken, "app", "handler"),
		wait:     histogram("wait_seconds", "From the arrival of an event until its handlers were started.", waitBorders, "app"),
		letters: counter("dead_letters_total", "Events that were written to the dead letters, once for each handler that has not succeeded; "+
			"the handler is empty if none wanted it.", "app", "handler", "reason"),

		pulls:       counter("pulls_total", "Calls of PullEvents.", "app", "result"),
		pullEvents:  histogram("pull_events", "Events in an answer to PullEvents.", eventBorders, "app"),
		lastPull:    gauge("last_pull_timestamp_seconds", "When a PullEvents last ended, whatever came of it; 0: none has.", "app"),
		lastSuccess: gauge("last_successful_pull_timestamp_seconds", "When a PullEvents last succeeded; 0: none has.", "app"),
		lastEvent:   gauge("last_event_timestamp_seconds", "When an event last came; 0: none has.", "app"),
		left:        counter("left_total", "Deliveries that were not run, to be handed out again.", "app", "reason"),
		confirms:    counter("confirms_total", "Calls of ConfirmEvents.", "app", "result"),
		batchSize:   histogram("confirm_batch_size", "Events in a call of ConfirmEvents.", eventBorders[1:], "app"),
		leaseLeft:   histogram("lease_remaining_seconds", "What was left of the lease of each event when it was confirmed.", leaseBorders, "app"),
		lost:        counter("leases_lost_total", "Events that were not confirmed within their lease, though no handler failed them.", "app", "stage"),
		calls:       counter("api_calls_total", "Calls of the API.", "app", "action", "code"),
		callTook:    histogram("api_seconds", "How long a call of the API took; PullEvents waits up to 5 s for events.", callBorders, "app", "action"),
		waited:      counter("quota_wait_seconds_total", "How long calls waited for their turn, so that the quota is kept.", "app", "action"),
	}
}

// ofEvents are there whether events are pulled or received.
func (f *families) ofEvents() []prometheus.Collector {
	return []prometheus.Collector{f.received, f.handled, f.seconds, f.wait, f.letters}
}

func (f *families) ofCalls() []prometheus.Collector {
	return []prometheus.Collector{
		f.pulls, f.pullEvents, f.lastPull, f.lastSuccess, f.lastEvent, f.left, f.confirms, f.batchSize, f.leaseLeft, f.lost,
		f.calls, f.callTook, f.waited,
	}
}

const prefix = "vodworker_"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, labels)
}

func histogram(name, help string, borders []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: borders}, labels)
}
