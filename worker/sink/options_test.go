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
		"format: there is no such format; write text or json":             {sink.StdoutOptions{Format: "yaml"}},
		"path: it is missing; name a file":                                {sink.FileOptions{}},
		"command: it is missing; name a program, such as [./on-event.sh]": {sink.ExecOptions{}, sink.ExecOptions{Command: []string{"", "x"}}},
		"command: there is a NUL in it; take it out":                      {sink.ExecOptions{Command: []string{"a", "\x00"}}},
		"url: it is missing; write the URL to post to":                    {sink.WebhookOptions{}},
		"webhook: max idle is -1, want 0 or more":                         {sink.WebhookOptions{URL: "http://nowhere.invalid", MaxIdle: -1}},
		"secret: it is not base64, with or without whsec_ in front; copy the receiver's secret": {
			sink.WebhookOptions{URL: "http://nowhere.invalid", Secret: "hunter2!"},
		},
		"secret_file: nobody has read the file; put what is in it into Secret": {
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
		"nowhere/new": "its folder does not exist; make the folder, or name another",
		"folder":      "folder is no regular file; name a file",
		"there/new":   "a part of its path is no folder; name another",
		"":            "path: it is missing; name a file",
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
