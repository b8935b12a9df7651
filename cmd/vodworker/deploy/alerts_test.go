package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// An alert is a rule of alerts.yaml.
type alert struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	if err := yaml.UnmarshalWithOptions(read(t, "alerts.yaml"), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) < 12 {
		t.Fatalf("alerts.yaml has %d alerts", len(all))
	}
	return all
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const runbook = "https://github.com/vodworker/vodworker/blob/main/cmd/vodworker/deploy/RUNBOOK.md"

func TestEachAlertSaysWhatItIsAndWhatToDo(t *testing.T) {
	for _, a := range alerts(t) {
		t.Run(a.Alert, func(t *testing.T) {
			checkQuery(t, a.Expr)
			if !strings.HasPrefix(a.Alert, "Vodworker") {
				t.Error("others may have an alert of this name")
			}
			if _, err := time.ParseDuration(a.For); err != nil {
				t.Errorf("for: %v", err)
			}
			if len(a.Labels) != 1 || !slices.Contains([]string{"critical", "warning"}, a.Labels["severity"]) {
				t.Errorf("labels: %q", a.Labels)
			}
			for _, text := range []string{"summary", "description"} {
				if labels := lacking(a.Annotations[text], a.Expr); labels != nil {
					t.Errorf("%s: no answer has the labels %q", a.Annotations[text], labels)
				}
				if !strings.HasSuffix(a.Annotations[text], ".") {
					t.Errorf("%s: %q is no sentence", text, a.Annotations[text])
				}
			}
			if want := runbook + "#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want {
				t.Errorf("runbook_url: %s, want %s", a.Annotations["runbook_url"], want)
			}
		})
	}
}

var heading = regexp.MustCompile(`(?m)^## (\S+)$`)

func TestTheRunbookHasAParagraphForEachAlert(t *testing.T) {
	text := string(read(t, "RUNBOOK.md"))
	var names, paragraphs []string
	for _, a := range alerts(t) {
		names = append(names, a.Alert)
	}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		paragraphs = append(paragraphs, h[1])
	}
	if !slices.Equal(names, paragraphs) {
		t.Errorf("alerts.yaml has\n%s, RUNBOOK.md\n%s", names, paragraphs)
	}
	for i, paragraph := range heading.Split(text, -1)[1:] {
		for _, part := range []string{"**Means:**", "**Look at:**"} {
			if !strings.Contains(paragraph, part) {
				t.Errorf("%s: it does not say %s", paragraphs[i], part)
			}
		}
		if !strings.Contains(paragraph, "**Do:**") && !strings.Contains(paragraph, "| what to do |") {
			t.Errorf("%s: it does not say what to do", paragraphs[i])
		}
	}
}

var (
	command = regexp.MustCompile("`(?:\\S* exec POD -- /)?vodworker ([a-z]+(?: (?:show|set|list|replay|purge)\\b)?)([^`]*)`")
	option  = regexp.MustCompile(`--[a-z-]+`)
	key     = regexp.MustCompile("`((?:vod|worker|admin|dead_letters|callback|inbox)\\.[a-z_]+)`")
	shown   = regexp.MustCompile(`(?:[^*]|^)\*([A-Z][^*]+)\*(?:[^*]|$)`)
)

// What an operator types at night has to be there.
func TestWhatTheRunbookNamesExists(t *testing.T) {
	text, reference := string(read(t, "RUNBOOK.md")), string(read(t, "..", "REFERENCE.md"))
	n := 0
	for _, c := range command.FindAllStringSubmatch(text, -1) {
		n++
		row := regexp.MustCompile("(?m)^\\| `" + c[1] + "` \\|.*$").FindString(reference)
		if row == "" {
			t.Errorf("the reference has no command %q", c[1])
		}
		for _, f := range option.FindAllString(c[2], -1) {
			if !strings.Contains(row, "`"+f+"`") {
				t.Errorf("%s has no flag %s", c[1], f)
			}
		}
	}
	for _, k := range key.FindAllStringSubmatch(text, -1) {
		n++
		if !strings.Contains(reference, "\n| `"+k[1]+"` |") {
			t.Errorf("the reference has no key %s", k[1])
		}
	}
	var titles []string
	for _, p := range dashboard(t).Panels {
		titles = append(titles, p.Title)
	}
	for _, s := range shown.FindAllStringSubmatch(text, -1) {
		n++
		if !slices.Contains(titles, s[1]) {
			t.Errorf("the dashboard has no %q", s[1])
		}
	}
	if n < 40 {
		t.Errorf("the runbook names %d things: are they still read?", n)
	}
}
