package deploy

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// objects are what a chart renders, by kind; all are one of their kind.
type objects struct {
	Deployment          *apps.Deployment
	CronJob             *batch.CronJob
	ConfigMap           *core.ConfigMap
	Service             *core.Service
	More                *core.Service // of extraObjects
	ServiceAccount      *core.ServiceAccount
	PodDisruptionBudget *policy.PodDisruptionBudget
	NetworkPolicy       *networking.NetworkPolicy
	PodMonitor          *podMonitor
	PrometheusRule      *prometheusRule

	kinds []string
}

// What we use of the Prometheus operator's kinds.
type podMonitor struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Selector            meta.LabelSelector `json:"selector"`
		PodMetricsEndpoints []struct {
			Port, Path, Interval, ScrapeTimeout string
			MetricRelabelings                   []struct{ Action, Regex string }
		} `json:"podMetricsEndpoints"`
	} `json:"spec"`
}

type prometheusRule struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Groups []struct {
			Name, Interval string
			Rules          []rule
		} `json:"groups"`
	} `json:"spec"`
}

type rule struct {
	Alert, Record, Expr, For string
	Labels, Annotations      map[string]string
}

// template renders a chart with files and settings of values. What helm says of an error is returned.
func template(chart string, args ...string) (string, error) {
	args = append([]string{"template", "release", chart, "--kube-version", "1.34.0"}, args...)
	var out, problem strings.Builder
	cmd := exec.Command(helm, args...)
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, problem.String())
	}
	return out.String(), nil
}

// render renders the chart with the values of a text besides those of a file in testdata, and decodes all that comes out.
func render(t *testing.T, file, values string) *objects {
	t.Helper()
	more := filepath.Join(t.TempDir(), "values.yaml")
	write(t, more, values, 0o600)
	text, err := template(chart, "-f", "testdata/"+file, "-f", more)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, text)
}

var between = regexp.MustCompile(`(?m)^---\n`)

// decode refuses fields that Kubernetes does not know.
func decode(t *testing.T, text string) *objects {
	t.Helper()
	o := &objects{}
	for _, part := range between.Split(text, -1) {
		var is meta.TypeMeta
		if err := yaml.Unmarshal([]byte(part), &is); err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		if is.Kind == "" {
			continue
		}
		into, known := map[string]any{
			"apps/v1 Deployment": &o.Deployment, "batch/v1 CronJob": &o.CronJob, "v1 ConfigMap": &o.ConfigMap, "v1 Service": &o.Service,
			"v1 ServiceAccount": &o.ServiceAccount, "policy/v1 PodDisruptionBudget": &o.PodDisruptionBudget,
			"networking.k8s.io/v1 NetworkPolicy": &o.NetworkPolicy, "monitoring.coreos.com/v1 PodMonitor": &o.PodMonitor,
			"monitoring.coreos.com/v1 PrometheusRule": &o.PrometheusRule,
		}[is.APIVersion+" "+is.Kind]
		if strings.Contains(part, "release-more") {
			into = &o.More
		}
		if !known {
			t.Fatalf("%s %s: no test knows this kind", is.APIVersion, is.Kind)
		}
		if err := yaml.UnmarshalStrict([]byte(part), into); err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		o.kinds = append(o.kinds, is.Kind)
	}
	return o
}

// A pod is a template of pods.
type pod struct {
	core.PodTemplateSpec
	args []string
}

// pods returns those of all workloads, by their kind.
func (o *objects) pods() map[string]pod {
	pods := map[string]pod{}
	add := func(kind string, template core.PodTemplateSpec) {
		pods[kind] = pod{template, template.Spec.Containers[0].Args}
	}
	if o.Deployment != nil {
		add("Deployment", o.Deployment.Spec.Template)
	}
	if o.CronJob != nil {
		add("CronJob", o.CronJob.Spec.JobTemplate.Spec.Template)
	}
	return pods
}

// config returns the value of a key of the rendered configuration, such as worker.stop_grace.
func (o *objects) config(t *testing.T, key string) string {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(o.ConfigMap.Data["config.yaml"]), &tree); err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(key, ".") {
		tree, _ = tree.(map[string]any)[name], true
		if tree == nil {
			return ""
		}
	}
	return fmt.Sprint(tree)
}
