package sink_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/sink"
)

// Whether options are valid is seen without the places that they name: none of these is there.
func TestOptionsAreValidatedWithoutTheirPlaces(t *testing.T) {
	t.Chdir(t.TempDir())
	type options interface{ Validate() error }
	for want, all := range map[string][]options{
		"<nil>": {
			sink.StdoutOptions{}, sink.StdoutOptions{Format: sink.StdoutJSON},
			sink.FileOptions{Path: "nowhere/events.jsonl"},
			sink.ExecOptions{Command: []string{"no-such-program"}},
			sink.WebhookOptions{URL: "http://nowhere.invalid"},
			sink.WebhookOptions{URL: "http://nowhere.invalid", Secret: signing, SecretFile: "nowhere"},
		},
		`stdout: format is "yaml", want "text" or "json"`: {sink.StdoutOptions{Format: "yaml"}},
		"file: no path":                           {sink.FileOptions{}},
		"exec: no command":                        {sink.ExecOptions{}, sink.ExecOptions{Command: []string{"", "x"}}},
		"exec: the command has a NUL in it":       {sink.ExecOptions{Command: []string{"a", "\x00"}}},
		"webhook: no URL":                         {sink.WebhookOptions{}},
		"webhook: max idle is -1, want 0 or more": {sink.WebhookOptions{URL: "http://nowhere.invalid", MaxIdle: -1}},
		"webhook: the secret is not base64, with or without whsec_ in front": {
			sink.WebhookOptions{URL: "http://nowhere.invalid", Secret: "hunter2!"},
		},
		"webhook: there is a file for the secret, but nobody has read it": {
			sink.WebhookOptions{URL: "http://nowhere.invalid", SecretFile: "nowhere"},
		},
	} {
		for _, o := range all {
			if err := o.Validate(); fmt.Sprint(err) != want {
				t.Errorf("%+v: got %v, want %s", o, err, want)
			}
		}
	}
}

func TestWebhookDoesNotGoWithoutASecretThatItShouldHave(t *testing.T) {
	if _, err := sink.NewWebhook(sink.WebhookOptions{URL: "http://example.com", SecretFile: "nowhere"}); err == nil {
		t.Error("what it posts would not be signed")
	}
}

// What a check makes as one user, a worker may not be able to write to as another.
func TestReachOfAFileMakesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"there", "half"} {
		if err := os.WriteFile(name, []byte("{half a line"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	before := tree(t)
	for path, want := range map[string]string{
		"there":       "there can be written to",
		"new":         "new is not there yet, and can be made",
		"folder/new":  "folder/new is not there yet, and can be made",
		"nowhere/new": "nowhere/new can't be made: stat nowhere: no such file or directory",
		"folder":      "folder is no regular file",
		"there/new":   "stat there/new: not a directory",
		"":            "file: no path",
	} {
		found, err := sink.FileOptions{Path: path}.Reach(context.Background())
		if err != nil {
			found = err.Error()
		}
		if found != want {
			t.Errorf("%s: found %q, want %q", path, found, want)
		}
	}
	if after := tree(t); after != before {
		t.Errorf("there was %s, and now %s", before, after)
	}
	if text, err := os.ReadFile("there"); err != nil || string(text) != "{half a line" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

// tree lists all that is below the working directory.
func tree(t *testing.T) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}
