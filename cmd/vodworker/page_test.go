package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestNoSecretIsOnTheStatusPage(t *testing.T) {
	t.Parallel()
	emulator := vodtest.NewServer(t, vodtest.Config{})
	emulator.Upload(0, "one.mp4")
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnprocessableEntity) }))
	defer hook.Close()
	dir := t.TempDir()
	header := filepath.Join(dir, "header")
	if err := os.WriteFile(header, []byte("hunter2-in-a-file"), 0o600); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(hook.URL, "http://")
	config, err := config.Parse("config.yaml", fmt.Appendf(nil, `
vod: {endpoint: %s, credentials: {secret_id: %s, secret_key: %s}}
callback: {sign_keys: [hunter2a, hunter2b]}
admin: {token: hunter2hunter2hunter2}
dead_letters: {dir: %s, attempts: 0}
handlers:
  - {name: one, webhook: {url: "http://hunter2:hunter2@%s/x?hunter2=hunter2", secret: aHVudGVyMmh1bnRlcjI=, headers: {X-Key: hunter2}, headers_file: {X-File: %q}}}
  - {name: two, webhook: {url: "http://hunter2@127.0.0.1:1/x"}}
  - {name: three, exec: {command: [sh, -c, "exit 1", hunter2]}}
`, emulator.URL, vodtest.DefaultSecretID, vodtest.DefaultSecretKey, filepath.Join(dir, "dead"), host, header), os.LookupEnv, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{stdout: t.Output(), stderr: t.Output()}
	assembled, err := a.assemble(t.Context(), config, zerolog.Nop(), observers{}.remembering(config))
	if err != nil {
		t.Fatal(err)
	}
	defer assembled.Close()
	if _, err := assembled.applications[0].Drain(t.Context(), worker.DrainOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := assembled.applications[0].watched.Settings(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := assembled.page(t.Context(), config, zerolog.Nop(), assembled.applications...)
	var all string
	ask := func(path string) string {
		answer := httptest.NewRecorder()
		shown.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		all += answer.Body.String()
		return answer.Body.String()
	}
	var state page.State
	if err := json.Unmarshal([]byte(ask("/api/state")), &state); err != nil || len(state.Events) != 1 || len(state.Handlers) != 3 {
		t.Fatalf("%v: %+v", err, state)
	}
	ask("/api/event?n=1")
	ask("/api/explain?id=" + state.Events[0].File)
	ask("/api/letters")
	ask("/")
	for _, h := range state.Handlers {
		if h.LastErr == "" {
			t.Errorf("%s has not failed", h.Name)
		}
	}
	for _, secret := range []string{"hunter2", "aHVudGVyMmh1bnRlcjI=", vodtest.DefaultSecretKey + `"`, vodtest.DefaultSecretID} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("%q is on the page: …%s…", secret, all[max(0, i-100):min(len(all), i+100)])
		}
	}
}
