package bench

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// brokers is a contest of the brokers with a webhook.
func brokers(name, title string, atCeiling bool) contest {
	c := contest{name: name, title: title, share: 1, atCeiling: atCeiling}
	handling := handler
	if atCeiling {
		handling = withDefaults
	}
	hook := subject{name: "vodworker, webhook", command: handling(`webhook: {url: "HOOK"}`)}
	c.subjects = append(c.subjects, hook)
	for i, of := range kinds {
		c.subjects = append(c.subjects, subject{name: "vodworker, " + of.name, command: func(tb testing.TB, on stage) *exec.Cmd {
			tb.Helper()
			return handling(startBroker(tb, of).handler)(tb, on)
		}})
		c.versus = append(c.versus, versus{ours: i + 1})
	}
	return c
}

// withDefaults is vodworker with one handler and no other setting.
func withDefaults(what string) func(testing.TB, stage) *exec.Cmd {
	return func(tb testing.TB, on stage) *exec.Cmd {
		tb.Helper()
		return program(tb, on, fmt.Sprintf("vod: {endpoint: %q}\nhandlers:\n- name: bench\n  %s\n", on.api, strings.ReplaceAll(what, "HOOK", on.hook)))
	}
}
