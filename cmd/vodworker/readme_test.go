package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced returns the blocks of one language.
func fenced(text, language string) (blocks []string) {
	for _, rest := range strings.Split(text, "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

func TestTheProgramInREADMECompiles(t *testing.T) {
	blocks := fenced(readme(t), "go")
	wantEqual(t, "programs", len(blocks), 1)
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(blocks[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTheConfigurationInREADMEIsValid(t *testing.T) {
	for _, block := range fenced(readme(t), "yaml") {
		env := map[string]string{"HOOK_SECRET": "c2VjcmV0", "SIGN_KEY": "abcDEF123"}
		lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
		if _, err := config.Parse("config.yaml", []byte(block), lookup, os.ReadFile); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
	}
}
