package deploy

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"replicas: 3":      "replicas",
		"image: {repo: x}": "repo",
		"drain: {enabled: true, maxDuration: 4m}":                "maxDuration",
		"terminationGracePeriodSeconds: 14":                      "terminationGracePeriodSeconds",
		"secrets: [{name: x}]":                                   "secrets",
		"podDisruptionBudget: {minAvailable: 1}":                 "minAvailable",
		"drain: {enabled: true, okCodes: \"0,1\"}":               "okCodes",
		"config: {handlers: []}":                                 "config.handlers is empty: say where events go",
		"config: {worker: {stop_grace: 5s}}":                     "set terminationGracePeriodSeconds",
		"config: {callback: {listen: \":1\"}}":                   "set callback.enabled",
		"config: {dead_letters: {dir: /tmp}}":                    "name a PersistentVolumeClaim as letters.claim",
		"{letters: {claim: x}, deployment: {replicas: 2}}":       "replicas can't share a claim that one node mounts",
		"deployment: {command: receive}":                         "set callback.enabled",
		"{letters: {claim: x}, drain: {enabled: true}}":          "can't share a claim that one node mounts",
		"config: {admin: {listen: \":80\"}}":                     "set adminPort",
		"callback: {enabled: true, port: 9464}":                  "callback.port and adminPort are one",
		"podSpec: {terminationGracePeriodSeconds: 60}":           "set terminationGracePeriodSeconds",
		"podDisruptionBudget: {maxUnavailable: 0}":               "maxUnavailable",
		"podDisruptionBudget: {maxUnavailable: 0%}":              "maxUnavailable",
		"fullnameOverride: My_Name":                              "fullnameOverride",
		"fullnameOverride: " + strings.Repeat("a", 47):           "fullnameOverride",
		"letters: null":                                          "missing property 'letters'",
		"drain: {enabled: true, activeDeadlineSeconds: 299}":     "make it 300 or more",
		"prometheusRule: {enabled: true, rules: {Other: {}}}":    "prometheusRule.rules has no alert Other; there are Vod",
		"prometheusRule: {rules: {VodworkerLeaseLost: {on: 1}}}": "on",
	} {
		wantRefused(t, values, want)
	}
	if _, err := template(chart); err == nil || !strings.Contains(err.Error(), "config.handlers is empty") {
		t.Errorf("without values: %v", err)
	}
}

// wantRefused fails unless the chart refuses the values, and says so. It returns the refusal.
func wantRefused(t *testing.T, values, want string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	write(t, file, values, 0o600)
	_, err := template(chart, "-f", "testdata/minimal.yaml", "-f", file)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want it to say %q", values, err, want)
	}
	return err
}

// Each alert can be switched, timed, labelled and annotated by its name.
func TestAlertsCanBeChangedOneByOne(t *testing.T) {
	all := rules(render(t, "everything.yaml", "").PrometheusRule)
	if len(all) < 2 {
		t.Fatalf("%d alerts", len(all))
	}
	one, other := all[0], all[1]
	changed := rules(render(t, "everything.yaml", "prometheusRule: {runbookUrl: \"https://wiki/vod\", rules: {"+one.Alert+": {enabled: false}, "+other.Alert+
		": {for: 77m, labels: {severity: none}, annotations: {summary: mine}}}}").PrometheusRule)
	wantEqual(t, "alerts", len(changed), len(all)-1)
	got := changed[0]
	wantEqual(t, "alert", got.Alert, other.Alert)
	wantEqual(t, "for", got.For, "77m")
	wantEqual(t, "severity", got.Labels["severity"], "none")
	wantEqual(t, "label of all", got.Labels["team"], "video")
	wantEqual(t, "annotation of all", got.Annotations["c"], "d")
	wantEqual(t, "summary", got.Annotations["summary"], "mine")
	wantEqual(t, "expr", got.Expr, other.Expr)
	wantEqual(t, "runbook", got.Annotations["runbook_url"], "https://wiki/vod#"+strings.ToLower(other.Alert))
}

// The rule for drains looks at this chart's CronJob, whatever its name.
func TestTheAlertOfDrainsIsAboutTheChartsOwn(t *testing.T) {
	own := `{namespace="default", cronjob="mine-drain"}`
	for _, r := range rules(render(t, "everything.yaml", "fullnameOverride: mine").PrometheusRule) {
		if r.Alert == "VodworkerCronJobWithoutSuccess" {
			wantEqual(t, r.Expr, strings.Contains(r.Expr, own), true)
			return
		}
	}
	t.Error("there is no such alert")
}

func rules(r *prometheusRule) (all []rule) {
	for _, group := range r.Spec.Groups {
		all = append(all, group.Rules...)
	}
	return all
}
