package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// drainTwo drains the applications 1 and 2 of an emulator, each of which has 20 uploads, with the real configuration of
// handlers, and returns the exit code and the log.
func drainTwo(t *testing.T, emulator *vodtest.Server, handlers string) (code int, log string) {
	t.Helper()
	for range 20 {
		emulator.Upload(1, "one.mp4")
		emulator.Upload(2, "two.mp4")
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	config := fmt.Sprintf(`
vod:
  endpoint: %s
  window: 5s
  sub_app_ids: [1, 2]
  credentials: {secret_id: %s, secret_key: %s}
handlers: %s
`, emulator.URL, vodtest.DefaultSecretID, vodtest.DefaultSecretKey, handlers)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	code = run(t.Context(), []string{"drain", "--config", file}, &lockedWriter{w: &bytes.Buffer{}}, &lockedWriter{w: &stderr})
	return code, stderr.String()
}

func TestAnApplicationThatIsRefusedEndsAlone(t *testing.T) {
	t.Parallel()
	emulator := vodtest.NewServer(t, vodtest.Config{})
	emulator.ScriptFunc(func(call vodtest.Call) *vodtest.Fault {
		if call.SubAppID != 1 {
			return nil
		}
		return &vodtest.Fault{Kind: vodtest.FaultError, Code: "UnauthorizedOperation"}
	})
	code, log := drainTwo(t, emulator, "[{name: print, stdout: {}}]")
	if code != exitNoPerm {
		t.Errorf("exit code %d, want %d", code, exitNoPerm)
	}
	if n := emulator.Stats(2).Confirmed; n != 20 {
		t.Errorf("%d of 20 events of the other application were confirmed", n)
	}
	for _, want := range []string{
		`"sub_app_id":1,"error":"pull events: UnauthorizedOperation`, `"pulled":20,`, `"codes":{"1":77,"2":0}`,
		"application 1: pull events: ",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %s:\n%s", want, log)
		}
	}
}

func TestTheLastApplicationThatEndsSaysNothingOfOthers(t *testing.T) {
	t.Parallel()
	emulator := vodtest.NewServer(t, vodtest.Config{})
	emulator.ScriptFunc(func(vodtest.Call) *vodtest.Fault {
		return &vodtest.Fault{Kind: vodtest.FaultError, Code: "UnauthorizedOperation"}
	})
	_, log := drainTwo(t, emulator, "[{name: print, stdout: {}}]")
	for _, want := range []string{`"this application has ended; others go on"`, `"this application has ended"`} {
		if n := strings.Count(log, want); n != 1 {
			t.Errorf("the log says %s %d times:\n%s", want, n, log)
		}
	}
}

func TestAnApplicationWhoseHandlerFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(hook.Close)
	emulator := vodtest.NewServer(t, vodtest.Config{Window: 5 * time.Second})
	code, log := drainTwo(t, emulator, fmt.Sprintf(`
  - {name: broken, sub_app_ids: [1], retry: {tries: 1}, webhook: {url: %s}}
  - {name: print, sub_app_ids: [2], stdout: {}}`, hook.URL))
	if code != exitFailed {
		t.Errorf("exit code %d, want %d:\n%s", code, exitFailed, log)
	}
	if one, two := emulator.Stats(1).Confirmed, emulator.Stats(2).Confirmed; one != 0 || two != 20 {
		t.Errorf("%d and %d events were confirmed, want 0 and 20", one, two)
	}
}

func TestTheFirstOfSeveralExitCodesCounts(t *testing.T) {
	codes := []int{exitUsage, exitNoPerm, exitUnavailable, exitUnexpected, exitFailed, exitLimited, exitDeadLettered, exitOK}
	for i := range len(codes) - 1 {
		if rank(exitError{codes[i]}) >= rank(exitError{codes[i+1]}) {
			t.Errorf("exit code %d does not come before %d", codes[i], codes[i+1])
		}
	}
	if rank(nil) != len(codes)-1 {
		t.Error("no error does not come last")
	}
}
