package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/vodworker/vodworker/"

// mayImport says what of ours each package may import: cmd everything that is public; what stands beside the engine the
// engine, and never each other; the engine the vocabulary. What is internal serves them, and imports none of them but for tests.
var mayImport = map[string][]string{
	"events":           nil,
	"events/condition": {"events"},
	"worker":           {"events", "events/condition", internal + "blame", internal + "memory", internal + "pause", internal + "quota", internal + "say"},

	"worker/callback":              {"events", "worker", internal + "certificate", internal + "pause", internal + "say"},
	"worker/inbox":                 {"events", "worker", "worker/letters", internal + "disk", internal + "pause", internal + "say", store},
	"worker/inbox/internal/faults": nil,
	store:                          {internal + "disk"},
	"worker/letters":               {"events", "worker", internal + "disk", internal + "say"},
	"worker/sink":                  {"events", "events/condition", "worker", internal + "certificate", internal + "disk", internal + "say"},
	"worker/sink/*":                {"events", "worker", "worker/sink", internal + "broker", internal + "disk", internal + "pause", internal + "say"},
	"worker/tencent":               {"events", "worker", internal + "certificate", internal + "disk", internal + "say"},

	"worker/vodtest": {emulator + "api", emulator + "clock", emulator + "forward", emulator + "library", emulator + "param",
		emulator + "post", emulator + "serve", emulator + "sign", emulator + "storage", emulator + "vendors", emulator + "weburl"},
	"worker/vodtest/console": {"worker/vodtest", "worker/vodtest/fidelity", emulator + "clock", emulator + "serve",
		emulator + "weburl"},
	"worker/vodtest/fidelity": nil,
	"worker/vodtest/front":    {emulator + "vendors", emulator + "weburl"},
	"worker/vodtest/leak":     nil,
	"worker/sim":              nil,

	emulator + "api":     nil,
	emulator + "clock":   nil,
	emulator + "forward": {emulator + "api", emulator + "serve", emulator + "vendors", emulator + "weburl"},
	emulator + "library": {emulator + "api", emulator + "vendors", emulator + "weburl"},
	emulator + "param":   {emulator + "api"},
	emulator + "post":    nil,
	emulator + "serve":   {emulator + "api", emulator + "param"},
	emulator + "sign":    {emulator + "api"},
	emulator + "storage": {emulator + "vendors", emulator + "weburl"},
	emulator + "vendors": {emulator + "weburl"},
	emulator + "weburl":  nil,

	internal + "broker":      {"events", "worker", "worker/sink", internal + "say"},
	internal + "disk":        {internal + "pause"},
	internal + "certificate": {internal + "disk"},
	internal + "blame":       nil,
	internal + "memory":      nil,
	internal + "pause":       nil,
	internal + "pipe":        nil,
	internal + "quota":       {internal + "pause"},
	internal + "say":         {"events"},

	internal + "emulated":   {"events", "worker", "worker/vodtest"},
	internal + "sourcetest": {"events", "worker", "worker/vodtest"},
	internal + "sinktest":   {"events", "worker", "worker/sink"},
	internal + "brokertest": {"events", "worker", "worker/sink", internal + "broker", internal + "say"},

	internal + "postgrestest": nil,

	"cmd/vodworker/admin":                     {"worker", "worker/callback", "worker/inbox", "worker/letters"},
	"cmd/vodworker/admin/metrics":             {"events", "worker", "worker/callback", "worker/inbox", "worker/tencent"},
	"cmd/vodworker/admin/metrics/metricstest": {"events", "worker", "worker/tencent", "worker/vodtest"},
	"cmd/vodworker/admin/page":                {"events", "worker", "worker/callback", "worker/inbox", "worker/letters"},
	"cmd/vodworker/bench":                     nil,
	"cmd/vodworker/config": {"events", "events/condition", "worker", "worker/sink", "worker/sink/*", "cmd/vodworker/content",
		"cmd/vodworker/nearest"},
	"cmd/vodworker/content": {"events", "events/condition", "cmd/vodworker/nearest"},
	"cmd/vodworker/deploy":  nil,
	"cmd/vodworker/emulate": {"worker/vodtest", "worker/vodtest/console", "worker/vodtest/front", "cmd/vodworker/logs",
		"cmd/vodworker/usage"},
	"cmd/vodworker/initial":  {"cmd/vodworker/show", "cmd/vodworker/watch"},
	"cmd/vodworker/input":    {"events"},
	"cmd/vodworker/logs":     {"cmd/vodworker/config", "worker/vodtest"},
	"cmd/vodworker/memlimit": {"worker"},
	"cmd/vodworker/nearest":  nil,
	"cmd/vodworker/proxy":    nil,
	"cmd/vodworker/reap":     nil,
	"cmd/vodworker/show":     nil,
	"cmd/vodworker/stream":   nil,
	"cmd/vodworker/usage":    {"cmd/vodworker/config", "cmd/vodworker/nearest"},
	"cmd/vodworker/watch":    {"events", "worker", "worker/tencent"},
	"cmd/vodworker": {
		"events", "worker", "worker/callback", "worker/inbox", "worker/letters", "worker/sink", "worker/sink/*", "worker/tencent", "worker/vodtest",
		"worker/vodtest/console", "worker/vodtest/fidelity",
		"cmd/vodworker/admin", "cmd/vodworker/admin/metrics", "cmd/vodworker/admin/page", "cmd/vodworker/config",
		"cmd/vodworker/emulate",
		"cmd/vodworker/initial", "cmd/vodworker/input", "cmd/vodworker/logs", "cmd/vodworker/memlimit",
		"cmd/vodworker/nearest", "cmd/vodworker/proxy", "cmd/vodworker/reap", "cmd/vodworker/show", "cmd/vodworker/stream",
		"cmd/vodworker/usage", "cmd/vodworker/watch",
	},
}

const (
	internal = "worker/internal/"
	emulator = "worker/vodtest/internal/"
	store    = "worker/inbox/internal/store"
)

func TestImportsGoOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		may, known := mayImport[rowOf(name)]
		if !known {
			t.Errorf("%s: say in this test what it may import", name)
		}
		for _, imported := range fields[1:] {
			ours, is := strings.CutPrefix(imported, module)
			if is && !slices.Contains(may, rowOf(ours)) {
				t.Errorf("%s imports %s", name, ours)
			}
			if name == "worker" && !is && !isFine(imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

// rowOf returns by which name a package stands in mayImport: all sinks that are packages are alike.
func rowOf(name string) string {
	if strings.HasPrefix(name, "worker/sink/") {
		return "worker/sink/*"
	}
	return name
}

// isFine names what the engine, which others embed, may depend on.
func isFine(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || first == "golang.org" ||
		imported == "github.com/cenkalti/backoff/v4" || imported == "github.com/rs/zerolog"
}

// What tests compare us with stays out of the binary.
func TestTheBinaryLinksNothingThatOnlyTestsNeed(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{
		"github.com/cloudevents/", "github.com/google/go-cmp/", "github.com/rogpeppe/go-internal/", "github.com/google/jsonschema-go/",
		"github.com/twmb/franz-go/pkg/kfake",
		module + internal + "emulated", module + internal + "sourcetest", module + internal + "sinktest",
		module + internal + "brokertest", module + internal + "postgrestest",
		module + "cmd/vodworker/admin/metrics/metricstest", "testing\n",
	} {
		if strings.Contains("\n"+string(out), "\n"+needed) {
			t.Errorf("the binary links %s…", needed)
		}
	}
}

// A reader finds a thing where its name says, in a file that he need not scroll through.
func TestFilesAndPackagesStaySmall(t *testing.T) {
	const longest, longestCommand = 300, 200
	most := map[string]int{ // lines of a package, without its tests
		"worker": 3880, "cmd/vodworker": 5550, "cmd/vodworker/config": 4150, "cmd/vodworker/usage": 785, "cmd/vodworker/watch": 755,
	}
	lines := map[string]int{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && (entry.Name() == ".git" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || !slices.Contains([]string{".go", ".js", ".css", ".html", ".tmpl"}, filepath.Ext(name)) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n, folder := bytes.Count(text, []byte("\n")), filepath.ToSlash(filepath.Dir(name))
		isTest := strings.HasSuffix(name, "_test.go")
		if !isTest {
			lines[folder] += n
		}
		if n > longest || n > longestCommand && folder == "cmd/vodworker" && !isTest {
			t.Errorf("%s has %d lines", name, n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, limit := range most {
		if n := lines[folder]; n > limit || n == 0 {
			t.Errorf("%s has %d lines, want at most %d", folder, n, limit)
		}
	}
}

// Whoever embeds a worker takes its dependencies into his build: the SDK's three, and what reads JSON, waits and logs.
func TestAnEmbedderTakesFewModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "../../worker", "../../worker/tencent").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := slices.Compact(slices.Sorted(strings.FieldsSeq(string(out))))
	if len(modules) > 13 {
		t.Errorf("%d modules: %q", len(modules), modules)
	}
}
