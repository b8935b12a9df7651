package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// eachBlock runs test on each block of one language, and fails if the pages have fewer than least.
func eachBlock(t *testing.T, language string, least int, test func(t *testing.T, b block)) {
	t.Helper()
	n := 0
	for path := range documents {
		for _, b := range blocksOf(document(t, path), language) {
			n++
			t.Run(path, func(t *testing.T) { test(t, b) })
		}
	}
	if n < least {
		t.Errorf("the pages have %d blocks of %s, want at least %d", n, language, least)
	}
}

// aroundLines makes a program of lines that are shown alone.
const aroundLines = `package main

import (
	"context"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

func main() { _ = consume(context.Background()) }

func store(_ context.Context, _, _ string) error { return nil }

func consume(ctx context.Context) error {
%s}
`

func TestTheProgramsOfThePagesCompile(t *testing.T) {
	t.Parallel()
	eachBlock(t, "go", 2, func(t *testing.T, b block) {
		file := filepath.Join(t.TempDir(), "main.go")
		text := b.text
		if !strings.Contains("\n"+text, "\npackage ") {
			text = fmt.Sprintf(aroundLines, text)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
			t.Errorf("line %d: %v\n%s", b.line, err, out)
		}
	})
}

func TestTheConfigurationsOfThePagesAreValid(t *testing.T) {
	env := map[string]string{"HOOK_SECRET": "c2VjcmV0", "SIGN_KEY": "abcDEF123", "CREDENTIALS_DIRECTORY": "/run/credentials"}
	lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
	readFile := func(string) ([]byte, error) { return []byte("AKIDsecret\n"), nil }
	eachBlock(t, "yaml", 5, func(t *testing.T, b block) {
		if _, err := config.Parse("config.yaml", []byte(b.text), lookup, readFile); err != nil {
			t.Errorf("line %d: %v\n%s", b.line, err, b.text)
		}
	})
}

func TestThePolicyAllowsWhatIsCalled(t *testing.T) {
	eachBlock(t, "json", 1, func(t *testing.T, b block) {
		var policy struct {
			Version   string
			Statement []struct {
				Effect           string
				Action, Resource []string
			}
		}
		if err := json.Unmarshal([]byte(b.text), &policy); err != nil {
			t.Fatalf("line %d: %v", b.line, err)
		}
		wantEqual(t, "statements", len(policy.Statement), 1)
		want := []string{"name/vod:PullEvents", "name/vod:ConfirmEvents", "name/vod:DescribeEventConfig"}
		if s := policy.Statement[0]; policy.Version != "2.0" || s.Effect != "allow" || !slices.Equal(s.Action, want) {
			t.Errorf("line %d: %+v, want it to allow %q", b.line, policy, want)
		}
	})
}

// Cron mails whatever a job prints. So the line for a crontab prints nothing while all goes well.
func TestTheLineForCronRunsInSilence(t *testing.T) {
	t.Parallel()
	eachBlock(t, "crontab", 1, func(t *testing.T, b block) {
		server := vodtest.NewServer(t, vodtest.Config{Hold: 50 * time.Millisecond})
		server.Upload(0, "lighthouse.mp4")
		dir := t.TempDir()
		text := "vod:\n  endpoint: " + server.URL + "\n  credentials: {secret_id: " + vodtest.DefaultSecretID +
			", secret_key: " + vodtest.DefaultSecretKey + "}\nhandlers: [{name: archive, file: {path: " + dir + "/events.jsonl}}]\n"
		if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(strings.ReplaceAll(b.text, "/etc/vodworker", dir))
		if len(words) < 7 || words[5] != "vodworker" {
			t.Fatalf("line %d: %q is not five fields and a command", b.line, words)
		}
		var stdout, stderr strings.Builder
		wantEqual(t, "exit code", run(t.Context(), words[6:], &stdout, &stderr), exitOK)
		wantEqual(t, "output", stdout.String()+stderr.String(), "")
		wantEqual(t, "events left", len(server.Queued(0)), 0)
	})
}

// The commands that the prose names exist, with their flags, and so do make's targets.
func TestTheProseNamesCommandsThatExist(t *testing.T) {
	known := commandTree(t)
	targets := regexp.MustCompile(`(?m)^([a-z]+):`).FindAllString(document(t, "Makefile"), -1)
	named := 0
	for path := range documents {
		_, prose := blocks(document(t, path))
		for _, code := range inCode.FindAllStringSubmatch(strings.ReplaceAll(prose, "\n", " "), -1) {
			if target, is := strings.CutPrefix(code[1], "make "); is && !slices.Contains(targets, strings.Fields(target)[0]+":") {
				t.Errorf("%s: there is no target for %s", path, code[0])
			}
			words, is := strings.CutPrefix(code[1], "vodworker ")
			if !is || path == "CHANGELOG.md" {
				continue
			}
			named++
			command := ""
			for word := range strings.FieldsSeq(words) {
				flag, isFlag := strings.CutPrefix(word, "--")
				_, deeper := known[strings.TrimSpace(command+" "+word)]
				switch {
				case isFlag && !slices.Contains(known[command], flag) && flag != "version" && flag != "help":
					t.Errorf("%s: %q: %q has no --%s", path, code[0], command, flag)
				case deeper:
					command = strings.TrimSpace(command + " " + word)
				case command == "" && !isFlag:
					t.Errorf("%s: %q: there is no command %s", path, code[0], word)
				}
			}
		}
	}
	if named < 20 {
		t.Errorf("the prose names %d commands: are they found?", named)
	}
}

// commandTree returns the commands by what is typed for them, such as "deadletters list", with the flags of their own.
func commandTree(t *testing.T) map[string][]string {
	t.Helper()
	complete := func(args ...string) (found []string) {
		var stdout strings.Builder
		run(t.Context(), append([]string{"__complete"}, args...), &stdout, &strings.Builder{})
		for line := range strings.Lines(stdout.String()) {
			if name, _, ok := strings.Cut(line, "\t"); ok {
				found = append(found, strings.TrimSpace(name))
			}
		}
		return found
	}
	tree := map[string][]string{}
	var visit func(path []string)
	visit = func(path []string) {
		for _, name := range complete(append(slices.Clone(path), "")...) {
			command := append(slices.Clone(path), name)
			if name == "help" || len(path) > 0 && path[0] == "completion" {
				continue
			}
			var flags []string
			for _, flag := range complete(append(slices.Clone(command), "--")...) {
				flag = strings.TrimPrefix(flag, "--")
				if !slices.Contains([]string{"help", "log-level", "log-format"}, flag) {
					flags = append(flags, flag)
				}
			}
			tree[strings.Join(command, " ")] = flags
			visit(command)
		}
	}
	visit(nil)
	if len(tree) < 20 {
		t.Fatalf("%d commands: %v", len(tree), tree)
	}
	return tree
}
