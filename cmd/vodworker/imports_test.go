package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Imports go one way: cmd to all; what stands beside the engine to the engine; the engine to the vocabulary.
func TestImportsGoOneWay(t *testing.T) {
	const module = "github.com/vodworker/vodworker/"
	allowed := map[string][]string{
		"events":         nil,
		"worker":         {"events"},
		"worker/tencent": {"events", "worker"},
		"worker/sink":    {"events", "worker"},
		"worker/vodtest": nil,
		"worker/sim":     nil,

		"worker/vodtest/leak": nil,
		"worker/vodtest/pipe": nil,
		"cmd/vodworker":       {"events", "worker", "worker/tencent", "worker/sink", "worker/vodtest"},
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		may, known := allowed[name]
		if !known {
			t.Errorf("%s: say in this test what it may import", name)
		}
		for _, imported := range fields[1:] {
			ours, is := strings.CutPrefix(imported, module)
			if is && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
			if name == "worker" && !is && !isFine(imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
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
	for _, needed := range []string{"github.com/cloudevents/", "github.com/google/go-cmp/", "github.com/rogpeppe/go-internal/"} {
		if strings.Contains("\n"+string(out), "\n"+needed) {
			t.Errorf("the binary links %s…", needed)
		}
	}
}
