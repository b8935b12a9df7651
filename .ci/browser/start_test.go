package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// key is the emulator's, for the environment of its consumers, of which there are several at once.
var key = []string{"TENCENTCLOUD_SECRET_ID=AKIDemulator", "TENCENTCLOUD_SECRET_KEY=emulator", "VODWORKER_ADMIN_LISTEN=127.0.0.1:0"}

// start runs vodworker until stop is called or the test ends. lines gets what it logs.
func start(t *testing.T, lines chan<- map[string]any, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command(program, append(args, "--log-format", "json")...)
	cmd.Env = append(os.Environ(), key...)
	cmd.Stdout = io.Discard
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for scanner := bufio.NewScanner(logs); scanner.Scan(); {
			var line map[string]any
			_ = json.Unmarshal(scanner.Bytes(), &line)
			select {
			case lines <- line:
			default: // nobody waits for it
			}
		}
	})
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		reading.Wait()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// An emulator is a vodworker emulate that runs.
type emulator struct {
	url   string
	key   map[string]any // its line about a temporary key
	lines chan map[string]any
	stop  func()
}

func emulate(t *testing.T, args ...string) emulator {
	t.Helper()
	lines := make(chan map[string]any, 1000)
	e := emulator{lines: lines, stop: start(t, lines, append([]string{"emulate", "--listen", "127.0.0.1:0", "--events", "0", "--temporary-key", "1h"}, args...)...)}
	deadline := time.After(patience)
	for e.url == "" || e.key == nil {
		select {
		case line := <-lines:
			if url, ok := line["endpoint"].(string); ok {
				e.url = url
			}
			if _, ok := line["token"]; ok {
				e.key = line
			}
		case <-deadline:
			t.Fatalf("the emulator does not start: %+v", e)
		}
	}
	return e
}

// post calls the emulator's control API, as a program does.
func (e emulator) post(t *testing.T, action, body string) {
	t.Helper()
	response, err := http.Post(e.url+"/emulator/"+action, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		t.Fatalf("%s %s is answered %s %s", action, body, response.Status, text)
	}
}

// A state is what the emulator says of its default application, as far as tests ask.
type state struct {
	Settings                     struct{ Mode, NotificationUrl string }
	Faults, Failures, LastFileId string
	Stats                        struct{ Sent, Delivered, Redelivered, Confirmed int }
}

func (e emulator) state(t *testing.T) (s state) {
	t.Helper()
	response, err := http.Get(e.url + "/emulator/state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// pull takes what waits, as a worker does that confirms nothing.
func (e emulator) pull(t *testing.T) {
	t.Helper()
	cmd := exec.Command(program, "pull", "--endpoint", e.url)
	cmd.Env = append(os.Environ(), key...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// config writes a configuration for a worker on the emulator.
func (e emulator) config(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "config.yaml")
	text := fmt.Sprintf("vod: {endpoint: %q}\nhandlers: [{name: print, stdout: {}}]\n", e.url)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
