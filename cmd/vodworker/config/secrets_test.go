package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretFile returns the path of a file with that text.
func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEachSecretCanBeInAFile(t *testing.T) {
	env := map[string]string{
		"ID":    secretFile(t, "AKIDfile\n"),
		"KEY":   secretFile(t, "key-of-the-file\r\n"),
		"TOKEN": secretFile(t, "token"),
		"HOOK":  secretFile(t, "whsec_c2VjcmV0\n\n"),
	}
	config, err := parse(t, `
vod: {credentials: {secret_id_file: "${ID}", secret_key_file: "${KEY}", token_file: "${TOKEN}"}}
handlers:
  - {name: a, webhook: {url: "https://example.com", secret: aW5saW5l}}
  - {name: b, webhook: {url: "https://example.com", secret_file: "${HOOK}"}}
  - {name: c, kafka: {brokers: "localhost:1", topic: t, mechanism: PLAIN, username: u, password_file: "${KEY}"}}
  - {name: d, nats: {servers: "nats://localhost:1", stream: s, subject: t, token_file: "${TOKEN}"}}
dead_letters: {webhook: {url: "https://example.com", secret_file: "${HOOK}"}}
`, env)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "secret_id", config.VOD.Credentials.SecretID, "AKIDfile")
	wantEqual(t, "secret_key", config.VOD.Credentials.SecretKey, "key-of-the-file")
	wantEqual(t, "token", config.VOD.Credentials.Token, "token")
	wantEqual(t, "secret", config.Handlers[0].Webhook.Secret, "aW5saW5l")
	wantEqual(t, "secret_file", config.Handlers[1].Webhook.Secret, "whsec_c2VjcmV0")
	wantEqual(t, "password_file", config.Handlers[2].Kafka.Password, "key-of-the-file")
	wantEqual(t, "token_file", config.Handlers[3].NATS.Token, "token")
	wantEqual(t, "dead letters' secret_file", config.DeadLetters.Webhook.Secret, "whsec_c2VjcmV0")
}

func TestASecretFileThatCannotBeUsedIsNamedAndNotShown(t *testing.T) {
	env := map[string]string{
		"EMPTY": secretFile(t, "\n"), "LARGE": secretFile(t, strings.Repeat("hunter2", 10000)),
		"FULL": secretFile(t, "hunter2"), "NONE": filepath.Join(t.TempDir(), "none"), "DIR": t.TempDir(),
	}
	const credentials, hook = "vod: {credentials: {secret_id: AKID, %}}" + printAll, "handlers: [{name: a, webhook: {url: u, %}}]"
	const broker = "handlers: [{name: a, redis: {url: 'redis://localhost', stream: s, username: u, %}}]"
	tests := []struct{ text, key, err string }{
		{credentials, `secret_key_file: "${NONE}"`, `vod.credentials.secret_key_file is "${NONE}": there is no such file;`},
		{credentials, `secret_key_file: "${DIR}"`, `vod.credentials.secret_key_file is "${DIR}": this is a folder;`},
		{credentials, `secret_key_file: "${EMPTY}"`, "is empty"},
		{credentials, `secret_key_file: "${LARGE}"`, "too large to hold a secret"},
		{credentials, `secret_key: hunter2, secret_key_file: "${FULL}"`, "vod.credentials.secret_key is given too;"},
		{credentials, `secret_id_file: "${FULL}"`, "vod.credentials.secret_id is given too;"},
		{hook, `secret: hunter2, secret_file: "${FULL}"`, "handlers[0].webhook.secret is given too;"},
		{hook, `secret_file: "${EMPTY}"`, `handlers[0].webhook.secret_file is "${EMPTY}": the file is empty;`},
		{broker, `password: hunter2, password_file: "${FULL}"`, "handlers[0].redis.password is given too;"},
		{broker, `password_file: "${NONE}"`, `handlers[0].redis.password_file is "${NONE}": there is no such file;`},
		{broker, `password_file: "${EMPTY}"`, `handlers[0].redis.password_file is "${EMPTY}": the file is empty;`},
		{broker, "password: ''", `handlers[0].redis.password: it is empty; give it, or take the key out`},
		{"dead_letters: {webhook: {url: u, %}}" + printAll, `secret_file: "${EMPTY}"`, `dead_letters.webhook.secret_file is "${EMPTY}": the file is empty;`},
	}
	for _, test := range tests {
		_, err := parse(t, strings.Replace(test.text, "%", test.key, 1), env)
		if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", test.key, err, test.err)
		}
	}
}
