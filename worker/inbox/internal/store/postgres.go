package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// A postgresStore is one in PostgreSQL, for any number of processes. It needs nothing of a session, so that a pooler may
// give each transaction another one: no prepared statements, no locks but a transaction's, no settings but its own.
type postgresStore struct {
	tables
	config *pgx.ConnConfig
}

// How long a turn may take, and who holds others up: less, so that one that stands still is not waited for in vain.
const (
	turnTimeout    = 15 * time.Second
	connectTimeout = 5 * time.Second
)

// begins is what each transaction that writes says first. A database may have synchronous_commit off: what is confirmed
// would be lost.
const begins = `select set_config('synchronous_commit', 'on', true), set_config('statement_timeout', '10s', true),
	set_config('idle_in_transaction_session_timeout', '5s', true)`

const (
	clock    = `select (extract(epoch from clock_timestamp()) * 1000)::bigint`
	lockMake = 7_636_411_021 // of advisory locks: whoever makes tables
	lockReap = 7_636_411_022 // whoever gives back dead processes' jobs
)

func openPostgres(ctx context.Context, at string, o Options) (Store, error) {
	return newPostgres(ctx, at, o)
}

func newPostgres(ctx context.Context, at string, o Options) (*postgresStore, error) {
	config, err := parsePostgres(at)
	if err != nil {
		return nil, err
	}
	s := &postgresStore{config: config}
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(3) // a turn's, and two that read
	s.db.SetMaxIdleConns(3)
	s.db.SetConnMaxIdleTime(5 * time.Minute)
	s.now = func(ctx context.Context, q querier) (now int64, err error) {
		err = q.QueryRowContext(ctx, clock).Scan(&now)
		return now + s.ahead.Load(), err
	}
	s.ahead.Store(o.ahead.Milliseconds())
	s.tables.within = s.within
	if err := s.prepare(ctx, o); err != nil {
		_ = s.db.Close()
		return nil, err
	}
	return s, nil
}

// parsePostgres reads a URL. Its errors show no password, as the driver's may.
func parsePostgres(at string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(at)
	if file, is := errors.AsType[*fs.PathError](err); is {
		return nil, fmt.Errorf("%w; name a file that can be read", file)
	} else if err != nil {
		return nil, errors.New("PostgreSQL's driver can't read it; look at the host, and at what stands behind the ?")
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // nothing is prepared: the next transaction may have another session
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	return config, nil
}

// prepare sees that the tables are there, and makes them. All who do it at once wait for the first.
func (s *postgresStore) prepare(ctx context.Context, o Options) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if !o.Look {
			if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, int64(lockMake)); err != nil {
				return err
			}
		}
		var there bool
		if err := tx.QueryRowContext(ctx, `select to_regclass('vodworker_inbox') is not null`).Scan(&there); err != nil {
			return err
		}
		switch {
		case !there && o.Look:
			return errors.New("there is no inbox in this database: run vodworker with it first")
		case !there:
			return makeTables(ctx, tx)
		}
		var found int
		var mayChange bool
		if err := tx.QueryRowContext(ctx, aboutTables).Scan(&found, &mayChange); err != nil {
			return err
		}
		switch {
		case found > version:
			return errNewer(found)
		case !mayChange && !o.Look:
			return errMayNot("this user")
		}
		return nil
	})
}

func makeTables(ctx context.Context, tx *sql.Tx) error {
	made := append(statements("bigint generated always as identity primary key", "bytea"),
		// Each event is written some times: what is dead is to be swept early.
		`alter table vodworker_job set (autovacuum_vacuum_scale_factor = 0.02)`,
		fmt.Sprintf(`insert into vodworker_inbox (version) values (%d)`, version))
	for _, statement := range made {
		if _, err := tx.ExecContext(ctx, statement); isCode(err, "42501") {
			return errors.New("its tables can't be made: let the user create some (grant create on schema public to …), " +
				"or start once with a user who may")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// within runs do in a transaction that lasts, once it is committed, and that doesn't stand in others' way for long. What
// PostgreSQL has ended for another's sake has had no effect, and do is run once more.
func (s *postgresStore) within(ctx context.Context, do func(*sql.Tx) error) error {
	err := s.once(ctx, do)
	if isCode(err, "40P01", "40001") {
		err = s.once(ctx, do)
	}
	return explained(err, s.config)
}

func (s *postgresStore) once(ctx context.Context, do func(*sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if _, err := tx.ExecContext(ctx, begins); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *postgresStore) About() string {
	return fmt.Sprintf("PostgreSQL, %s on %s:%d", s.config.Database, s.config.Host, s.config.Port)
}

func (s *postgresStore) Close() error { return s.db.Close() }

// isCode reports whether PostgreSQL has answered with one of these codes.
func isCode(err error, codes ...string) bool {
	answer, is := errors.AsType[*pgconn.PgError](err)
	return is && strings.Contains(strings.Join(codes, " "), answer.Code)
}
