package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Turn needs no Beat, Join or GiveBack: nobody else has the lock.
func (s *sqliteStore) Turn(ctx context.Context, t Turn) (done Done, err error) {
	if asksNothing := len(t.Events)+len(t.Ends)+len(t.Claims) == 0 && !t.Forgotten && !t.Leave; !asksNothing {
		done, err = s.turn(ctx, t)
	}
	if err != nil {
		return Done{}, explainedSQLite(err, s.path)
	}
	done.Gave, done.Dead = s.opened.Gave, s.opened.Dead
	s.opened = Done{}
	return done, nil
}

func (s *sqliteStore) turn(ctx context.Context, t Turn) (done Done, err error) {
	err = s.inOne(ctx, func(l *line, now int64) (err error) {
		done, err = l.turn(ctx, t, now)
		return err
	})
	return done, err
}

// inOne runs a function in one transaction, which no change of this process holds up. After an error the connection is
// another: who knows what state it is in.
func (s *sqliteStore) inOne(ctx context.Context, do func(*line, int64) error) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if s.line == nil {
		if s.line, err = openLine(ctx, s.path); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			_ = s.line.close()
			s.line = nil
		}
	}()
	if err := s.line.exec(ctx, `begin immediate`); err != nil {
		return err
	}
	now, _ := s.now(ctx, s.db)
	if err := do(s.line, now); err != nil {
		return err
	}
	return s.line.exec(ctx, `commit`)
}

// giveAllBack has what the last process ran wait again.
func (s *sqliteStore) giveAllBack(ctx context.Context) error {
	return s.inOne(ctx, func(l *line, now int64) error {
		jobs, err := l.jobs(ctx, now, `select `+jobColumns+` from vodworker_job j join vodworker_event e on e.number = j.event
			where j.state = 1 order by j.number`)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			const give = `update vodworker_job set state = 0, at = ` + inFront + `, owner = '' where number = $1`
			err := error(nil)
			if j.Starts < MaxStarts {
				err = l.exec(ctx, give, j.Number)
			} else {
				err = l.giveUp(ctx, &j, now)
				s.opened.Dead = append(s.opened.Dead, j)
			}
			if err != nil {
				return err
			}
		}
		s.opened.Gave = len(jobs)
		return l.exec(ctx, `delete from vodworker_process`)
	})
}

// giveUp ends a job at which processes end.
func (l *line) giveUp(ctx context.Context, j *Job, now int64) error {
	f := &j.Failed
	if f.Count++; f.Count == 1 {
		f.First = 0
	}
	f.Last, f.Error = 0, fmt.Sprintf(endedOften, j.Starts)
	j.State, j.Reason, j.Owner, j.For = Dead, ReasonCrashes, "", 0
	first, last := f.since(now)
	return l.exec(ctx, `update vodworker_job set state = 3, at = $1, owner = '', failures = $2, first = $3, last = $4, error = $5,
		reason = $6 where number = $7`, now, f.Count, first, last, f.Error, j.Reason, j.Number)
}

func (l *line) turn(ctx context.Context, t Turn, now int64) (done Done, err error) {
	if t.Forgotten {
		if err := l.unclaim(ctx, t.Me, t.Held, now); err != nil {
			return done, err
		}
	}
	for _, e := range t.Events {
		isNew, err := l.store(ctx, e, now)
		if err != nil {
			return done, err
		}
		if isNew {
			done.Stored++
		}
	}
	for _, e := range t.Ends {
		if err := l.end(ctx, e, now); err != nil {
			return done, err
		}
	}
	for _, c := range t.Claims {
		c.Suspect = c.Suspect && !anySuspect(done.Claimed)
		jobs, err := l.claim(ctx, t.Me, c, now)
		if err != nil {
			return done, err
		}
		done.Claimed = append(done.Claimed, jobs)
	}
	if t.Leave {
		err = l.unclaim(ctx, t.Me, nil, now)
	}
	return done, err
}

// unclaim has all that a process runs wait again, but for what it holds, as if it had not been started.
func (l *line) unclaim(ctx context.Context, me string, held []Ref, now int64) error {
	jobs, err := l.jobs(ctx, now, `select `+jobColumns+` from vodworker_job j join vodworker_event e on e.number = j.event
		where j.state = 1 and j.owner = $1`, me)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if slices.Contains(held, Ref{j.Number, j.Run}) {
			continue
		}
		const un = `update vodworker_job set state = 0, at = ` + inFront + `, owner = '', starts = starts - 1 where number = $1`
		if err := l.exec(ctx, un, j.Number); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) store(ctx context.Context, e Event, now int64) (isNew bool, err error) {
	body := e.Body
	if body == nil {
		body = []byte{}
	}
	rows, err := l.query(ctx, `insert into vodworker_event (id, app, type, file, task, handle, stored, body)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning number`,
		text(e.ID), int64(e.App), text(e.Type), name(e.File), name(e.Task), text(e.Handle), now, body)
	if err != nil {
		return false, err
	}
	var number int64
	for rows.Next() {
		err, isNew = rows.Scan(&number), true
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return false, err
	}
	if !isNew {
		return false, l.storeLetters(ctx, e, now)
	}
	return true, l.storeJobs(ctx, e, number, now)
}

// storeLetters makes the jobs of a letter of an event that is there already.
func (l *line) storeLetters(ctx context.Context, e Event, now int64) error {
	e.Handlers = slices.DeleteFunc(slices.Clone(e.Handlers), func(handler string) bool { return handler == "" })
	if e.Reason == "" || len(e.Handlers) == 0 {
		return nil
	}
	rows, err := l.query(ctx, `select number from vodworker_event where id = $1`, e.ID)
	if err != nil {
		return err
	}
	var number int64
	for rows.Next() {
		err = rows.Scan(&number)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return err
	}
	return l.storeJobs(ctx, e, number, now)
}

func (l *line) storeJobs(ctx context.Context, e Event, number, now int64) error {
	state, f := Waiting, e.Failed
	if e.Reason != "" {
		state = Dead
	}
	first, last := f.since(now)
	for _, h := range e.Handlers {
		err := l.exec(ctx, `insert into vodworker_job (event, handler, state, at, attempts, failures, first, last, error, reason)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
			number, text(h), state, now, f.Attempts, f.Count, first, last, text(f.Error), text(e.Reason))
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *line) end(ctx context.Context, e End, now int64) error {
	if e.To == Finished {
		return l.exec(ctx, `update vodworker_job set state = 2, at = $1, owner = '', starts = 0, reason = ''
			where number = $2 and run = $3 and state <> 2`, now, e.Job, e.Run)
	}
	if e.To != Waiting && e.To != Dead {
		return fmt.Errorf("a run can't end as %d", e.To)
	}
	at, f := now, e.Failed
	if e.To == Waiting {
		at += e.After.Milliseconds()
	}
	first, last := f.since(now)
	return l.exec(ctx, `update vodworker_job set state = $1, at = $2, owner = '', starts = 0, attempts = $3, failures = $4,
		first = $5, last = $6, error = $7, reason = $8 where number = $9 and run = $10 and state = 1`,
		e.To, at, f.Attempts, f.Count, first, last, text(f.Error), text(e.Reason), e.Job, e.Run)
}

// since returns when the first and the last were.
func (f Failures) since(now int64) (first, last int64) {
	if f.Count == 0 {
		return 0, 0
	}
	return now - f.First.Milliseconds(), now - f.Last.Milliseconds()
}

func (l *line) claim(ctx context.Context, me string, c Claim, now int64) ([]Job, error) {
	suspects := 0
	if c.Suspect {
		suspects = 1
	}
	jobs, err := l.jobs(ctx, now, sqliteClaim(c.Least), c.Handler, now, c.Most, suspects)
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		j := &jobs[i]
		j.State, j.Owner, j.For, j.Run, j.Starts = Running, me, 0, j.Run+1, j.Starts+1
		const start = `update vodworker_job set state = 1, at = $1, run = $2, starts = $3, owner = $4 where number = $5`
		if err := l.exec(ctx, start, now, j.Run, j.Starts, me, j.Number); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// sqliteClaim is a statement that goes by indexes: what waits is looked at in its order, and no more of it than is claimed.
// The + keeps SQLite from reading all that is due by another index, and sorting it. Suspects are few.
func sqliteClaim(least bool) string {
	order, at := `at`, `at`
	if least {
		order, at = `failures, at`, `+at`
	}
	const waits = `select number from vodworker_job where handler = $1 and state = 0 and `
	return `select ` + jobColumns + `, e.body from vodworker_job j join vodworker_event e on e.number = j.event
		where j.number in (
			select number from (` + waits + isCalm + ` and ` + at + ` <= $2 order by ` + order + `, number limit $3)
			union all select number from (` + waits + isSuspect + ` and at <= $2 order by ` + order + `, number limit $4)
		) order by ` + order + `, j.number limit $3`
}
