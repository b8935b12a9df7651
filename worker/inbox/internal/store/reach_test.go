package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// reach returns all that is said of a URL.
func reach(t *testing.T, at string) string {
	t.Helper()
	found, risks, err := Reach(t.Context(), at)
	said := found + fmt.Sprint(err, risks)
	if strings.Contains(said, "hunter2") {
		t.Errorf("it shows the password: %s", said)
	}
	if (err == nil) == (found == "") {
		t.Errorf("found %q, %v", found, err)
	}
	return said
}

func TestReachOfAFileMakesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "inbox.db")
	at := "sqlite://" + path
	if said := reach(t, at); !strings.Contains(said, path+" is not there yet, and can be made") {
		t.Error(said)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
	s, err := Open(t.Context(), at, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if said := reach(t, at); !strings.Contains(said, "SQLite, "+path) || !strings.Contains(said, "bytes") {
		t.Errorf("beside a worker: %s", said)
	}
}

func TestReachOfAFileSaysWhatIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir + "/none/inbox.db": "its folder does not exist; make the folder, or name another",
		dir:                    "it is no regular file; name another",
		text:                   "not a database",
		text + "/inbox.db":     "there is no folder " + text,
	} {
		if said := reach(t, "sqlite://"+path); !strings.Contains(said, want) {
			t.Errorf("%s: %s, want %s", path, said, want)
		}
	}
}

func TestReachOfAServerThatDoesNotAnswerIsUnreached(t *testing.T) {
	for _, at := range []string{
		"postgres://u:hunter2@127.0.0.1:1/d", "postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/d", "postgres:///d?host=/nowhere",
	} {
		_, _, err := Reach(t.Context(), at)
		const asks = "is it running, and may this machine connect to it?"
		if said := reach(t, at); !errors.Is(err, ErrUnreached) || !strings.Contains(said, asks) {
			t.Errorf("%s: %s", at, said)
		}
		if _, err := Open(t.Context(), at, Options{}); !errors.Is(err, ErrUnreached) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("open %s: %v", at, err)
		}
	}
	for _, at := range []string{
		"postgres://u:hunter2@h/d?connect_timeout=hunter2", "postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere",
	} {
		if said := reach(t, at); strings.Contains(said, ErrUnreached.Error()) || !strings.Contains(said, ";") {
			t.Errorf("%s: %s", at, said)
		}
	}
}

func TestReachSaysWhatAServerIsAndWhatItRefuses(t *testing.T) {
	server := postgrestest.Start(t)
	at := server.Database("inbox")
	for _, want := range []string{"database inbox of PostgreSQL ", "whose tables can be made"} {
		if said := reach(t, at); !strings.Contains(said, want) {
			t.Error(said)
		}
	}
	s, err := Open(t.Context(), at, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if said := reach(t, at); !strings.Contains(said, "whose tables are there<nil> []") {
		t.Error(said)
	}
	server.Exec("create role weak login")
	weak := func(database string) string {
		return strings.Replace(server.URL(database), "postgres@", "weak:hunter2@", 1)
	}
	for url, want := range map[string]string{
		weak("inbox"):    "permission denied for table vodworker_inbox; grant weak select, insert, update, delete on the tables",
		weak("postgres"): "weak may not make tables in it; grant create on schema public to weak",
		weak("none"):     `database "none" does not exist; make it, or name another`,
		strings.Replace(at, "postgres@", "nobody:hunter2@", 1):       "the server does not let nobody in: ",
		at + "&default_transaction_read_only=on":                     "the server takes no writes, as a replica does; name the primary",
		server.URL("postgres") + "&search_path=none":                 "its search_path names no schema that is there",
		at + "&frobnicate=on":                                        "unrecognized configuration parameter",
		strings.Replace(at, "sslmode=disable", "sslmode=require", 1): "look at sslmode, sslrootcert and the server's certificate",
	} {
		if said := reach(t, url); !strings.Contains(said, want) {
			t.Errorf("%s: %s, want %s", url, said, want)
		}
	}
}
