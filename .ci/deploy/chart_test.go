package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestHelmHasNothingAgainstTheChart(t *testing.T) {
	output(t, helm, "lint", "--strict", chart)
	for _, values := range []string{"minimal", "everything"} {
		output(t, helm, "lint", "--strict", "--kube-version", "1.34.0", chart, "-f", "testdata/"+values+".yaml")
	}
}

func TestByDefaultThereIsOneWorkerAndNothingElse(t *testing.T) {
	o := render(t, "minimal.yaml", "")
	wantEqual(t, "kinds", strings.Join(o.kinds, " "), "ServiceAccount ConfigMap Deployment")
	wantEqual(t, "replicas", *o.Deployment.Spec.Replicas, 1)
	wantEqual(t, "strategy", o.Deployment.Spec.Strategy.Type, "")
	wantEqual(t, "stop_grace", o.config(t, "worker.stop_grace"), "20s")
	wantEqual(t, "dead_letters", o.config(t, "dead_letters"), "")
}

func TestEverythingOn(t *testing.T) {
	o := render(t, "everything.yaml", "")
	wantEqual(t, "kinds", len(o.kinds), 10)
	wantEqual(t, "image", o.Deployment.Spec.Template.Spec.Containers[0].Image,
		"registry.example.com/video/vodworker@sha256:"+strings.Repeat("0", 64))
	wantEqual(t, "ids", o.config(t, "vod.sub_app_ids"), "[1.500012345e+09 2.51000001e+08]")
	if text := o.ConfigMap.Data["config.yaml"]; !strings.Contains(text, "- 1500012345\n") {
		t.Errorf("an id is no longer one:\n%s", text)
	}
	wantEqual(t, "stop_grace", o.config(t, "worker.stop_grace"), "50s")
	wantEqual(t, "letters", o.config(t, "dead_letters.dir"), "/var/lib/vodworker/dead")
	wantEqual(t, "callback", o.config(t, "callback.listen"), ":8080")
	wantEqual(t, "budget", o.PodDisruptionBudget.Spec.MaxUnavailable.String(), "1")
	if o.PodDisruptionBudget.Spec.MinAvailable != nil {
		t.Error("minAvailable keeps nodes from being drained")
	}
	wantEqual(t, "extra object", o.More.Name, "release-more")
	for kind, pod := range o.pods() {
		wantEqual(t, kind+": podSpec", pod.Spec.DNSPolicy, core.DNSDefault)
		wantEqual(t, kind+": containers", len(pod.Spec.Containers), 2)
		wantEqual(t, kind+": init containers", len(pod.Spec.InitContainers), 1)
		wantEqual(t, kind+": label", pod.Labels["sidecar"], "no")
		wantEqual(t, kind+": annotation", pod.Annotations["note"], "yes")
		wantEqual(t, kind+": env", pod.Spec.Containers[0].Env[2].Name, "HTTPS_PROXY")
	}
	ports := []string{}
	for _, rule := range o.NetworkPolicy.Spec.Ingress {
		ports = append(ports, fmt.Sprint(rule.Ports[0].Port, len(rule.Ports), len(rule.From)))
	}
	wantEqual(t, "let in", strings.Join(ports, ", "), "9464 1 1, 8080 1 1")
}

// Whatever is turned on, pods keep to what the restricted policy of Kubernetes and our own promises ask for.
func TestPodsKeepTheRules(t *testing.T) {
	for name, o := range map[string]*objects{
		"minimal": render(t, "minimal.yaml", "drain: {enabled: true}"), "everything": render(t, "everything.yaml", ""),
		"receive":  render(t, "minimal.yaml", "{callback: {enabled: true}, deployment: {command: receive}}"),
		"existing": render(t, "everything.yaml", "{existingConfigMap: mine, callback: {enabled: false}}"),
		"letters":  render(t, "minimal.yaml", "letters: {claim: dead}"),
		"inbox":    render(t, "minimal.yaml", "inbox: {claim: box}"),
	} {
		for kind, pod := range o.pods() {
			t.Run(name+" "+kind, func(t *testing.T) { keepsTheRules(t, pod) })
		}
	}
}

func keepsTheRules(t *testing.T, pod pod) {
	wantEqual(t, "token mounted", *pod.Spec.AutomountServiceAccountToken, false)
	wantEqual(t, "not root", *pod.Spec.SecurityContext.RunAsNonRoot, true)
	wantEqual(t, "user", *pod.Spec.SecurityContext.RunAsUser, 65532)
	wantEqual(t, "seccomp", pod.Spec.SecurityContext.SeccompProfile.Type, core.SeccompProfileTypeRuntimeDefault)
	c := pod.Spec.Containers[0]
	wantEqual(t, "read-only root", *c.SecurityContext.ReadOnlyRootFilesystem, true)
	wantEqual(t, "more privileges", *c.SecurityContext.AllowPrivilegeEscalation, false)
	wantEqual(t, "dropped", fmt.Sprint(c.SecurityContext.Capabilities.Drop), "[ALL]")
	if c.Resources.Requests.Cpu().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() {
		t.Errorf("resources: %+v", c.Resources)
	}
	if !strings.ContainsAny(c.Image, ":@") || strings.HasSuffix(c.Image, ":latest") {
		t.Errorf("image %s may be another tomorrow", c.Image)
	}
	names := []string{}
	for _, e := range c.Env {
		names = append(names, e.Name)
	}
	if slices.Contains(names, "GOMEMLIMIT") {
		t.Error("the program knows the limit of its memory by itself")
	}
	volumes := map[string]core.Volume{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = v
		if v.EmptyDir != nil {
			t.Errorf("%s is lost with the pod", v.Name)
		}
	}
	for _, m := range c.VolumeMounts {
		if _, ok := volumes[m.Name]; !ok || m.SubPath != "" {
			t.Errorf("mount %+v", m)
		}
		delete(volumes, m.Name)
	}
	if len(volumes) > 0 {
		t.Errorf("not mounted: %q", slices.Collect(maps.Keys(volumes)))
	}
	if c.Args[0] == "drain" {
		return
	}
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	wantEqual(t, "admin port", fmt.Sprintf(":%d", ports["admin"]), c.Env[0].Value)
	wantEqual(t, "live", c.LivenessProbe.HTTPGet.Path+" "+c.LivenessProbe.HTTPGet.Port.String(), "/livez admin")
	wantEqual(t, "ready", c.ReadinessProbe.HTTPGet.Path+" "+c.ReadinessProbe.HTTPGet.Port.String(), "/readyz admin")
}

func TestSelectorsFindTheirPodsAndNoOthers(t *testing.T) {
	o := render(t, "everything.yaml", "")
	finds := func(selector map[string]string, kind string) bool {
		labels := o.pods()[kind].Labels
		for key, value := range selector {
			if labels[key] != value {
				return false
			}
		}
		return len(selector) > 0
	}
	for name, selector := range map[string]map[string]string{
		"Deployment": o.Deployment.Spec.Selector.MatchLabels, "Service": o.Service.Spec.Selector,
		"PodDisruptionBudget": o.PodDisruptionBudget.Spec.Selector.MatchLabels, "PodMonitor": o.PodMonitor.Spec.Selector.MatchLabels,
	} {
		wantEqual(t, name+": workers", finds(selector, "Deployment"), true)
		wantEqual(t, name+": drains", finds(selector, "CronJob"), false)
	}
	wantEqual(t, "NetworkPolicy", finds(o.NetworkPolicy.Spec.PodSelector.MatchLabels, "CronJob"), true)
}

func TestADrainEndsBeforeItIsKilled(t *testing.T) {
	job := render(t, "minimal.yaml", "drain: {enabled: true, maxDurationSeconds: 100}").CronJob.Spec
	wantEqual(t, "args", strings.Join(job.JobTemplate.Spec.Template.Spec.Containers[0].Args, " "),
		"drain --config /etc/vodworker/config.yaml --max-duration 100s --ok-codes 3,5")
	wantEqual(t, "deadline", *job.JobTemplate.Spec.ActiveDeadlineSeconds, 160)
	wantEqual(t, "more tries", *job.JobTemplate.Spec.BackoffLimit, 0)
	wantEqual(t, "restart", job.JobTemplate.Spec.Template.Spec.RestartPolicy, core.RestartPolicyNever)
	wantEqual(t, "side by side", string(job.ConcurrencyPolicy), "Forbid")
	if *job.StartingDeadlineSeconds < 10 {
		t.Errorf("startingDeadlineSeconds: %d, below what the controller looks at", *job.StartingDeadlineSeconds)
	}
}

func TestAConfigMapOfOthersIsLeftAlone(t *testing.T) {
	o := render(t, "minimal.yaml", "{existingConfigMap: mine, terminationGracePeriodSeconds: 45}")
	wantEqual(t, "kinds", strings.Join(o.kinds, " "), "ServiceAccount Deployment")
	spec := o.Deployment.Spec.Template.Spec
	wantEqual(t, "volume", spec.Volumes[0].ConfigMap.Name, "mine")
	wantEqual(t, "env", fmt.Sprintf("%s=%s", spec.Containers[0].Env[1].Name, spec.Containers[0].Env[1].Value), "VODWORKER_STOP_GRACE=35s")
	wantEqual(t, "grace", *spec.TerminationGracePeriodSeconds, 45)
}

func TestAClaimOfOneNodeIsNeverWaitedForByTwoPods(t *testing.T) {
	o := render(t, "minimal.yaml", "letters: {claim: dead}")
	wantEqual(t, "strategy", o.Deployment.Spec.Strategy.Type, apps.RecreateDeploymentStrategyType)
	o = render(t, "minimal.yaml", "{letters: {claim: dead, accessMode: ReadWriteMany}, deployment: {replicas: 2}}")
	wantEqual(t, "strategy of a shared one", o.Deployment.Spec.Strategy.Type, "")
}

func TestANewConfigurationMakesNewPods(t *testing.T) {
	sum := func(values string) string {
		return render(t, "minimal.yaml", values).Deployment.Spec.Template.Annotations["checksum/config"]
	}
	if sum("") == sum("config: {worker: {concurrency: 3}}") || sum("") != sum("podLabels: {a: b}") {
		t.Error("the checksum is not the configuration's")
	}
}

// A chart that refuses what it does not know can only be used by others if it knows what Helm gives a chart inside another.
func TestItCanBePartOfAnotherChart(t *testing.T) {
	parent := t.TempDir()
	write(t, filepath.Join(parent, "Chart.yaml"), `{apiVersion: v2, name: parent, version: 1.0.0,
		dependencies: [{name: vodworker, version: 0.0.0, condition: vodworker.enabled}]}`, 0o600)
	write(t, filepath.Join(parent, "values.yaml"), "global: {region: x}\nvodworker: {enabled: true, "+
		"config: {handlers: [{name: print, stdout: {}}]}}\n", 0o600)
	if err := os.Mkdir(filepath.Join(parent, "charts"), 0o755); err != nil {
		t.Fatal(err)
	}
	output(t, "cp", "-RL", chart, filepath.Join(parent, "charts", "vodworker"))
	text, err := template(parent, "--set", "vodworker.prometheusRule.enabled=true")
	if err != nil {
		t.Fatal(err)
	}
	o := decode(t, text)
	wantEqual(t, "kinds", strings.Join(o.kinds, " "), "ServiceAccount ConfigMap Deployment PrometheusRule")
	if text, err := template(parent, "--set", "vodworker.enabled=false"); err != nil || strings.TrimSpace(text) != "" {
		t.Errorf("switched off: %v\n%s", err, text)
	}
}

// The schema and the values name the same things.
func TestTheSchemaKnowsEachValue(t *testing.T) {
	var values map[string]any
	if err := yaml.Unmarshal([]byte(read(t, chart+"/values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	values["global"], values["enabled"] = nil, nil
	var schema node
	if err := json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	compare(t, "", values, schema)
}

type node struct {
	Properties           map[string]node
	AdditionalProperties any
}

func compare(t *testing.T, at string, values map[string]any, schema node) {
	for name, child := range schema.Properties {
		value, ok := values[name]
		if !ok {
			t.Errorf("the schema has %s%s, the values have not", at, name)
		}
		if inner, _ := value.(map[string]any); child.Properties != nil {
			wantEqual(t, at+name+": others are allowed", child.AdditionalProperties, any(false))
			compare(t, at+name+".", inner, child)
		}
	}
	for name := range values {
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("the values have %s%s, the schema has not", at, name)
		}
	}
}
