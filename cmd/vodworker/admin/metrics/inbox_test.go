package metrics_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/inbox"
)

// stored counts an application that is pulled into an inbox, and one that is received into it.
func stored() *metrics.Metrics {
	return metrics.New(metrics.Options{Inbox: []string{"a", "b"}, Applications: []metrics.Application{
		{Name: "default", Handlers: []string{"a", "b", "inbox"}, Pulled: true}, {SubAppID: 7, Name: "7", Handlers: []string{"a", "inbox"}, Received: true},
	}})
}

func wantSeries(t *testing.T, m *metrics.Metrics, wanted map[string]float64) {
	t.Helper()
	got := metricstest.Scrape(t, m.Handler())
	for series, want := range wanted {
		if value, is := got["vodworker_"+series]; !is || value != want {
			t.Errorf("%s is %v (there: %t), want %v", series, value, is, want)
		}
	}
}

func TestAnInboxIsDownUntilItHasBegun(t *testing.T) {
	m := stored()
	wantSeries(t, m, map[string]float64{
		`inbox_up`: 0, `inbox_unwritten`: 0, `inbox_jobs{handler="a",state="waiting"}`: 0, `inbox_jobs{handler="b",state="dead"}`: 0,
		`inbox_oldest_timestamp_seconds{handler="b"}`: 0, `inbox_orphans{handler="a"}`: 0, `inbox_stuck_handlers{handler="a"}`: 0,
		`handled_total{app="default",handler="inbox",outcome="ok"}`: 0, `handler_down{app="7",handler="a"}`: 0,
		`handler_seconds_bucket{app="default",handler="a",le="3600"}`: 0, // they may take long
	})
	text, _ := metricstest.Get(t, m.Handler(), "text/plain")
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestWhatLiesInTheInboxIsToldByHandlerAndState(t *testing.T) {
	m := stored()
	status := inbox.Status{Unwritten: 3, Handlers: []inbox.HandlerStatus{
		{
			Handler: "a", Configured: true, Waiting: 10, Failed: 4, Running: 2, Dead: 1, Oldest: time.Unix(1500, 0),
			Worker: worker.Status{Stuck: 5, DownNow: []string{"a"}},
		},
		{Handler: "gone", Waiting: 6},
	}}
	m.Begin(metrics.Process{Inbox: func() inbox.Status { return status }})
	wantSeries(t, m, map[string]float64{
		`inbox_up`: 1, `inbox_unwritten`: 3, `inbox_jobs{handler="a",state="waiting"}`: 6, `inbox_jobs{handler="a",state="failed"}`: 4,
		`inbox_jobs{handler="a",state="running"}`: 2, `inbox_jobs{handler="a",state="dead"}`: 1, `inbox_stuck_handlers{handler="a"}`: 5,
		`inbox_oldest_timestamp_seconds{handler="a"}`: 1500, `inbox_orphans{handler="a"}`: 0, `inbox_orphans{handler="gone"}`: 6,
		`inbox_jobs{handler="gone",state="waiting"}`: 6,
		`handler_down{app="default",handler="a"}`:    1, `handler_down{app="7",handler="a"}`: 1, `handler_down{app="default",handler="b"}`: 0,
	})
	status.Failing = errors.New("disk full")
	wantSeries(t, m, map[string]float64{`inbox_up`: 0})
}

// What is behind moves the handlers' series; the rest of an event was counted when it came.
func TestABehindRunIsCountedOnceAndForItsApplication(t *testing.T) {
	m := stored()
	event := events.Event{SubAppID: 7, Type: events.NewFileUpload}
	m.Callback().Handled(worker.HandleInfo{Event: event, Outcome: worker.Outcome{Handler: "inbox", Kind: worker.OK}})
	m.Behind().Handled(worker.HandleInfo{Event: event, Outcome: worker.Outcome{Handler: "a", Kind: worker.OK, Took: 2 * time.Minute}})
	m.Behind().DeadLettered(worker.DeadLetter{Event: event, Missing: []string{"a"}, Reason: worker.ReasonCrashes})
	wantSeries(t, m, map[string]float64{
		`handled_total{app="7",handler="inbox",outcome="ok"}`: 1, `handled_total{app="7",handler="a",outcome="ok"}`: 1,
		`handled_total{app="default",handler="a",outcome="ok"}`: 0, `wait_seconds_count{app="7"}`: 1,
		`handler_seconds_bucket{app="7",handler="a",le="60"}`: 0, `handler_seconds_bucket{app="7",handler="a",le="300"}`: 1,
		`dead_letters_total{app="7",handler="a",reason="crashes"}`: 1,
	})
	if left := m.Behind().Left; left != nil {
		t.Error("what a worker behind leaves is told, as if it came from VOD")
	}
}
