package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver sqlite
)

// A sqliteStore is an inbox in a file of one process: its lock is the proof that everybody else is dead.
type sqliteStore struct {
	tables               // by connections of their own: reading keeps no turn waiting
	path   string        // of the database
	lock   *os.File      // nil: Look
	line   *line         // the one of the turns; nil: to be opened anew
	opened Done          // what was given back at Open; the first Turn tells
	writes chan struct{} // of one place: who writes. SQLite has only one writer, and others would have to look again and again
}

func openSQLite(ctx context.Context, at *url.URL, o Options) (_ Store, err error) {
	s := &sqliteStore{writes: make(chan struct{}, 1)}
	if s.path, err = place(at); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if !o.Look {
		if s.lock, err = lockFile(s.path); err != nil {
			return nil, err
		}
	}
	if err := isThere(s.path, !o.Look); err != nil {
		return nil, err
	}
	if s.db, err = sql.Open("sqlite", dsn(s.path)); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(2)
	s.now = func(context.Context, querier) (int64, error) { return time.Now().UnixMilli() + s.ahead.Load(), nil }
	s.ahead.Store(o.ahead.Milliseconds())
	s.tables.within = s.within
	if err = s.migrate(ctx, o.Look); err == nil && !o.Look {
		err = s.giveAllBack(ctx)
	}
	if err != nil {
		return nil, explainedSQLite(err, s.path)
	}
	return s, nil
}

// dsn has each commit on the disk before it returns, and writers wait for each other from their beginning. Sorting needs no
// file: the folder for them may be missing, or not to be written to.
func dsn(path string) string {
	q := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "temp_store(memory)",
	}}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// migrate makes the tables, if they are not there. Who looks writes nothing, and waits for no turn.
func (s *sqliteStore) migrate(ctx context.Context, look bool) error {
	var library string
	if err := s.db.QueryRowContext(ctx, `select sqlite_version()`).Scan(&library); err != nil {
		return err
	}
	if !recent(library) {
		return fmt.Errorf("SQLite %s can corrupt a database that two have open; build with 3.51.3 or later", library)
	}
	there, err := number(ctx, s.db, `select count(*) from sqlite_master where type = 'table' and name = 'vodworker_inbox'`)
	switch {
	case err != nil:
		return err
	case there == 0 && look:
		return errors.New("there is no inbox in it; name the database of the worker's inbox")
	case there == 0:
		return s.makeTables(ctx)
	}
	found, err := number(ctx, s.db, `select version from vodworker_inbox`)
	if err == nil && found > version {
		err = errNewer(found)
	}
	return err
}

func (s *sqliteStore) makeTables(ctx context.Context) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, statement := range statements("integer primary key autoincrement", "blob") {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `insert into vodworker_inbox values ($1)`, version)
		return err
	})
}

// within runs a change that is no turn.
func (s *sqliteStore) within(ctx context.Context, do func(*sql.Tx) error) (err error) {
	defer func() { err = explainedSQLite(err, s.path) }()
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to roll back
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *sqliteStore) enter(ctx context.Context) error {
	select {
	case s.writes <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sqliteStore) leave() { <-s.writes }

// recent reports whether a version of SQLite is 3.51.3 or later.
func recent(v string) bool {
	var major, minor, patch int
	_, err := fmt.Sscanf(v, "%d.%d.%d", &major, &minor, &patch)
	return err == nil && slices.Compare([]int{major, minor, patch}, []int{3, 51, 3}) >= 0
}

func (s *sqliteStore) About() string { return "SQLite, " + s.path }

func (s *sqliteStore) Close() error {
	var errs []error
	if s.line != nil {
		errs = append(errs, s.line.close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close()) // last: who gets it finds nobody at work
	}
	return errors.Join(errs...)
}
