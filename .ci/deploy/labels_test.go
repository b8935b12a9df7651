package deploy

import (
	"strings"
	"testing"
)

// Labels of one key in several places would be one key twice, which decode refuses, and Kubernetes takes no Deployment that does not
// select its own pods.
func TestNoLabelOfOthersBreaksTheChart(t *testing.T) {
	o := render(t, "everything.yaml", `{fullnameOverride: `+strings.Repeat("a", 46)+`,
		commonLabels: {team: a, app.kubernetes.io/instance: x, app.kubernetes.io/managed-by: x, app.kubernetes.io/version: x},
		podLabels: {team: b, app.kubernetes.io/name: x, app.kubernetes.io/component: x},
		podMonitor: {labels: {team: c}}, prometheusRule: {labels: {team: c}}}`)
	labels := o.Deployment.Spec.Template.Labels
	for key, value := range o.Deployment.Spec.Selector.MatchLabels {
		wantEqual(t, "a pod's "+key, labels[key], value)
	}
	wantEqual(t, "name of the CronJob", len(o.CronJob.Name), 52) // the most that Kubernetes takes
	wantEqual(t, "managed by", o.Deployment.Labels["app.kubernetes.io/managed-by"], "Helm")
	wantEqual(t, "version", o.Deployment.Labels["app.kubernetes.io/version"], "x")
	wantEqual(t, "team", o.Deployment.Labels["team"]+labels["team"]+o.PodMonitor.Labels["team"]+o.PrometheusRule.Labels["team"], "abcc")
}

// A value that somebody takes out, by null, is as if it were empty.
func TestWhatIsTakenOutIsEmpty(t *testing.T) {
	o := render(t, "everything.yaml", `{commonLabels: null, podLabels: null, podAnnotations: null, podSpec: null, extraEnv: null,
		deployment: {args: null}, drain: {args: null}, podMonitor: {labels: null}, prometheusRule: {labels: null, ruleLabels: null,
		ruleAnnotations: null}, affinity: null}`)
	wantEqual(t, "args", len(o.Deployment.Spec.Template.Spec.Containers[0].Args), 3)
}

// A place for letters that the configuration names is not joined by a folder: there may be one.
func TestAClaimDoesNotAddASecondPlaceForLetters(t *testing.T) {
	o := render(t, "minimal.yaml", "{letters: {claim: x}, config: {dead_letters: {attempts: 3}}}")
	wantEqual(t, "dir", o.config(t, "dead_letters.dir"), "/var/lib/vodworker/dead")
	o = render(t, "minimal.yaml", "{letters: {claim: x}, config: {dead_letters: {file: {path: /var/lib/vodworker/letters.jsonl}}}}")
	wantEqual(t, "dir beside a file", o.config(t, "dead_letters.dir"), "")
}
