package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/metrics"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
)

var oneLabel = regexp.MustCompile(`(\w+)="`)

// metricsOf returns the families of ours in a text as rows of the reference: name, type and labels.
func metricsOf(text string) (rows []string) {
	kinds := map[string]string{}
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if described, is := strings.CutPrefix(line, "# TYPE vodworker_"); is {
			name, kind, _ := strings.Cut(strings.TrimSpace(described), " ")
			kinds[name] = kind
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimPrefix(line, "vodworker_"), "{")
		name, _, _ = strings.Cut(name, " ")
		if base := strings.TrimSuffix(name, "_bucket"); kinds[base] == "histogram" {
			name = base
		}
		if kinds[name] == "" || seen[name] {
			continue
		}
		seen[name] = true
		row := []string{name, kinds[name]}
		for _, label := range oneLabel.FindAllStringSubmatch(rest, -1) {
			if label[1] != "le" {
				row = append(row, label[1])
			}
		}
		rows = append(rows, strings.Join(row, " "))
	}
	return rows
}

// The table is that of a process that does everything.
func TestTheReferenceHasEachMetric(t *testing.T) {
	made := config.Default()
	made.VOD.SubAppIDs = []uint64{7, 8}
	made.Handlers = []config.Handler{{Name: "a"}, {Name: "b", SubAppIDs: []uint64{8}}}
	made.Callback.SubAppID = 9
	made.Inbox.URL = "sqlite:///inbox.db"
	m := newMetrics(made, made.Applications(), true)
	limiter, err := worker.NewLimiter(1)
	if err != nil {
		t.Fatal(err)
	}
	m.Begin(metrics.Process{Limiter: limiter, Letters: func() (int, error) { return 0, nil }})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	program := metricsOf(answer.Body.String())
	if text := answer.Body.String(); strings.Contains(text, `app="7",handler="b"`) || !strings.Contains(text, `app="9",handler="a"`) {
		t.Error("a handler is counted where it gets no events, or is not where it does")
	}

	path := filepath.Join(t.TempDir(), "vodworker.prom")
	if err := m.WriteFile(path, metrics.Drain{}); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range metricsOf(string(written)) {
		if strings.HasPrefix(row, "drain_") {
			program = append(program, row)
		} else if !slices.Contains(program, row) {
			t.Errorf("only the file has %s", row)
		}
	}
	var page []string
	for _, row := range section(t, reference, "Metrics")[1:] {
		for _, name := range names(row[0]) {
			page = append(page, strings.Join(append([]string{name, row[1]}, names(row[2])...), " "))
		}
	}
	wantSame(t, "metrics", page, program)
}
