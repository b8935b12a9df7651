package main

import (
	"strings"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

func TestWhereTheInboxIsShowsNoSecret(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:///var/lib/vodworker/inbox.db":                               "sqlite:///var/lib/vodworker/inbox.db, kept 24h, window 1h",
		"postgres://hunter2:hunter2@db.example:5432/vod?password=hunter2":    "postgres://db.example:5432/vod, kept 24h, window 1h",
		"postgresql:///vod?host=/run/postgresql&user=hunter2&sslkey=hunter2": "postgresql:///vod, kept 24h, window 1h",
	} {
		made := config.Default()
		made.Inbox.URL = url
		if got := inboxText(made); got != want || strings.Contains(inboxPlace(made), "hunter2") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := inboxText(config.Default()); got != "" {
		t.Errorf("there is none, and it is %q", got)
	}
}
