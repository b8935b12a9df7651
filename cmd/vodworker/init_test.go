package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Whoever has to wait for VOD gets a file after all: here the time is over as soon as VOD has been asked.
func TestAFileIsWrittenThoughVODHangs(t *testing.T) {
	t.Setenv("TENCENTCLOUD_SECRET_ID", vodtest.DefaultSecretID)
	t.Setenv("TENCENTCLOUD_SECRET_KEY", vodtest.DefaultSecretKey)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // until then nobody notices that the caller has gone
		cancel()
		<-r.Context().Done()
	}))
	defer hanging.Close()
	name := filepath.Join(t.TempDir(), "config.yaml")
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"init", name, "--endpoint", hanging.URL}, &stdout, &stderr)
	text, err := os.ReadFile(name)
	if code != exitOK || err != nil || !strings.Contains(string(text), "not answered") {
		t.Errorf("exit code %d, %v, %s\n%s", code, err, &stderr, text)
	}
	if _, err := loadConfig(name); err != nil {
		t.Error(err)
	}
}
