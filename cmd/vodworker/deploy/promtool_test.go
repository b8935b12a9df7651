package deploy

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var must = flag.Bool("promtool", false, "fail where there is no promtool, instead of leaving its tests out")

// promtool runs Prometheus's own checker, which is in Debian's package prometheus.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	t.Parallel()
	path, err := exec.LookPath("promtool")
	switch {
	case err != nil && *must:
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPrometheusTakesTheAlerts(t *testing.T) { promtool(t, "check", "rules", "alerts.yaml") }

const byHand = "testdata/alerts_test.yaml"

func TestEachAlertFiresWhenItShould(t *testing.T) { promtool(t, "test", "rules", byHand) }

// Series that no worker has would prove nothing.
func TestTheAlertsAreTestedOnSeriesOfTheWorker(t *testing.T) {
	text := read(t, byHand)
	var file struct {
		Tests []struct {
			InputSeries []struct{ Series string } `yaml:"input_series"`
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, test := range file.Tests {
		for _, input := range test.InputSeries {
			checkSeries(t, input.Series)
		}
	}
	for _, a := range alerts(t) {
		fires := slices.ContainsFunc(lives, func(l lived) bool {
			return slices.ContainsFunc(l.firings, func(f firing) bool { return strings.HasPrefix(f.alert, a.Alert+"{") })
		})
		ofOthers := !strings.Contains(a.Expr, "vodworker_") && strings.Contains(string(text), `{labels: '{alertname="`+a.Alert+`"`)
		if !fires && !ofOthers {
			t.Errorf("%s is not tested", a.Alert)
		}
	}
}

// checkSeries fails for a series that has not the labels of its metric, or values of them that there are not.
func checkSeries(t *testing.T, series string) {
	t.Helper()
	for _, s := range selectors(series) {
		m, known := metricOf(s.name)
		if !known {
			t.Errorf("there is no metric %s", s.name)
		}
		for i := 0; i < len(s.matchers); i += 2 {
			label, value := s.matchers[i], s.matchers[i+1]
			if !slices.Contains(targets, label) && !slices.Contains(m.names(), label) || !m.may(label, value) {
				t.Errorf("no series has %s=%q: %s", label, value, series)
			}
		}
		for _, label := range m.names() {
			if !slices.Contains(s.matchers, label) {
				t.Errorf("it lacks the label %s: %s", label, series)
			}
		}
	}
}

// The tests of dashboard.json know little of PromQL; Prometheus knows whether a query is one.
func TestPrometheusTakesTheQueriesOfTheDashboard(t *testing.T) {
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var rules []rule
	for _, p := range dashboard(t).Panels {
		for _, target := range p.Targets {
			name := fmt.Sprint("query_", len(rules)) // since a name may be there once
			rules = append(rules, rule{name, strings.ReplaceAll(target.Expr, "$__rate_interval", "5m")})
		}
	}
	text, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
