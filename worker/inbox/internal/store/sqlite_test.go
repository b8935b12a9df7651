package store

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSQLite(t *testing.T) {
	suite(t, func(t *testing.T) func(Options) Store {
		path := filepath.Join(t.TempDir(), "inbox.db")
		return func(o Options) Store { return openWith(t, path, o) }
	})
}

func openFile(t testing.TB, path string) Store {
	t.Helper()
	return openWith(t, path, Options{})
}

func openWith(t testing.TB, path string, o Options) Store {
	t.Helper()
	s, err := Open(context.Background(), "sqlite://"+path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOneWorkerHasTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox.db")
	s := openFile(t, path)
	_, err := Open(context.Background(), "sqlite://"+path, Options{})
	if err == nil || !strings.Contains(err.Error(), "in use by another worker") {
		t.Errorf("a second worker: %v", err)
	}
	look, err := Open(context.Background(), "sqlite://"+path, Options{Look: true})
	if err != nil {
		t.Fatalf("to look: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	for _, s := range []Store{look, s} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := openFile(t, path).Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoPlaceForADatabaseIsSaid(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"sqlite://inbox.db":         "three slashes",
		"sqlite://" + dir:           "no regular file",
		"sqlite://" + dir + "/no/x": "there is no folder",
		"sqlite://" + text:          "not a database",
	} {
		if _, err := Open(context.Background(), at, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", at, err, want)
		}
	}
	if _, err := Open(context.Background(), "sqlite://"+dir+"/none", Options{Look: true}); err == nil {
		t.Error("looked at a database that is not there")
	}
}

func TestATurnAfterOneThatFailedFindsNothingOfIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?%25#c.db")
	u := &user{t: t, me: "me", most: 16, open: func(o Options) Store {
		s, err := openSQLite(context.Background(), &url.URL{Scheme: "sqlite", Path: path}, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}}
	u.store = u.open(Options{})
	defer func() { _ = u.store.Close() }()
	bad := Turn{Me: "me", Events: []Event{event("a", "h")}, Ends: []End{{To: Running}}}
	if _, err := u.store.Turn(context.Background(), bad); err == nil {
		t.Fatal("a run ended as running")
	}
	u.stores(1, event("a", "h"))
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := u.store.Turn(ended, Turn{Me: "me", Events: []Event{event("b", "h")}}); err == nil {
		t.Fatal("a turn was made after its context")
	}
	u.claims("h", "a")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestWhatSQLiteRefusesIsSaidWithARemedy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), "sqlite://"+path, Options{})
	if err == nil || !strings.Contains(err.Error(), "file is not a database (26); name another file") {
		t.Errorf("%v", err)
	}
}

func TestSQLiteIsRecent(t *testing.T) {
	for v, want := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.52.0": true, "3.6.20": false, "": false} {
		if recent(v) != want {
			t.Errorf("%s: %t", v, !want)
		}
	}
}
