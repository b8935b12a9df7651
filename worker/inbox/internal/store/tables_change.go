package store

import (
	"context"
	"database/sql"
	"time"
)

// Each change of a dead job names its state too: of two that change it at once, only one does.
const (
	deadJobs = `vodworker_job where state = 3 and event = (select number from vodworker_event where id = $1)`
	isDead   = ` where state = 3 and handler = $2 and event = (select number from vodworker_event where id = $1)`
)

// Revive implements Store. A job's run stays what it was: who handled it then can't undo what comes.
func (t *tables) Revive(ctx context.Context, id string, handlers []string) (revived int, err error) {
	err = t.change(ctx, func(tx *sql.Tx, now int64) error {
		revived = 0
		if dead, err := number(ctx, tx, `select count(*) from `+deadJobs, id); err != nil || dead == 0 {
			return none(err)
		}
		if err := t.replaceNobody(ctx, tx, id, handlers); err != nil {
			return err
		}
		for _, handler := range handlers {
			n, err := affected(tx.ExecContext(ctx, `update vodworker_job set state = 0, at = $3, owner = '', starts = 0, attempts = 0,
				failures = 0, first = 0, last = 0, error = '', reason = ''`+isDead, id, handler, now))
			if err != nil {
				return err
			}
			revived += n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return revived, nil
}

// replaceNobody makes a dead job of nobody one of each of these handlers.
func (t *tables) replaceNobody(ctx context.Context, tx *sql.Tx, id string, handlers []string) error {
	for _, handler := range handlers {
		if _, err := tx.ExecContext(ctx, `
			insert into vodworker_job (event, handler, state, at, run, attempts, failures, first, last, error, reason)
			select event, $2, state, at, run, attempts, failures, first, last, error, reason from `+deadJobs+` and handler = ''
			on conflict do nothing`, id, handler); err != nil {
			return err
		}
	}
	if len(handlers) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `delete from `+deadJobs+` and handler = ''`, id)
	return err
}

// Settle implements Store.
func (t *tables) Settle(ctx context.Context, id string, ends []DeadEnd) (left int, err error) {
	err = t.change(ctx, func(tx *sql.Tx, now int64) error {
		var handlers []string
		for _, end := range ends {
			handlers = append(handlers, end.Handler)
		}
		if err := t.replaceNobody(ctx, tx, id, handlers); err != nil {
			return err
		}
		for _, end := range ends {
			var err error
			switch {
			case end.Done:
				_, err = tx.ExecContext(ctx, `update vodworker_job set state = 2, at = $3, starts = 0, reason = ''`+isDead,
					id, end.Handler, now)
			case end.Error != "":
				_, err = tx.ExecContext(ctx, `update vodworker_job set error = $3, last = $4, failures = failures + 1,
					first = case when failures = 0 then $4 else first end`+isDead, id, end.Handler, text(end.Error), now)
			}
			if err != nil {
				return err
			}
		}
		left, err = number(ctx, tx, `select count(*) from `+deadJobs, id)
		return err
	})
	return left, err
}

// Purge implements Store.
func (t *tables) Purge(ctx context.Context, id string) error {
	return t.change(ctx, func(tx *sql.Tx, _ int64) error {
		if n, err := affected(tx.ExecContext(ctx, `delete from `+deadJobs, id)); err != nil || n == 0 {
			return none(err)
		}
		_, err := tx.ExecContext(ctx, `delete from vodworker_event where id = $1
			and not exists (select 1 from vodworker_job j where j.event = vodworker_event.number)`, id)
		return err
	})
}

// cleaned is how many events Clean removes at a time: turns wait for it, and bodies may be large.
const cleaned = 100

// Clean implements Store. It has those jobs wake, too, that a clock which was set back keeps asleep. What to remove is looked
// for first, without holding up anybody: it stays so, since what is done is not undone.
func (t *tables) Clean(ctx context.Context, keep time.Duration) (more bool, err error) {
	now, err := t.now(ctx, t.db)
	if err != nil {
		return false, err
	}
	if err := t.wake(ctx, now); err != nil {
		return false, err
	}
	numbers, err := collect(ctx, t.db, `select j.event from vodworker_job j where j.state = 2 and j.at < $1 and not exists (
			select 1 from vodworker_job o where o.event = j.event and (o.state <> 2 or o.at >= $1 or o.number < j.number)
		) order by j.at limit $2`,
		func(rows *sql.Rows) (number any, err error) {
			err = rows.Scan(&number)
			return number, err
		}, now-keep.Milliseconds(), cleaned)
	if err != nil || len(numbers) == 0 {
		return false, err
	}
	err = t.change(ctx, func(tx *sql.Tx, _ int64) error {
		_, err := tx.ExecContext(ctx, `delete from vodworker_event where number in (`+parameters(len(numbers))+`)`, numbers...)
		return err
	})
	return len(numbers) == cleaned, err
}

// wake has no job wait for a time that a clock has told which was wrong, and was set back since.
func (t *tables) wake(ctx context.Context, now int64) error {
	const early = ` from vodworker_job where state = 0 and at > $1`
	until := now + longestRest.Milliseconds()
	if n, err := number(ctx, t.db, `select count(*)`+early, until); err != nil || n == 0 {
		return err
	}
	return t.change(ctx, func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `update vodworker_job set at = $2 where state = 0 and at > $1`, until, now)
		return err
	})
}

// change runs do in a transaction, with the time.
func (t *tables) change(ctx context.Context, do func(tx *sql.Tx, now int64) error) error {
	return t.within(ctx, func(tx *sql.Tx) error {
		now, err := t.now(ctx, tx)
		if err != nil {
			return err
		}
		return do(tx, now)
	})
}

func number(ctx context.Context, q querier, query string, args ...any) (n int, err error) {
	err = q.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// none is ErrNone, unless asking for them failed.
func none(err error) error {
	if err != nil {
		return err
	}
	return ErrNone
}
