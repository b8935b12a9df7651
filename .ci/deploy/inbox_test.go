package deploy

import (
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
)

// A second process would find the file locked: it would fail for as long as the first runs, and an update would never end.
func TestASQLiteInboxIsNeverOpenedByTwoPods(t *testing.T) {
	o := render(t, "minimal.yaml", "inbox: {claim: box}")
	wantEqual(t, "url", o.config(t, "inbox.url"), "sqlite:///var/lib/vodworker/inbox.db")
	wantEqual(t, "strategy", o.Deployment.Spec.Strategy.Type, apps.RecreateDeploymentStrategyType)
	wantEqual(t, "replicas", *o.Deployment.Spec.Replicas, 1)
	spec := o.Deployment.Spec.Template.Spec
	volume, mount := spec.Volumes[1], spec.Containers[0].VolumeMounts[1]
	wantEqual(t, "claim", volume.PersistentVolumeClaim.ClaimName, "box")
	wantEqual(t, "mounted", mount.Name+" "+mount.MountPath, volume.Name+" /var/lib/vodworker")
	wantEqual(t, "letters beside it", o.config(t, "dead_letters"), "")

	o = render(t, "minimal.yaml", "{inbox: {claim: box}, deployment: {enabled: false}, drain: {enabled: true}}")
	wantEqual(t, "drains side by side", string(o.CronJob.Spec.ConcurrencyPolicy), "Forbid")
	wantEqual(t, "claim of drains", o.CronJob.Spec.JobTemplate.Spec.Template.Spec.Volumes[1].PersistentVolumeClaim.ClaimName, "box")
}

func TestTheKeysOfAnInboxStayBesideItsURL(t *testing.T) {
	o := render(t, "minimal.yaml", "{inbox: {claim: box}, config: {inbox: {window: 3h}, dead_letters: {attempts: 9}}}")
	wantEqual(t, "window", o.config(t, "inbox.window"), "3h")
	wantEqual(t, "url", o.config(t, "inbox.url"), "sqlite:///var/lib/vodworker/inbox.db")
	wantEqual(t, "attempts", o.config(t, "dead_letters.attempts"), "9")
	o = render(t, "minimal.yaml", `{inbox: {claim: box}, config: {inbox: {url: "sqlite:///var/lib/vodworker/a/b.db"}}}`)
	wantEqual(t, "a file of another name", o.config(t, "inbox.url"), "sqlite:///var/lib/vodworker/a/b.db")
}

// What a Secret holds is not seen from here: such an inbox is taken for one of Postgres.
func TestAnInboxInPostgresIsForAnyNumberOfPods(t *testing.T) {
	for _, inbox := range []string{
		"url_file: /run/secrets/inbox/url", `url: "postgres://vodworker@db/vod"`, `url: "postgres://vodworker:${PASSWORD}@db/vod"`,
	} {
		o := render(t, "minimal.yaml",
			"{secrets: [inbox], deployment: {replicas: 3}, drain: {enabled: true}, config: {inbox: {"+inbox+"}}}")
		wantEqual(t, inbox+": strategy", o.Deployment.Spec.Strategy.Type, "")
		wantEqual(t, inbox+": budget", o.PodDisruptionBudget != nil, true)
		wantEqual(t, inbox+": volumes", len(o.Deployment.Spec.Template.Spec.Volumes), 2)
	}
}

// A ConfigMap of others may name any inbox. The claim says that it is SQLite's.
func TestTheClaimOfAnInboxCountsWhateverTheConfigMapSays(t *testing.T) {
	o := render(t, "minimal.yaml", "{existingConfigMap: mine, inbox: {claim: box}}")
	wantEqual(t, "strategy", o.Deployment.Spec.Strategy.Type, apps.RecreateDeploymentStrategyType)
	o = render(t, "minimal.yaml", `{existingConfigMap: mine, deployment: {replicas: 2}, config: {inbox: {url: "sqlite:///unused"}}}`)
	wantEqual(t, "config that is not used", *o.Deployment.Spec.Replicas, 2)
}

func TestAnInboxThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	const lettersThere, oneProcess = "dead letters lie in the inbox", "a SQLite inbox is for one process"
	for values, want := range map[string]string{
		"{inbox: {claim: x}, deployment: {replicas: 2}}":                              oneProcess + ": set deployment.replicas to 1",
		"{inbox: {claim: x}, deployment: {replicas: 2}, existingConfigMap: mine}":     oneProcess + ": set deployment.replicas to 1",
		"{inbox: {claim: x}, drain: {enabled: true}}":                                 oneProcess + ": enable the worker or the drain",
		"{inbox: {claim: x}, deployment: {strategy: {type: RollingUpdate}}}":          oneProcess + ", and a rolling update has two",
		"{inbox: {claim: x}, letters: {claim: x}}":                                    lettersThere,
		"{inbox: {claim: x}, letters: {claim: x}, existingConfigMap: mine}":           lettersThere,
		"{inbox: {claim: x}, config: {dead_letters: {dir: /var/lib/vodworker/dead}}}": lettersThere,
		"config: {inbox: {url_file: /x}, dead_letters: {webhook: {url: x}}}":          lettersThere,
		"{letters: {claim: x}, config: {inbox: {url_file: /x}}}":                      lettersThere,
		"{inbox: {claim: x}, config: {inbox: {url_file: /x}}}":                        "set one of them",
		"{inbox: {claim: x}, config: {inbox: {url: \"postgres://u@h/d\"}}}":           "leave config.inbox.url out",
		"{inbox: {claim: x}, config: {inbox: {url: \"sqlite:///data/x.db\"}}}":        "begin it with sqlite:///var/lib/vodworker/",
		"config: {inbox: {url: \"sqlite:///var/lib/vodworker/inbox.db\"}}":            "name a PersistentVolumeClaim as inbox.claim",
		"config: {inbox: {url: \"postgres://u:secret@h/d\"}}":                         "name its file as config.inbox.url_file",
		"inbox: {accessMode: ReadWriteMany}":                                          "accessMode",
		"inbox: null":                                                                 "missing property 'inbox'",
	} {
		if err := wantRefused(t, values, want); err != nil && strings.Contains(err.Error(), "u:secret") {
			t.Errorf("%s: the refusal shows the password: %v", values, err)
		}
	}
	// Other volumes than the chart's may hold the file: the same goes for them.
	mounted := `{extraVolumes: [{name: x, persistentVolumeClaim: {claimName: x}}], extraVolumeMounts: [{name: x, mountPath: /data}],
		config: {inbox: {url: "sqlite:///data/inbox.db"}}}`
	wantEqual(t, "strategy", render(t, "minimal.yaml", mounted).Deployment.Spec.Strategy.Type, apps.RecreateDeploymentStrategyType)
}
