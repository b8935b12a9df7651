package emulate

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// started starts an emulator with flags, which ends with the test.
func started(t *testing.T, args ...string) *Running {
	t.Helper()
	r, err := parsed(t, append([]string{"--listen", "127.0.0.1:0"}, args...)...).Start(zerolog.Nop(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestARecordIsALineForEachEventInAFileOfOnesOwn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "record.jsonl")
	r := started(t, "--record", name)
	for _, content := range []string{"{\n\"EventType\": \"Odd\", \"Big\": 12345678901234567890}", `{"A":"<&>"}`} {
		if err := r.emulator.Send(7, []byte(content)); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for i, want := range []string{
		`"SubAppId":0,"Event":{"EventType":"NewFileUpload",`, `"SubAppId":0,"Event":{"EventType":"ProcedureStateChanged",`,
		`"SubAppId":7,"Event":{"EventType":"Odd","Big":12345678901234567890}}` + "\n", `"SubAppId":7,"Event":{"A":"<&>"}}` + "\n", "",
	} {
		if i >= len(lines) || !strings.Contains(lines[i], want) || want != "" && !strings.HasPrefix(lines[i], `{"Time":"2`) {
			t.Errorf("line %d lacks %s: %s", i+1, want, text)
		}
	}
	about, err := os.Stat(name)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", about.Mode(), err)
	}
}

func TestARecordReplacesNothing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "record.jsonl")
	if err := os.WriteFile(name, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := parsed(t, "--listen", "127.0.0.1:0", "--record", name).Start(zerolog.Nop(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "there is such a file: name a new one, or move that one away") {
		t.Errorf("error is %v", err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "precious" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

func TestAnEmulatorThatDoesNotStartLeavesNoRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "record.jsonl")
	if _, err := parsed(t, "--listen", "nowhere", "--record", name).Start(zerolog.Nop(), io.Discard); err == nil {
		t.Error("it has started")
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the file is there, or not known to be gone: %v", err)
	}
}

func TestARecordThatCanNotBeWrittenIsSaidOnceAndTheEmulatorGoesOn(t *testing.T) {
	var log bytes.Buffer
	o := Options{record: filepath.Join(t.TempDir(), "record.jsonl")}
	r, err := o.newRecorder(zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if r.file, err = os.Open(o.record); err != nil { // it can only be read
		t.Fatal(err)
	}
	r.lines = linesTo(r.file)
	e := vodtest.New(o.config)
	for range 3 {
		e.Upload(0, "x.mp4")
	}
	if n := strings.Count(log.String(), "start it again with a new file for --record"); n != 1 || len(e.Queued(0)) != 3 {
		t.Errorf("%d events are queued, and the log is %s", len(e.Queued(0)), log.String())
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
}
