package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Where the settings are not told, run pulls all the same, and at once.
func TestTheFirstPullDoesNotWaitForTheMode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answered := make(chan string, 100)
	emulator := vodtest.NewServer(t, vodtest.Config{Hold: 100 * time.Millisecond, Observe: func(call vodtest.Call) {
		answered <- call.Action
		if call.Action == "PullEvents" {
			cancel()
		}
	}})
	emulator.Script(vodtest.Fault{Action: "DescribeEventConfig", Kind: vodtest.FaultHang})
	file := filepath.Join(t.TempDir(), "config.yaml")
	config := fmt.Sprintf("vod: {endpoint: %s, credentials: {secret_id: %s, secret_key: %s}}\nhandlers: [{name: print, stdout: {}}]",
		emulator.URL, vodtest.DefaultSecretID, vodtest.DefaultSecretKey)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	wantEqual(t, "exit code", run(ctx, []string{"run", "--config", file}, &bytes.Buffer{}, &lockedWriter{w: &log}), exitOK)
	wantEqual(t, "answered first", <-answered, "PullEvents")
	if want := `"applications":["default: mode not known"]`; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, &log)
	}
}
