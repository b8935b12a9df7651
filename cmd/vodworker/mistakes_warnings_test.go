package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
)

// What is hardly meant so is said by whoever reads the configuration, and stops nobody. Cron mails what a drain says, so a drain
// says it lower.
func TestWarningsOfTheConfigurationAreSaid(t *testing.T) {
	t.Parallel()
	file := write(t, "config.yaml", `vod: {endpoint: "http://127.0.0.1:1", credentials: {secret_id: a, secret_key: b}}
worker: {stop_grace: 10m}
handlers: [{name: p, events: ["Foo*"], stdout: {}}]
callback: {listen: "127.0.0.1:0"}
`)
	grace := file + `:2:22: worker.stop_grace is \"10m\": Kubernetes kills a pod after 30s`
	glob := file + `:3:31: handlers[0].events[0] is \"Foo*\": no event type that this program knows matches`
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for command, form := range map[string]string{
		"check --json": `{"check":"configuration","result":"warn","found":"%s`,
		"run":          `{"level":"warn",.*"message":"%s`,
		"receive":      `{"level":"warn",.*"message":"%s`,
		"drain":        `{"level":"info",.*"message":"%s`,
	} {
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields(command), "--config", file)
		run(over, args, &lockedWriter{w: &stdout}, &lockedWriter{w: &stderr})
		for _, want := range []string{grace, glob} {
			level, rest, _ := strings.Cut(fmt.Sprintf(form, want), ".*")
			said := stdout.String() + stderr.String()
			if !strings.Contains(said, level) || !strings.Contains(said, rest) {
				t.Errorf("%s does not say %s at %s:\n%s", command, rest, level, said)
			}
		}
	}
}

func TestAConfigurationThatIsNoFileIsAUsageError(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for file, want := range map[string]string{
		folder:           folder + " is a folder; name the configuration file in it",
		folder + "/none": "there is no configuration file " + folder + "/none",
		"/dev/zero":      "/dev/zero:1:1: the file has more than 1 MiB; a configuration is smaller, name the right file",
	} {
		for _, command := range []string{"check", "run"} {
			if got := mistakeSaidBy(t, command, file); !strings.HasPrefix(got, want) {
				t.Errorf("%s of %s says %s\nwant %s", command, file, got, want)
			}
		}
	}
}
