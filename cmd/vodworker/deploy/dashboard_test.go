package deploy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// A board is what these tests look at of dashboard.json.
type board struct {
	ID         any
	UID        string
	Panels     []panel
	Templating struct {
		List []struct {
			Name, Label, Type string
			Datasource        source
			Query             any
			Refresh           int
			Multi             bool
			AllValue          string
		}
	}
}

type source struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	FieldConfig              struct{ Defaults struct{ Unit string } }
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct {
		Datasource         source
		Expr, LegendFormat string
	}
}

func dashboard(t *testing.T) (b board) {
	t.Helper()
	if err := json.Unmarshal(read(t, "dashboard.json"), &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Panels) < 20 {
		t.Fatalf("dashboard.json has %d panels", len(b.Panels))
	}
	return b
}

var chosen = source{"prometheus", "$datasource"}

// A dashboard with an id of its own replaces another's, and one with a fixed source works in one Grafana.
func TestTheDashboardFitsAnyGrafana(t *testing.T) {
	b := dashboard(t)
	if b.UID != "" || b.ID != nil {
		t.Errorf("uid %q, id %v", b.UID, b.ID)
	}
	var names []string
	for _, v := range b.Templating.List {
		names = append(names, v.Name)
		if v.Label == "" {
			t.Errorf("the variable %s has no label", v.Name)
		}
		if v.Type == "datasource" {
			if v.Query != "prometheus" {
				t.Errorf("the variable %s is of %v", v.Name, v.Query)
			}
			continue
		}
		query, _ := v.Query.(map[string]any)["query"].(string)
		if v.Datasource != chosen || !v.Multi || v.AllValue == "" || v.Refresh != 2 || !strings.HasPrefix(query, "label_values(") {
			t.Errorf("the variable %s is %+v", v.Name, v)
		}
		for name := range strings.FieldsFuncSeq(query, func(r rune) bool { return !strings.ContainsRune("_abcdefghijklmnopqrstuvwxyz", r) }) {
			if _, known := metricOf(name); !known && strings.HasPrefix(name, "vodworker") {
				t.Errorf("the variable %s: there is no metric %s", v.Name, name)
			}
		}
	}
	if want := []string{"datasource", "job", "instance", "app"}; !slices.Equal(names, want) {
		t.Errorf("variables: %q, want %q", names, want)
	}
	for _, fixed := range []string{`"uid": "`, `"datasource": "`, `${DS_`} {
		text := strings.ReplaceAll(string(read(t, "dashboard.json")), `"uid": "$datasource"`, "")
		if strings.Contains(text, fixed) {
			t.Errorf("it has %s…", fixed)
		}
	}
}

// units are Grafana's tokens: it shows no number right whose unit it does not know.
var units = strings.Fields("none short s bytes percentunit reqps eps")

func TestEachPanelSaysWhatItShows(t *testing.T) {
	ids, titles := map[int]bool{}, map[string]bool{}
	for _, p := range dashboard(t).Panels {
		if ids[p.ID] || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d, %q: twice, or without a title", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		if p.GridPos.X+p.GridPos.W > 24 || p.GridPos.H == 0 {
			t.Errorf("%s: it stands at %+v", p.Title, p.GridPos)
		}
		if p.Type == "row" {
			continue
		}
		if !strings.HasSuffix(p.Description, ".") {
			t.Errorf("%s: its description is %q", p.Title, p.Description)
		}
		if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
			t.Errorf("%s: its unit is %q", p.Title, p.FieldConfig.Defaults.Unit)
		}
		if p.Datasource != chosen || len(p.Targets) == 0 {
			t.Errorf("%s: it asks %v %d things", p.Title, p.Datasource, len(p.Targets))
		}
	}
}

func TestTheQueriesOfTheDashboardAskForWhatThereIs(t *testing.T) {
	for _, p := range dashboard(t).Panels {
		for _, target := range p.Targets {
			if target.Datasource != chosen || target.LegendFormat == "" {
				t.Errorf("%s: %+v", p.Title, target)
			}
			checkQuery(t, target.Expr)
			if labels := lacking(target.LegendFormat, target.Expr); labels != nil {
				t.Errorf("%s: no answer has the labels %q", target.LegendFormat, labels)
			}
			for _, s := range selectors(target.Expr) {
				m, _ := metricOf(s.name)
				for _, label := range []string{"job", "instance", "app"} {
					has := slices.Contains(s.matchers, label) && slices.Contains(s.matchers, "$"+label)
					if needs := label != "app" || slices.Contains(m.names(), label); has != needs {
						t.Errorf("%s: %s chooses by $%s: %v, want %v: %s", p.Title, s.name, label, has, needs, target.Expr)
					}
				}
			}
			if strings.Contains(target.Expr, "[") != strings.Contains(target.Expr, "[$__rate_interval]") {
				t.Errorf("%s: a range that does not go with the time that is shown: %s", p.Title, target.Expr)
			}
		}
	}
}

// Whoever opens it sees first whether the promise is kept.
func TestTheDashboardBeginsWithThePromise(t *testing.T) {
	var first []string
	for _, p := range dashboard(t).Panels {
		for _, target := range p.Targets {
			for _, s := range selectors(target.Expr) {
				first = append(first, s.name)
			}
		}
		if p.Title == "Flow" {
			break
		}
	}
	for _, name := range []string{"lease_remaining_seconds_bucket", "leases_lost_total", "slots"} {
		if !slices.Contains(first, "vodworker_"+name) {
			t.Errorf("the first row does not show %s", name)
		}
	}
}
