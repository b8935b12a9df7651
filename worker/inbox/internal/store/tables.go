package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// tables are what both kinds of database have in common: all but how a turn is made. Parameters are $1, $2 …, which both
// take.
type tables struct {
	db  *sql.DB
	now func(context.Context, querier) (int64, error) // milliseconds, by the database's clock

	// within runs a function in a transaction that lasts once it is committed.
	within func(context.Context, func(*sql.Tx) error) error

	ahead atomic.Int64 // milliseconds that the clock is put forward, by tests
}

// A querier is a database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// endedOften is the error of a job that is dead for ReasonCrashes.
const endedOften = "the process that ran it ended, %d times"

// jobColumns are what scanJob reads, of vodworker_job j and vodworker_event e.
const jobColumns = `j.number, j.run, j.handler, j.state, j.at, j.owner, j.starts,
	j.attempts, j.failures, j.first, j.last, j.error, j.reason,
	e.id, e.app, e.type, e.file, e.task, e.handle, e.stored`

// scanJob reads a row of jobColumns, and of what else is asked for behind them.
func scanJob(rows *sql.Rows, now int64, more ...any) (Job, error) {
	var j Job
	var at, first, last, stored, app int64
	e := &j.Event
	err := rows.Scan(append([]any{
		&j.Number, &j.Run, &j.Handler, &j.State, &at, &j.Owner, &j.Starts, &j.Failed.Attempts, &j.Failed.Count, &first, &last,
		&j.Failed.Error, &j.Reason, &e.ID, &app, &e.Type, &e.File, &e.Task, &e.Handle, &stored,
	}, more...)...)
	e.App = uint64(app)
	j.For, e.Age = ago(now, at), ago(now, stored)
	if j.Failed.Count > 0 {
		j.Failed.First, j.Failed.Last = ago(now, first), ago(now, last)
	}
	return j, err
}

// anySuspect reports whether a suspect is among what was claimed.
func anySuspect(claimed [][]Job) bool {
	return slices.ContainsFunc(slices.Concat(claimed...), func(j Job) bool { return j.Starts > Suspect })
}

// text is what a column of text can hold in each kind of database.
func text(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD") }

// name is a text that events are found by: its beginning, since an index holds none that is too long.
func name(s string) string {
	const most = 1000
	return text(s[:min(len(s), most)])
}

func ago(now, at int64) time.Duration { return time.Duration(now-at) * time.Millisecond }

// inFront is the place of a job whose process gave it back, or died: it doesn't queue up again behind what was stored since.
const inFront = `(select stored from vodworker_event where number = vodworker_job.event)`
