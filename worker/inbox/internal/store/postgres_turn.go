package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

var errLost = errors.New("this process was taken for dead")

// Turn implements Store.
func (s *postgresStore) Turn(ctx context.Context, t Turn) (Done, error) {
	done, err := s.turn(ctx, t)
	if errors.Is(err, errLost) {
		return Done{Lost: true}, nil
	}
	return done, err
}

func (s *postgresStore) turn(ctx context.Context, t Turn) (done Done, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		done = Done{}
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		p := part{ctx, tx, now, t.Me}
		for _, do := range []func() error{
			func() error { return p.beat(t, &done) },
			func() error { return p.giveBack(t, &done) },
			func() error { return p.forget(t) },
			func() (err error) { done.Stored, err = p.store(t.Events); return err },
			func() error { return p.end(t.Ends) },
			func() (err error) { done.Claimed, err = p.claim(t.Claims); return err },
			func() error { return p.leave(t) },
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// A part of a turn is a statement or two. Rows are locked by their numbers' order, so that turns wait for each other in a
// line.
type part struct {
	ctx context.Context
	tx  *sql.Tx
	now int64
	me  string
}

func (p part) exec(query string, args ...any) (changed int64, err error) {
	result, err := p.tx.ExecContext(p.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// beat says that Me lives. If that was too long ago, the clock has jumped: all others seem to be silent then.
func (p part) beat(t Turn, done *Done) error {
	switch {
	case t.Join: // perhaps for the second time, if nothing was heard of the first
		_, err := p.exec(`insert into vodworker_process (id, seen) values ($1, $2)
			on conflict (id) do update set seen = $2`, p.me, p.now)
		return err
	case t.Beat:
		var before int64
		err := p.tx.QueryRowContext(p.ctx, `update vodworker_process p set seen = $2
			from (select id, seen from vodworker_process where id = $1 for update) was where p.id = was.id returning was.seen`,
			p.me, p.now).Scan(&before)
		if errors.Is(err, sql.ErrNoRows) {
			return errLost
		}
		done.Jumped = err == nil && before < p.before(2*Beat)
		return err
	}
	return nil
}

// forget has wait what Me runs without knowing.
func (p part) forget(t Turn) error {
	if !t.Forgotten {
		return nil
	}
	return p.unclaim(t.Held)
}

// unclaim has all that Me runs wait again, but for what it holds, as if it had not been started.
func (p part) unclaim(held []Ref) error {
	var jobs, runs []int64
	for _, r := range held {
		jobs, runs = append(jobs, r.Job), append(runs, r.Run)
	}
	_, err := p.exec(`update vodworker_job set state = 0, owner = '', at = `+inFront+`, starts = greatest(starts - 1, 0)
		where state = 1 and owner = $1 and not exists (
			select from unnest($2::bigint[], $3::bigint[]) as held (job, run)
			where held.job = vodworker_job.number and held.run = vodworker_job.run)`, p.me, jobs, runs)
	return err
}

func (p part) leave(t Turn) error {
	if !t.Leave {
		return nil
	}
	if err := p.unclaim(nil); err != nil {
		return err
	}
	_, err := p.exec(`delete from vodworker_process where id = $1`, p.me)
	return err
}

// store stores events that are not there yet, and makes their jobs.
func (p part) store(events []Event) (stored int, err error) {
	if len(events) == 0 {
		return 0, nil
	}
	var ids, types, files, tasks, handles, of, handlers, reasons, errs, letters []string
	var apps, states, attempts, failures, first, last []int64
	var bodies [][]byte
	known := map[string]bool{}
	for _, e := range events {
		if known[e.ID] {
			continue
		}
		known[e.ID] = true
		ids, apps, types = append(ids, text(e.ID)), append(apps, int64(e.App)), append(types, text(e.Type))
		files, tasks = append(files, name(e.File)), append(tasks, name(e.Task))
		handles, bodies = append(handles, text(e.Handle)), append(bodies, append([]byte{}, e.Body...)) // nil would be null
		state := Waiting
		if e.Reason != "" {
			state, letters = Dead, append(letters, text(e.ID))
		}
		for _, handler := range e.Handlers {
			of, handlers, states = append(of, text(e.ID)), append(handlers, text(handler)), append(states, int64(state))
			reasons, errs = append(reasons, text(e.Reason)), append(errs, text(e.Failed.Error))
			attempts, failures = append(attempts, int64(e.Failed.Attempts)), append(failures, int64(e.Failed.Count))
			first, last = append(first, p.before(e.Failed.First)), append(last, p.before(e.Failed.Last))
		}
	}
	err = p.tx.QueryRowContext(p.ctx, `with new as (
			insert into vodworker_event (id, app, type, file, task, handle, stored, body)
			select id, app, type, file, task, handle, $8, body
			from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
				as e (id, app, type, file, task, handle, body) order by id
			on conflict (id) do nothing returning number, id
		), known as (
			select number, id from new
			union all select number, id from vodworker_event where id = any ($18::text[])
		), jobs as (
			insert into vodworker_job (event, handler, state, at, attempts, failures, first, last, error, reason)
			select known.number, j.handler, j.state, $8, j.attempts, j.failures, j.first, j.last, j.error, j.reason
			from unnest($9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[],
				$17::text[]) with ordinality as j (id, handler, state, attempts, failures, first, last, error, reason, nth)
			join known on known.id = j.id
			where j.handler <> '' or known.number in (select number from new) order by j.nth
			on conflict do nothing
		) select count(*) from new`,
		pgx.QueryExecModeDescribeExec, // bodies as they are: as text they would take twice the time
		ids, apps, types, files, tasks, handles, bodies, p.now,
		of, handlers, states, attempts, failures, first, last, errs, reasons, letters).Scan(&stored)
	return stored, err
}

// end writes what became of runs, where nothing else did.
func (p part) end(ends []End) error {
	if len(ends) == 0 {
		return nil
	}
	var jobs, runs, to, at, attempts, failures, first, last []int64
	var errs, reasons []string
	for _, e := range ends {
		jobs, runs, to = append(jobs, e.Job), append(runs, e.Run), append(to, int64(e.To))
		at = append(at, p.now+e.After.Milliseconds())
		attempts, failures = append(attempts, int64(e.Failed.Attempts)), append(failures, int64(e.Failed.Count))
		first, last = append(first, p.before(e.Failed.First)), append(last, p.before(e.Failed.Last))
		errs, reasons = append(errs, text(e.Failed.Error)), append(reasons, text(e.Reason))
	}
	if _, err := p.exec(`select from vodworker_job where number = any ($1::bigint[]) order by number for update`, jobs); err != nil {
		return err
	}
	_, err := p.exec(`update vodworker_job j set state = e.state, at = e.at, owner = '', starts = 0, reason = e.reason,
			attempts = case when e.state = 2 then j.attempts else e.attempts end,
			failures = case when e.state = 2 then j.failures else e.failures end,
			first = case when e.state = 2 then j.first else e.first end,
			last = case when e.state = 2 then j.last else e.last end,
			error = case when e.state = 2 then j.error else e.error end
		from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
			$9::text[], $10::text[]) as e (job, run, state, at, attempts, failures, first, last, error, reason)
		where j.number = e.job and j.run = e.run and (j.state = 1 or e.state = 2 and j.state <> 2)`,
		jobs, runs, to, at, attempts, failures, first, last, errs, reasons)
	return err
}

func (p part) before(ago time.Duration) int64 { return p.now - ago.Milliseconds() }
