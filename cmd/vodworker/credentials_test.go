package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// write makes a file with that text, and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a file holds is found out about only when the API refuses it, so that is when it is read again.
func TestFilesOfCredentialsAreReadAgain(t *testing.T) {
	key := write(t, "secret", "old")
	config, err := loadConfig(write(t, "config.yaml", fmt.Sprintf(`
vod: {credentials: {secret_id: AKID, secret_key_file: %q}}
handlers: [{name: print, stdout: {}}]
`, key)))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "secret_key before", config.VOD.Credentials.SecretKey, "old")
	if err := os.WriteFile(key, []byte("new\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := readCredentials(config.VOD.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "secret_key", found.SecretKey, "new")
	wantEqual(t, "place", found.KeyFrom, "vod.credentials.secret_key_file "+key)
	wantEqual(t, "place of the id", found.IDFrom, "vod.credentials.secret_id")
}
