package metrics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics/metricstest"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/tencent"
)

// all is everything that there can be: an application that is pulled, and one that is received.
func all() *metrics.Metrics {
	m := metrics.New(metrics.Options{Version: "v1", Commit: "c0ffee", Applications: []metrics.Application{
		{Name: "default", Handlers: []string{"a", "b"}, Pulled: true},
		{SubAppID: 7, Name: "7", Handlers: []string{"a"}, Received: true},
	}})
	m.Begin(metrics.Process{Callback: func() callback.Status { return callback.Status{Lost: 3} }, Letters: func() (int, error) { return 5, nil }})
	return m
}

func TestAScrapeIsAsPrometheusWantsIt(t *testing.T) {
	text, _ := metricstest.Get(t, all().Handler(), "text/plain")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "vodworker_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
	text, contentType := metricstest.Get(t, all().Handler(), "application/openmetrics-text; version=1.0.0")
	if !strings.HasPrefix(contentType, "application/openmetrics-text") || !strings.HasSuffix(text, "\n# EOF\n") {
		t.Errorf("%s that ends with %q", contentType, text[max(0, len(text)-100):])
	}
	family, seen := "", map[string]bool{}
	for line := range strings.Lines(text) {
		if rest, is := strings.CutPrefix(line, "# TYPE "); is {
			name, kind, _ := strings.Cut(strings.TrimSpace(rest), " ")
			family = name
			for _, ending := range []string{"", "_total", "_bucket", "_count", "_sum"} {
				if seen[name+ending] {
					t.Errorf("%s is there twice", name+ending)
				}
			}
			if kind == "counter" {
				seen[name+"_total"] = true
			}
			seen[name] = true
		} else if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, family) {
			t.Errorf("in %s: %s", family, line)
		}
	}
}

// An alert sees nothing of a series that is not there before its first event.
func TestEachPairIsThereFromTheStart(t *testing.T) {
	m := all()
	got := metricstest.Scrape(t, m.Handler())
	for family, labels := range map[string][][]string{
		"pulls_total":                 {{"app", "default"}, {"result", "events", "empty", "throttled", "refused", "failed"}},
		"confirms_total":              {{"app", "default"}, {"result", "ok", "throttled", "refused", "failed"}},
		"left_total":                  {{"app", "default"}, append([]string{"reason"}, texts(worker.LeftReasons())...)},
		"leases_lost_total":           {{"app", "default"}, {"stage", "waiting", "handling", "confirming"}},
		"handled_total":               {{"app", "default"}, {"handler", "a", "b"}, {"outcome", "failed", "ok", "rejected", "interrupted", "expired", "unreached"}},
		"handler_seconds_count":       {{"app", "default"}, {"handler", "a", "b"}},
		"events_received_total":       {{"app", "default", "7"}, append([]string{"type", "other"}, texts(events.Types())...)},
		"dead_letters_total":          {{"app", "default"}, {"handler", "a", "b"}, {"reason", "attempts", "permanent", "age", "last_try", "no_retry", "crashes"}},
		"quota_wait_seconds_total":    {{"action", "PullEvents", "ConfirmEvents"}, {"app", "default"}},
		"slots":                       {{"app", "default"}, {"state", "waiting", "handling", "writing", "confirming"}},
		"handler_down":                {{"app", "default"}, {"handler", "a", "b"}},
		"callbacks_total":             {{"app", "7"}, {"result", "answered", "unanswered", "joined", "overloaded", "forbidden", "invalid", "broken"}},
		"unmatched_total":             {{"app", "default", "7"}},
		"api_calls_total":             {{"action", "PullEvents", "ConfirmEvents"}, {"app", "default"}, append([]string{"code"}, codes...)},
		"stuck_handlers":              {{"app", "default", "7"}},
		"last_pull_timestamp_seconds": {{"app", "default"}},
	} {
		wanted := []string{""}
		for _, label := range labels {
			var longer []string
			for _, value := range label[1:] {
				for _, before := range wanted {
					longer = append(longer, fmt.Sprintf("%s,%s=%q", before, label[0], value))
				}
			}
			wanted = longer
		}
		for i := range wanted {
			wanted[i] = "vodworker_" + family + "{" + wanted[i][1:] + "}"
		}
		for _, series := range wanted {
			if value, is := got[series]; !is || value != 0 {
				t.Errorf("%s is %v (there: %t), want 0", series, value, is)
			}
		}
		for series := range got {
			if strings.HasPrefix(series, "vodworker_"+family+"{") && !slices.Contains(wanted, series) && !strings.Contains(series, `handler=""`) &&
				!strings.Contains(series, `app="7",handler`) {
				t.Errorf("%s is none of the set", series)
			}
		}
	}
	for series, want := range map[string]float64{
		`vodworker_dead_letters_stored`:                                       5,
		`vodworker_callbacks_lost_total{app="7"}`:                             3,
		`vodworker_callback_mode{app="default",mode="unknown"}`:               1,
		`vodworker_callback_mode{app="default",mode="PULL"}`:                  0,
		`vodworker_dead_letters_total{app="7",handler="",reason="unmatched"}`: 0,
	} {
		if value, is := got[series]; !is || value != want {
			t.Errorf("%s is %v (there: %t), want %v", series, value, is, want)
		}
	}
}

var codes = []string{
	"ok", "ResourceNotFound", "RequestLimitExceeded", "AuthFailure", "UnauthorizedOperation", "InvalidParameter", "FailedOperation",
	"InternalError", "http_5xx", "timeout", "connection", "other",
}

func texts[T ~string](values []T) (texts []string) {
	for _, value := range values {
		texts = append(texts, string(value))
	}
	return texts
}

// What comes from outside makes no series: neither types nor codes, nor handlers and applications that are not configured.
func TestNothingThatComesMakesASeries(t *testing.T) {
	m := all()
	before := len(metricstest.Scrape(t, m.Handler()))
	for i := range 1000 {
		odd := fmt.Sprint("odd-", i)
		event := events.Event{Type: events.Type(odd), Handle: odd, SubAppID: uint64(i)}
		err := &tencent.Error{Code: odd}
		m.Worker().Pulled(worker.PullInfo{Events: []events.Event{event}})
		m.Worker().Pulled(worker.PullInfo{Err: err})
		m.Worker().Pulled(worker.PullInfo{SubAppID: uint64(i), Err: err})
		m.Worker().Confirmed(worker.ConfirmInfo{SubAppID: uint64(i % 2), Events: []events.Event{event}, Err: err})
		m.Worker().Handled(worker.HandleInfo{Event: event, Outcome: worker.Outcome{Handler: odd}})
		m.Worker().Left(worker.LeftInfo{Event: event, Why: worker.LeftLate})
		m.Worker().LeaseLost(worker.LeaseInfo{Event: event, Stage: worker.StageWaiting})
		m.Worker().DeadLettered(worker.DeadLetter{Event: event, Missing: []string{odd}})
		m.Callback().Received(callback.RequestInfo{SubAppID: uint64(i), Type: event.Type})
		mode := func() string { return odd }
		m.Begin(metrics.Process{Mode: map[uint64]func() string{0: mode, uint64(i): mode}, Letters: func() (int, error) { return 5, nil }})
	}
	got := metricstest.Scrape(t, m.Handler())
	if len(got) != before {
		t.Errorf("there are %d series, and were %d", len(got), before)
	}
	for series, want := range map[string]float64{
		`vodworker_events_received_total{app="default",type="other"}`:                  1001, // one callback
		`vodworker_api_calls_total{action="PullEvents",app="default",code="other"}`:    1001,
		`vodworker_api_calls_total{action="ConfirmEvents",app="default",code="other"}`: 500,
		`vodworker_callback_mode{app="default",mode="unknown"}`:                        1,
	} {
		if got[series] != want {
			t.Errorf("%s is %v, want %v", series, got[series], want)
		}
	}
}

// Of a counter, and so of a sum, a fall is a new process to Prometheus.
func TestALateConfirmLowersNoSum(t *testing.T) {
	m := all()
	event := events.Event{Type: events.NewFileUpload}
	m.Worker().Confirmed(worker.ConfirmInfo{Events: []events.Event{event, event}, LeaseLeft: []time.Duration{time.Second, -2 * time.Second}})
	got := metricstest.Scrape(t, m.Handler())
	for series, want := range map[string]float64{`sum{app="default"}`: 1, `bucket{app="default",le="0"}`: 1, `count{app="default"}`: 2} {
		if n := got["vodworker_lease_remaining_seconds_"+series]; n != want {
			t.Errorf("%s: %v, want %v", series, n, want)
		}
	}
}

// A type whose documented name is doubtful is counted under one name, whichever of the two comes.
func TestBothSpellingsOfATypeAreOne(t *testing.T) {
	m := all()
	m.Worker().Pulled(worker.PullInfo{Events: []events.Event{{Type: events.SceneAigcImageComplete}, {Type: events.SceneAigcImageComplete.Alias()}}})
	got := metricstest.Scrape(t, m.Handler())
	if n := got[fmt.Sprintf(`vodworker_events_received_total{app="default",type=%q}`, events.SceneAigcImageComplete)]; n != 2 {
		t.Errorf("%v of 2", n)
	}
}

func TestTheModeIsTheOneThatVODToldLast(t *testing.T) {
	m := all()
	told := tencent.ModePush
	m.Begin(metrics.Process{Mode: map[uint64]func() string{0: func() string { return told }}})
	metricstest.Scrape(t, m.Handler())
	told = tencent.ModePull
	got := metricstest.Scrape(t, m.Handler())
	for mode, want := range map[string]float64{"PULL": 1, "PUSH": 0, "unknown": 0} {
		if n := got[fmt.Sprintf(`vodworker_callback_mode{app="default",mode=%q}`, mode)]; n != want {
			t.Errorf("%s: %v, want %v", mode, n, want)
		}
	}
}

func TestWhatAReceiverCountsIsShown(t *testing.T) {
	m := all()
	m.Begin(metrics.Process{Callback: func() callback.Status {
		return callback.Status{
			Answered: 1, Unanswered: 2, Joined: 3, Overloaded: 4, Forbidden: 5, Invalid: 6, Broken: 7, Lost: 8, Unmatched: 9, Stuck: 10,
		}
	}})
	got := metricstest.Scrape(t, m.Handler())
	for i, result := range []string{"answered", "unanswered", "joined", "overloaded", "forbidden", "invalid", "broken"} {
		if n := got[fmt.Sprintf(`vodworker_callbacks_total{app="7",result=%q}`, result)]; n != float64(i+1) {
			t.Errorf("%s: %v, want %d", result, n, i+1)
		}
	}
	for i, name := range []string{"callbacks_lost_total", "unmatched_total", "stuck_handlers"} {
		if n := got["vodworker_"+name+`{app="7"}`]; n != float64(i+8) {
			t.Errorf("%s: %v, want %d", name, n, i+8)
		}
	}
	if n := got[`vodworker_unmatched_total{app="default"}`]; n != 0 {
		t.Errorf("another application has %v of them", n)
	}
}
