package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// documents are the pages, by their path from the root, with how many lines they may have. A page that is not here has to be added,
// so that what is in it is tested.
var documents = map[string]int{
	"README.md":                 476, // with the tables of places and of How fast
	"CONTRIBUTING.md":           300,
	"CHANGELOG.md":              10_000,
	"cmd/vodworker/TUTORIAL.md": 300,

	"cmd/vodworker/OPERATE.md":     300,
	"cmd/vodworker/PERFORMANCE.md": 205, // with the tables of brokers and the inbox
	"cmd/vodworker/REFERENCE.md":   446,
	"events/README.md":             300,
	"events/condition/README.md":   300,
	"worker/README.md":             300,
	"worker/callback/README.md":    300,
	"worker/inbox/README.md":       310, // with a console and a program
	"worker/sink/README.md":        300,
	"worker/sink/RECEIVERS.md":     300,
	"worker/vodtest/README.md":     300,
	"worker/vodtest/FIDELITY.md":   290,
	"worker/vodtest/TESTS.md":      250,

	"worker/sink/kafka/README.md":    150,
	"worker/sink/nats/README.md":     150,
	"worker/sink/redis/README.md":    150,
	"worker/sink/rabbitmq/README.md": 150,

	"cmd/vodworker/deploy/RUNBOOK.md":  250,
	"cmd/vodworker/deploy/README.md":   150,
	"cmd/vodworker/deploy/EMULATOR.md": 100,
}

func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThePagesAreKnownAndShort(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "testdata"}, entry.Name()):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		most, known := documents[filepath.ToSlash(name)]
		if !known {
			t.Errorf("%s: say in this test how long it may be", name)
		}
		text, err := os.ReadFile(path)
		if n := bytes.Count(text, []byte("\n")); n > most {
			t.Errorf("%s has %d lines, want at most %d", name, n, most)
		}
		found++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "pages", found, len(documents))
}

// A block is what stands between two fences, without the indentation of a list.
type block struct {
	line     int // of its first line
	language string
	text     string
}

// blocks returns the blocks of a page, and the page without them.
func blocks(text string) (found []block, rest string) {
	var prose strings.Builder
	var in *block
	var indentation string
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimLeft(line, " ")
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && in == nil:
			in, indentation = &block{line: n + 1, language: language}, line[:len(line)-len(trimmed)]
		case fence:
			found, in = append(found, *in), nil
		case in != nil:
			in.text += strings.TrimPrefix(line, indentation)
			continue
		default:
			prose.WriteString(line)
			continue
		}
		prose.WriteString("\n") // so that lines keep their numbers, more or less
	}
	return found, prose.String()
}

func blocksOf(text, language string) (found []block) {
	all, _ := blocks(text)
	for _, b := range all {
		if b.language == language {
			found = append(found, b)
		}
	}
	return found
}

// programName is how a block begins that is a program in a file of its own.
var programName = regexp.MustCompile(`^(?:#|//|<\?php //) (\w+\.\w+)\n`)

// programsOf returns the programs of a page, by the name of the file.
func programsOf(text string) map[string]string {
	programs := map[string]string{}
	all, _ := blocks(text)
	for _, b := range all {
		if name := programName.FindStringSubmatch(b.text); name != nil {
			programs[name[1]] = b.text
		}
	}
	return programs
}

// tested are the languages of blocks that other tests run, parse or compare.
var tested = []string{"console", "yaml", "go", "json", "crontab", "text", "python", "js", "php", "java",
	"yml"} // values of the chart, which .ci/deploy renders, and services of a CI, which it starts

// notRun are the first lines of all other blocks. Each is there since no test can run it: it needs the network or a real account,
// runs all tests, is for another program, or is a drawing.
var notRun = []string{
	"make run      # the main job, on an embedded emulator: no account needed",
	"GONOSUMDB='github.com/tencentcloud/*' go install github.com/vodworker/vodworker/cmd/vodworker@latest",
	"jq -r 'select(.message | startswith(\"event lost\")).event // empty' log | vodworker send -",
	"proxy_read_timeout 10s;",
	"kafka-topics.sh --bootstrap-server kafka-1.example.com:9093 --command-config admin.properties --create --topic vod --partitions 12 --replication-factor 3 --config min.insync.replicas=2",
	"rabbitmqadmin declare exchange name=vod type=topic durable=true",
	"appendonly yes",
	"redis-cli ACL SETUSER vodworker on '>PASSWORD' '~vod:*' +xadd +ping +type",
	"docker load -i dist/vodworker-image-linux-amd64.tar     # vodworker:VERSION; then docker tag, docker push",
	"docker load -i dist/vodworker-emulator-image-linux-amd64.tar # vodworker-emulator:VERSION; then docker tag, docker push",
	"FROM vodworker:1.2.3",
	"nats stream add VOD --subjects 'vod.>' --storage file --replicas 3 --retention limits --discard new --dupe-window 20m --defaults",
	"create role vodworker login password 'PASSWORD';",
	"grant select, insert, update, delete on all tables in schema vodworker to worker;",
	"type VideoArgs struct {", // it needs River
	"kubectl create secret generic vod-key --from-literal=secret_id=AKID… --from-literal=secret_key=…",
	"install -m 755 dist/vodworker-linux-amd64 /usr/local/bin/vodworker",
	"[Service]",
	"mkdir trust && echo 'import os; where = lambda: os.environ[\"REQUESTS_CA_BUNDLE\"]' > trust/certifi.py",
	"VOD queue ─PullEvents──▶ tencent ─▶ pull ─▶ router ─▶ handler A, handler B …   (side by side)",
}

func TestWhatNoTestRunsIsListed(t *testing.T) {
	var seen []string
	for path := range documents {
		if path == "CONTRIBUTING.md" || path == "CHANGELOG.md" {
			continue
		}
		all, prose := blocks(document(t, path))
		for _, b := range all {
			if slices.Contains(tested, b.language) {
				continue
			}
			first, _, _ := strings.Cut(b.text, "\n")
			if seen = append(seen, first); !slices.Contains(notRun, first) {
				t.Errorf("%s:%d: a block of %q that no test knows: %s", path, b.line, b.language, first)
			}
		}
		for line := range strings.Lines(prose) {
			if strings.HasPrefix(line, "    ") {
				t.Errorf("%s: a block without fences, which no test sees: %s", path, line)
			}
		}
	}
	for _, first := range notRun {
		if !slices.Contains(seen, first) {
			t.Errorf("no page has the block %q any more", first)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	for path := range documents {
		_, prose := blocks(document(t, path))
		prose = inCode.ReplaceAllString(prose, "code")
		for _, found := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, anchored := strings.Cut(found[1], "#")
			target := path
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
			}
			if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
				t.Errorf("%s: %s: there is no %s", path, found[1], target)
				continue
			}
			if anchored && !slices.Contains(anchors(document(t, target)), anchor) {
				t.Errorf("%s: %s: %s has no such heading", path, found[1], target)
			}
		}
	}
}

// anchors returns those of a page's headings, as GitHub makes them.
func anchors(text string) (found []string) {
	_, prose := blocks(text)
	for _, h := range heading.FindAllStringSubmatch(prose, -1) {
		found = append(found, strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, h[1]))
	}
	return found
}

func TestTheReaderOfPagesCanFail(t *testing.T) {
	found, prose := blocks("a\n- b\n\n  ```sh\n  c\n    d\n  ```\n\n## E, `f`-1!\n```\ng\n```\n")
	wantEqual(t, "blocks", len(found), 2)
	wantEqual(t, "block", found[0], block{5, "sh", "c\n  d\n"})
	wantEqual(t, "block", found[1], block{11, "", "g\n"})
	wantEqual(t, "prose", prose, "a\n- b\n\n\n\n\n## E, `f`-1!\n\n\n")
	if got := anchors(prose); !slices.Equal(got, []string{"e-f-1"}) {
		t.Errorf("anchors: %q", got)
	}
}
