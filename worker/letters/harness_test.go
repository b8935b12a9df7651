package letters_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

const uploadJSON = `{"EventHandle":"h1","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784273533167"}}`

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// event returns the event that a worker makes of content.
func event(content string) events.Event { return events.Split([]byte("[" + content + "]"))[0] }

func letterOf(content string, missing ...string) worker.DeadLetter {
	e := event(content)
	e.SubAppID = 1500000001
	return worker.DeadLetter{
		Event: e, Reason: worker.ReasonAttempts, Missing: missing,
		LastError: "answered 500", Attempts: 5, First: noon, Last: noon.Add(time.Minute),
	}
}

func newStore(t *testing.T) (store *letters.Dir, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "dead")
	return openStore(t, dir), dir
}

func openStore(t testing.TB, dir string) *letters.Dir {
	t.Helper()
	store, err := letters.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func write(t testing.TB, store *letters.Dir, letter worker.DeadLetter) {
	t.Helper()
	if err := store.Write(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, store *letters.Dir) []letters.Entry {
	t.Helper()
	entries, err := store.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func names(entries []letters.Entry) (all []string) {
	for _, entry := range entries {
		all = append(all, entry.Name)
	}
	return all
}

func outcome(handler string, kind worker.Kind, err string) worker.Outcome {
	o := worker.Outcome{Handler: handler, Kind: kind}
	if err != "" {
		o.Err = errors.New(err)
	}
	return o
}

// files returns the names of all files in dir, hidden ones too.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// count is a change of a Record that must not be lost.
func count(store *letters.Dir) error {
	return store.Record(context.Background(), func(kept []byte) []byte { return append(kept, '+') })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
