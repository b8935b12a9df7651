package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// The program of the emulator's page does what the page shows.
func TestTheProgramOfTheEmulatorsPageRuns(t *testing.T) {
	t.Parallel()
	page := document(t, "worker/vodtest/README.md")
	programs, shown := blocksOf(page, "go"), blocksOf(page, "text")
	wantEqual(t, "programs", len(programs), 1)
	wantEqual(t, "outputs", len(shown), 1)

	server := vodtest.NewServer(t, vodtest.Config{TaskTime: -1})
	text := strings.ReplaceAll(programs[0].text, "127.0.0.1:9266", strings.TrimPrefix(server.URL, "http://"))
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "run", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantEqual(t, "output", string(out), shown[0].text)
}
