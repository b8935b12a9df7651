package deploy

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A firing is an alert, such as Name{app="default"}, and from when to when it fires; from 0: at some time; to 0: until the series end.
type firing struct {
	alert    string
	from, to time.Duration
}

// A question is what promtool is to ask of series, and the answer.
type question struct {
	Expr    string   `json:"expr"`
	At      string   `json:"eval_time"`
	Samples []sample `json:"exp_samples"`
}

type sample struct {
	Labels string  `json:"labels"`
	Value  float64 `json:"value"`
}

// matchers are the labels of an alert, as they are written in a query.
func (f firing) matchers() string {
	name, labels, _ := strings.Cut(strings.TrimSuffix(f.alert, "}"), "{")
	return strings.TrimSuffix(`alertname="`+name+`",job="v",`+labels, ",")
}

// questions ask whether exactly these fire, and when, give or take the slack: pauses of the worker are random.
func questions(firings []firing, end, slack time.Duration) (all []question) {
	total := question{At: end.String(), Expr: `count by (alertname, app, handler, stage, reason, action, mode, job) (
		count_over_time(ALERTS{alertstate="firing"}[` + end.String() + `]))`}
	for _, f := range firings {
		is := sample{"{" + f.matchers() + "}", 1}
		if !slices.Contains(total.Samples, is) {
			total.Samples = append(total.Samples, is)
		}
		ask := func(at time.Duration, fires ...sample) {
			all = append(all, question{`count(ALERTS{alertstate="firing",` + f.matchers() + `})`, at.String(), fires})
		}
		if f.from > 0 {
			ask(f.from - slack)
			ask(f.from+slack, sample{"{}", 1})
		}
		if f.to > 0 {
			ask(f.to-slack, sample{"{}", 1})
			ask(f.to + slack)
		}
	}
	return append(all, total)
}

// checkFirings has promtool tell that these alerts fire on series that are scraped so often, and no others.
func checkFirings(t *testing.T, every time.Duration, series map[string][]string, firings []firing) {
	t.Helper()
	type input struct {
		Series string `json:"series"`
		Values string `json:"values"`
	}
	var inputs []input
	longest := 0
	for _, name := range slices.Sorted(maps.Keys(series)) {
		inputs = append(inputs, input{name, strings.Join(series[name], " ")})
		longest = max(longest, len(series[name]))
	}
	rules, err := filepath.Abs("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{
		"rule_files": []string{rules}, "evaluation_interval": every.String(),
		"tests": []any{map[string]any{
			"interval": every.String(), "input_series": inputs,
			"promql_expr_test": questions(firings, time.Duration(longest-1)*every, 2*every),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "test", "rules", path)
}
