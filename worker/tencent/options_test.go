package tencent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/tencent"
)

func TestWhatCannotWorkIsRefusedAtOnce(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	key := &tencent.Credentials{SecretID: "id", SecretKey: "key"}
	tests := map[string]tencent.Options{
		"is not an http or https URL":         {Credentials: key, Endpoint: "vod.tencentcloudapi.com"},
		"is not an http or https URL such as": {Credentials: key, Endpoint: "ftp://vod.tencentcloudapi.com"},
		"more than a scheme and a host":       {Credentials: key, Endpoint: "https://user:secret@host/path"},
		"the CA file can't be used: open":     {Credentials: key, CAFile: "/does/not/exist"},
		"holds no PEM certificate":            {Credentials: key, CAFile: empty},
		"it is no regular file":               {Credentials: key, CAFile: "/dev/zero"},
		"need both":                           {Credentials: &tencent.Credentials{SecretID: "id"}},
	}
	for want, opts := range tests {
		_, err := tencent.New(opts)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") {
			t.Errorf("New: %v, want %q", err, want)
		}
	}
}

func TestCredentialsComeFromTheEnvironment(t *testing.T) {
	tests := []struct{ id, key, err string }{
		{"AKID", "k", ""},
		{"", "", "TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are set, but empty"},
		{"", "k", "TENCENTCLOUD_SECRET_ID is not"},
		{"AKID", "", "TENCENTCLOUD_SECRET_KEY is not"},
	}
	for _, test := range tests {
		t.Setenv(tencent.EnvSecretID, test.id)
		t.Setenv(tencent.EnvSecretKey, test.key)
		_, err := tencent.New(tencent.Options{})
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
