package config

import (
	"strings"
	"testing"
	"time"
)

func TestAnInboxIsWhereItsURLSays(t *testing.T) {
	for _, text := range []string{
		"sqlite:///var/lib/vodworker/inbox.db", "sqlite:///a%20b.db", "SQLite:///inbox", "postgres://u:p@h/d", "postgresql://h:5432/d",
		"postgres://u:p%40%2F@[::1]:5432/d?sslmode=verify-full&application_name=vodworker", "postgres:///d?host=/run/postgresql",
		"postgres://u@h1:1,h2:2/d?target_session_attrs=read-write",
	} {
		config, err := parse(t, "inbox: {url: '"+text+"'}"+printAll, nil)
		if err != nil || !config.Inbox.On() || len(config.Warnings) > 0 {
			t.Errorf("%s: %v, %+v", text, err, config)
		}
	}
	config, err := parse(t, `inbox: {url_file: "${FILE}"}`+printAll, map[string]string{"FILE": secretFile(t, "postgres://u:hunter2@h/d\n")})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "of a file", config.Inbox.URL, "postgres://u:hunter2@h/d")
	if shown := YAML(config.Settings()); strings.Contains(shown, "hunter2") || strings.Contains(shown, "url: postgres") {
		t.Errorf("it is shown:\n%s", shown)
	}
}

// The chart, and whoever has one configuration for several places, gives the URL by a variable that may be empty.
func TestWithoutAURLThereIsNoInbox(t *testing.T) {
	for _, text := range []string{"", "inbox: {url: ''}", `inbox: {url: "${INBOX:-}"}`, "inbox: {window: 2h, keep: 1h}"} {
		config, err := parse(t, text+printAll, nil)
		if err != nil || config.Inbox.On() {
			t.Errorf("%q: %v, %+v", text, err, config)
		}
	}
}

func TestWithAnInboxHandlersMayTakeAsLongAsItsWindowLasts(t *testing.T) {
	text := "inbox: {url: 'sqlite:///i.db', window: 6h}\nhandlers: [{name: a, timeout: 5h, retry: {initial: 1m, max: 1h}, stdout: {}}, {name: b, stdout: {}}]"
	config, err := parse(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "the timeout of a", config.withDefaults().Handlers[0].Timeout, Duration(5*time.Hour))
	wantEqual(t, "the timeout of b", config.withDefaults().Handlers[1].Timeout, Duration(5*time.Hour))
	if _, err := parse(t, "inbox: {window: 6h}\nhandlers: [{name: a, timeout: 5h, stdout: {}}]", nil); err == nil {
		t.Error("without an inbox it is taken too")
	}
}

func TestAnInboxTakesTheLettersToo(t *testing.T) {
	text := "worker: {unmatched: dead_letter}\ninbox: {url: 'sqlite:///i.db'}\ndead_letters: {attempts: 3, after: 24h}"
	if config, err := parse(t, text+printAll, nil); err != nil || config.DeadLetters.On() {
		t.Errorf("%v, %+v", err, config)
	}
}

// A path is no secret, and who looks for the database needs it. In whatever else stands there may be a password.
func TestOnlyThePathOfAnInboxIsShown(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:///var/lib/inbox.db":          "sqlite:///var/lib/inbox.db",
		"sqlite:///${DIR}/inbox.db":           "sqlite:///${DIR}/inbox.db",
		"postgres://u:hunter2@h:5432/d":       "postgres://…@h:5432/…",
		"postgres://h/d?password=hunter2":     "postgres://h/…",
		"postgres://u:${SECRET}@h/d":          "postgres://…@h/…",
		"postgres://u:hunter2@h/d?user=a@b.c": "postgres://…@b.c",
	} {
		config, err := parse(t, `inbox: {url: "`+url+`"}`+printAll, map[string]string{"DIR": "hunter2", "SECRET": "hunter2"})
		if err != nil {
			t.Fatal(err)
		}
		for _, setting := range config.Settings() {
			if setting.Key == "inbox.url" {
				wantEqual(t, url, setting.Value, any(want))
			}
		}
	}
}

func TestAnInboxThatMayLoseOrShowSomethingIsAWarning(t *testing.T) {
	for text, want := range map[string]string{
		"{url: 'sqlite:///i.db', keep: 599s}": `1:38: inbox.keep is "599s": an event that VOD hands out again after it was forgotten is ` +
			"handled again; write 24h",
		"{url: 'postgres://u:hunter2@h/d?sslmode=disable'}": `1:14: inbox.url is "postgres://…@h/…": the password goes to h unencrypted, ` +
			"and whoever is between can read it; write sslmode=require",
	} {
		config, err := parse(t, "inbox: "+text+printAll, nil)
		if err != nil || len(config.Warnings) != 1 || config.Warnings[0].String() != "c.yaml:"+want {
			t.Errorf("%s: %v, %+v, want %s", text, err, config, want)
		}
	}
	for _, text := range []string{
		"{url: 'sqlite:///i.db', keep: 10m}", "{keep: 1s}", "{url: 'postgres://u@h/d?sslmode=disable'}",
		"{url: 'postgres://u:p@127.0.0.1/d?sslmode=disable'}",
	} {
		if config, err := parse(t, "inbox: "+text+printAll, nil); err != nil || len(config.Warnings) > 0 {
			t.Errorf("%s: %v, %+v", text, err, config)
		}
	}
}
