package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newFile(t *testing.T) (*user, *sqliteStore) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inbox.db")
	u := &user{t: t, me: "me", most: 16, open: func(o Options) Store { return openWith(t, path, o) }}
	u.store = u.open(Options{})
	t.Cleanup(func() { _ = u.store.Close() })
	return u, u.store.(*sqliteStore)
}

// other returns a connection of another program to the file.
func other(t *testing.T, s *sqliteStore) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func run(t testing.TB, on interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statement string) {
	t.Helper()
	if _, err := on.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestATurnThatAsksNothingDoesNotWrite(t *testing.T) {
	u, s := newFile(t)
	u.stores(1, event("a", "h"))
	run(t, other(t, s), `begin immediate`) // who has to write would wait, and fail
	u.turn(Turn{})
	u.turn(Turn{Beat: true, GiveBack: true})
	look, err := Open(t.Context(), "sqlite://"+s.path, Options{Look: true})
	if err != nil {
		t.Fatalf("who looks waits for a writer: %v", err)
	}
	look.Close()
}

func TestAFullDiskFailsTheTurnAndTheNextIsRight(t *testing.T) {
	u, s := newFile(t)
	u.stores(1, event("a", "h"))
	j := u.claims("h", "a")[0]
	run(t, s.line.conn, `pragma max_page_count = 1`) // as many as there are
	big := event("big", "h")
	big.Body = make([]byte, 1<<20)
	_, err := s.Turn(t.Context(), Turn{
		Me: "me", Ends: []End{{Job: j.Number, Run: j.Run, To: Finished}}, Events: []Event{event("b", "h"), big},
	})
	if err == nil || !strings.Contains(err.Error(), "make room") || !strings.Contains(err.Error(), s.path) {
		t.Fatalf("%v", err)
	}
	u.stores(1, event("c", "h")) // another connection, without that limit
	u.turn(Turn{Forgotten: true})
	u.claims("h", "a", "c")
}

func TestACommitThatFailsFailsTheTurnAndTheNextIsRight(t *testing.T) {
	u, s := newFile(t)
	u.stores(1, event("a", "h"))
	run(t, s.line.conn, `create table parent (id integer primary key)`)
	run(t, s.line.conn, `create table child (id references parent deferrable initially deferred)`)
	run(t, s.line.conn, `create trigger fails after insert on vodworker_event begin insert into child values (1); end`)
	_, err := s.Turn(t.Context(), Turn{Me: "me", Events: []Event{event("b", "h")}})
	if err == nil || !strings.Contains(err.Error(), "another program") {
		t.Fatalf("%v", err)
	}
	run(t, s.db, `drop trigger fails`)
	u.claims("h", "a")
	u.stores(1, event("b", "h"))
}

func TestCleaningAndLettersDoNotFailForTurns(t *testing.T) {
	u, s := newFile(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	over := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if _, err := s.Clean(ctx, time.Hour); err != nil && ctx.Err() == nil {
				over <- err
				return
			}
			if err := s.Purge(ctx, "none"); !errors.Is(err, ErrNone) && ctx.Err() == nil {
				over <- err
				return
			}
		}
		over <- nil
	}()
	for range 200 {
		u.turn(Turn{Claims: []Claim{{Handler: "h", Most: 1}}})
	}
	end()
	if err := <-over; err != nil {
		t.Error(err)
	}
	s.writes <- struct{}{} // somebody writes
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.Purge(late, "none"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waited: %v", err)
	}
	s.leave()
}

func TestSortingNeedsNoFolderForFiles(t *testing.T) {
	u, s := newFile(t)
	u.stores(1, event("a", "h"))
	for _, on := range []querier{s.db, s.line.conn} {
		if in, err := number(t.Context(), on, `pragma temp_store`); err != nil || in != 2 {
			t.Errorf("%d, %v, want 2: memory", in, err)
		}
	}
}

func TestErrorsOfAFileSayWhatToDo(t *testing.T) {
	for what, test := range map[string]struct {
		spoil func(*testing.T, *sqliteStore)
		want  string
	}{
		"no database": {func(t *testing.T, s *sqliteStore) {
			if err := os.WriteFile(s.path, []byte(strings.Repeat("text", 2000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "name another file"},
		"corrupt": {func(t *testing.T, s *sqliteStore) {
			file, err := os.OpenFile(s.path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.WriteAt([]byte(strings.Repeat("text", 1000)), 200); err != nil {
				t.Fatal(err)
			}
		}, "keep a copy"},
		"newer": {func(t *testing.T, s *sqliteStore) {
			run(t, other(t, s), `update vodworker_inbox set version = version + 1`)
		}, "or a newer one"},
		"changed": {func(t *testing.T, s *sqliteStore) {
			run(t, other(t, s), `alter table vodworker_process rename to process`)
		}, "whether another program has changed its tables"},
	} {
		t.Run(what, func(t *testing.T) {
			u, s := newFile(t)
			if err := u.store.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, s)
			again, err := Open(t.Context(), "sqlite://"+s.path, Options{})
			if err == nil {
				again.Close()
				u.store = openFile(t, filepath.Join(t.TempDir(), "x"))
				t.Fatal("it was opened")
			}
			u.store = openFile(t, filepath.Join(t.TempDir(), "x"))
			if !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), s.path) > 1 {
				t.Errorf("%v", err)
			}
		})
	}
}
