package store

import (
	"context"
	"database/sql"
	"errors"
)

// A line is the one connection of the turns, with the statements that it has prepared.
type line struct {
	db       *sql.DB
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func openLine(ctx context.Context, path string) (*line, error) {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	l := &line{db, conn, map[string]*sql.Stmt{}}
	if err := l.again(ctx, path); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// close rolls back what is not committed: a connection with statements may live on, and would keep the database locked.
func (l *line) close() error {
	_, _ = l.conn.ExecContext(context.Background(), `rollback`) // mostly there is nothing
	var errs []error
	for _, s := range l.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, l.conn.Close(), l.db.Close())...)
}

func (l *line) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if known := l.prepared[query]; known != nil {
		return known, nil
	}
	made, err := l.conn.PrepareContext(ctx, query)
	if err == nil {
		l.prepared[query] = made
	}
	return made, err
}

func (l *line) exec(ctx context.Context, query string, args ...any) error {
	s, err := l.prepare(ctx, query)
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	return err
}

func (l *line) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := l.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// jobs returns those of a query for jobColumns, behind which there may be the body.
func (l *line) jobs(ctx context.Context, now int64, query string, args ...any) (jobs []Job, err error) {
	rows, err := l.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var body []byte
		var more []any
		if columns[len(columns)-1] == "body" {
			more = []any{&body}
		}
		j, err := scanJob(rows, now, more...)
		if err != nil {
			return nil, err
		}
		j.Event.Body = body
		jobs = append(jobs, j)
	}
	return jobs, rows.Err()
}
