// Package deploy has no code: it holds what runs vodworker and watches it, and the tests of that.
package deploy

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/worker"
)

// The kinds of metrics.
const (
	gauge     = "gauge"
	histogram = "histogram"
)

// A metric is what queries may ask for.
type metric struct {
	kind   string
	labels map[string][]string // and their values, if all of them are known
}

// ours are those of vodworker: of a process that does everything, and of the file that a drain leaves.
var ours = sync.OnceValues(func() (map[string]metric, error) {
	m := metrics.New(metrics.Options{Inbox: []string{"archive"}, Applications: []metrics.Application{
		{Name: "default", Handlers: []string{"archive"}, Pulled: true, Received: true},
	}})
	limiter, err := worker.NewLimiter(worker.DefaultRate)
	if err != nil {
		return nil, err
	}
	m.Begin(metrics.Process{Limiter: limiter, Letters: func() (int, error) { return 0, nil }})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "vodworker.prom")
	if err := m.WriteFile(path, metrics.Drain{}); err != nil {
		return nil, err
	}
	left, err := os.ReadFile(path)
	return metricsIn(answer.Body.String() + string(left)), err
})

// metricsIn returns the metrics of a scrape. Of each label that no user names all values are there.
func metricsIn(text string) map[string]metric {
	found := map[string]metric{}
	for line := range strings.Lines(text) {
		if described, is := strings.CutPrefix(line, "# TYPE "); is {
			name, kind, _ := strings.Cut(strings.TrimSpace(described), " ")
			if _, twice := found[name]; !twice {
				found[name] = metric{kind, map[string][]string{}}
			}
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		s := selectors(line)[0]
		m, known := found[s.name]
		if !known {
			m = found[without(s.name, "_count")]
		}
		for i := 0; i < len(s.matchers) && m.kind != ""; i += 2 {
			label, value := s.matchers[i], s.matchers[i+1]
			if slices.Contains(ofAUser, label) {
				m.labels[label] = nil
			} else {
				m.labels[label] = append(m.labels[label], value)
			}
		}
	}
	return found
}

// ofAUser are the labels that have values of a configuration, and of a build.
var ofAUser = strings.Fields("app handler version commit go_version")

// others are those of kube-state-metrics.
var others = map[string]metric{
	"kube_cronjob_created":                     {gauge, map[string][]string{"cronjob": nil}},
	"kube_cronjob_spec_suspend":                {gauge, map[string][]string{"cronjob": nil}},
	"kube_cronjob_status_last_successful_time": {gauge, map[string][]string{"cronjob": nil}},
}

// names returns its labels.
func (m metric) names() []string { return slices.Collect(maps.Keys(m.labels)) }

// may says whether a label can have a value.
func (m metric) may(label, value string) bool {
	values := m.labels[label]
	return values == nil || strings.HasPrefix(value, "$") || slices.Contains(values, value)
}

// targets are the labels that Prometheus and its operator add to each series.
var targets = strings.Fields("namespace job instance pod")

// metricOf returns the metric that a series is of: a histogram has three series.
func metricOf(series string) (m metric, known bool) {
	all, err := ours()
	if err != nil {
		panic(err)
	}
	for _, name := range []string{series, without(series, "_bucket"), without(series, "_sum"), without(series, "_count")} {
		if m, known = all[name]; !known {
			m, known = others[name]
		}
		if known && (name != series) == (m.kind == histogram) {
			if strings.HasSuffix(series, "_bucket") {
				m.labels = maps.Clone(m.labels)
				m.labels["le"] = nil
			}
			return m, true
		}
	}
	return metric{}, false
}

func without(series, suffix string) string { return strings.TrimSuffix(series, suffix) }

// A selector is one place in a query that asks for series.
type selector struct {
	name     string
	matchers []string // the labels, then what they are compared with
	function string   // that it is in, with its range: rate
}

var (
	selected = regexp.MustCompile(`(?:\b(\w+)\()?\b([A-Za-z_:][\w:]*)(?:\{([^}]*)\})?(\[[^\]]*\])?`)
	matched  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	grouping = regexp.MustCompile(`\b(by|without|on|ignoring)\s*\(([^)]*)\)`)
	words    = []string{"and", "or", "unless", "bool", "offset"}
)

// selectors returns all of a query, which is simple enough for a test that knows no more of PromQL.
func selectors(query string) (found []selector) {
	query = grouping.ReplaceAllString(query, "")
	for _, at := range selected.FindAllStringSubmatchIndex(query, -1) {
		text := func(group int) string {
			if at[2*group] < 0 {
				return ""
			}
			return query[at[2*group]:at[2*group+1]]
		}
		isFunction := strings.HasPrefix(strings.TrimLeft(query[at[1]:], " "), "(")
		if isFunction || slices.Contains(words, text(2)) {
			continue
		}
		s := selector{name: text(2), function: text(1)}
		if text(4) == "" {
			s.function = ""
		}
		for _, m := range matched.FindAllStringSubmatch(text(3), -1) {
			s.matchers = append(s.matchers, m[1], m[2])
		}
		found = append(found, s)
	}
	return found
}

// checkQuery fails for a query of something that is not there, or that makes no sense for what it is.
func checkQuery(t *testing.T, query string) {
	t.Helper()
	labels := slices.Clone(targets)
	all := selectors(query)
	for _, s := range all {
		m, known := metricOf(s.name)
		if !known {
			t.Errorf("there is no metric %s: %s", s.name, query)
			continue
		}
		its := append(m.names(), targets...)
		labels = append(labels, its...)
		for i := 0; i < len(s.matchers); i += 2 {
			if label := s.matchers[i]; label == "le" || !slices.Contains(its, label) {
				t.Errorf("%s has no label %s to choose by: %s", s.name, label, query)
			}
			if !m.may(s.matchers[i], s.matchers[i+1]) {
				t.Errorf("no %s has the %s %s: %s", s.name, s.matchers[i], s.matchers[i+1], query)
			}
		}
		counts := slices.Contains([]string{"rate", "increase"}, s.function)
		ofOneRun := s.function == "" && strings.Contains(query, "and on (job, instance) vodworker_drain_last_exit_code")
		if counts != (m.kind != gauge) && !ofOneRun {
			t.Errorf("%s is a %s, and in %q: %s", s.name, m.kind, s.function, query)
		}
		if inBuckets := strings.HasSuffix(s.name, "_bucket"); inBuckets && !slices.ContainsFunc(grouping.FindAllString(query, -1), keepsBorders) {
			t.Errorf("the sum of %s is not by le: %s", s.name, query)
		}
	}
	for _, group := range grouping.FindAllStringSubmatch(query, -1) {
		for label := range strings.FieldsFuncSeq(group[2], func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(labels, label) {
				t.Errorf("no metric has the label %s to group by: %s", label, query)
			}
		}
	}
	if len(all) == 0 {
		t.Errorf("it asks for nothing: %s", query)
	}
}

var shownLabel = regexp.MustCompile(`\{\{(\w+)\}\}|\$labels\.(\w+)`)

// lacking returns the labels that a text shows, and that no answer to the query has.
func lacking(text, query string) (labels []string) {
	for _, names := range shownLabel.FindAllStringSubmatch(text, -1) {
		label := names[1] + names[2]
		has := slices.ContainsFunc(selectors(query), func(s selector) bool {
			m, _ := metricOf(s.name)
			return slices.Contains(append(m.names(), targets...), label)
		})
		for _, group := range grouping.FindAllStringSubmatch(query, -1) {
			listed := regexp.MustCompile(`\b` + label + `\b`).MatchString(group[2])
			has = has && (group[1] != "by" || listed) && (group[1] != "without" || !listed)
		}
		if !has {
			labels = append(labels, label)
		}
	}
	return labels
}

func keepsBorders(group string) bool {
	return strings.HasPrefix(group, "by") && strings.Contains(group, "le)")
}

func TestTheReaderOfQueriesCanFail(t *testing.T) {
	got := selectors(`sum by (le, app) (rate(a_total{x="1", y=~"$z"}[5m])) / time() > 3 and on (job) max(b) unless c_info{} == 0`)
	want := []selector{{"a_total", []string{"x", "1", "y", "$z"}, "rate"}, {name: "b"}, {name: "c_info"}}
	if !slices.EqualFunc(got, want, func(a, b selector) bool {
		return a.name == b.name && a.function == b.function && slices.Equal(a.matchers, b.matchers)
	}) {
		t.Errorf("selectors: %q, want %q", got, want)
	}
	labels := lacking(`{{app}} {{stage}} {{ $labels.nope }} {{ end }}`, `sum by (app) (rate(vodworker_leases_lost_total[5m]))`)
	if want := []string{"stage", "nope"}; !slices.Equal(labels, want) {
		t.Errorf("lacking: %q, want %q", labels, want)
	}
}
