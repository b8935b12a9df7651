package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestObserversHearOfEachApplicationAndOfCallbacks(t *testing.T) {
	t.Parallel()
	emulator := vodtest.NewServer(t, vodtest.Config{})
	emulator.Upload(1, "one.mp4")
	emulator.Upload(2, "two.mp4")
	config, err := config.Parse("config.yaml", fmt.Appendf(nil, `
vod:
  endpoint: %s
  sub_app_ids: [1, 2]
  credentials: {secret_id: %s, secret_key: %s}
handlers: [{name: print, stdout: {}}]
`, emulator.URL, vodtest.DefaultSecretID, vodtest.DefaultSecretKey), os.LookupEnv, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	pulled, received := map[uint64]int{}, 0
	a := &app{stdout: io.Discard, stderr: io.Discard}
	assembled, err := a.assemble(t.Context(), config, zerolog.Nop(), observers{
		worker: worker.Hooks{Pulled: func(info worker.PullInfo) {
			mu.Lock()
			defer mu.Unlock()
			pulled[info.SubAppID] += len(info.Events)
		}},
		callback: callback.Hooks{Received: func(callback.RequestInfo) { received++ }},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer assembled.Close()
	err = assembled.each(func(app application) error {
		_, err := app.Drain(t.Context(), worker.DrainOptions{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[uint64]int{1: 1, 2: 1}, pulled); diff != "" {
		t.Errorf("events pulled, by application, -want +got:\n%s", diff)
	}

	callback, err := callbackReceiver(config, assembled.outlets, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	taken := assembled.applications[0].watched.Received // whether the callback URL leads here
	for i, body := range []string{"no event", `{"EventType":"X"}`} {
		wantEqual(t, "a callback was taken", taken(), false)
		callback.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		wantEqual(t, "callbacks received", received, i+1)
	}
	wantEqual(t, "a callback was taken", taken(), true)
}
