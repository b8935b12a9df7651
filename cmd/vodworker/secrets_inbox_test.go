package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// The URL of an inbox is given in each way, no server answers, and then all that a person can read is read.
func TestNoPasswordOfAnInboxIsEverShown(t *testing.T) {
	for _, way := range ways {
		s := newSecretive(t, way)
		at := url.URL{Scheme: "postgres", User: url.UserPassword("user", s.new("inbox.url", false)), Host: "127.0.0.1:1", Path: "/inbox"}
		file := write(t, "config.yaml", fmt.Sprintf(`
vod: {endpoint: 'http://127.0.0.1:1', credentials: {secret_id: a, secret_key: b}}
handlers: [{name: p, stdout: {}}]
inbox: {%s}
callback: {listen: '127.0.0.1:0'}
admin: {listen: ''}
log: {level: debug}
`, s.give("inbox.url", at.String())))
		for _, variable := range s.env {
			name, value, _ := strings.Cut(variable, "=")
			t.Setenv(name, value)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for command, ctx := range map[string]context.Context{
			"check": t.Context(), "check --json": t.Context(), "config show": over, "config show --json": over, "run": over, "drain": over,
			"receive": over, "deadletters list": t.Context(), "inbox list": t.Context(), "inbox show 1": t.Context(),
		} {
			var said bytes.Buffer
			to := &lockedWriter{w: &said}
			run(ctx, append(strings.Fields(command), "--config", file), to, to)
			for _, secret := range s.secrets {
				for _, form := range forms(secret) {
					if strings.Contains(said.String(), form) {
						t.Errorf("%s, %s: it shows %s:\n%s", way, command, form, &said)
					}
				}
			}
			if strings.HasPrefix(command, "check") && !strings.Contains(said.String(), "not reached: connect to 127.0.0.1:1: ") {
				t.Errorf("%s, %s:\n%s", way, command, &said)
			}
		}
	}
}
