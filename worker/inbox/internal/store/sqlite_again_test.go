package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// What a process that was killed left in the log is in the database before anything is built on it. That it stays if syncs have
// failed cmd/vodworker shows, where calls of the system fail.
func TestWhatIsInTheLogIsInTheDatabaseOnceThatIsOpened(t *testing.T) {
	old, path := filepath.Join(t.TempDir(), "old.db"), filepath.Join(t.TempDir(), "inbox.db")
	u := &user{t: t, me: "me", most: 16, store: openFile(t, old)}
	defer func() { _ = u.store.Close() }()
	u.stores(1, event("a", "h"))
	copyFile(t, path, old)
	copyFile(t, path+"-wal", old+"-wal")
	s := openFile(t, path)
	defer func() { _ = s.Close() }()

	alone := filepath.Join(t.TempDir(), "alone.db")
	copyFile(t, alone, path)
	db, err := sql.Open("sqlite", dsn(alone))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var id string
	if err := db.QueryRowContext(context.Background(), `select id from vodworker_event`).Scan(&id); err != nil || id != "a" {
		t.Errorf("without the log: %q, %v", id, err)
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
