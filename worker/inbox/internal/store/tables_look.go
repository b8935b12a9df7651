package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A state stands in a statement as its number, not as a parameter: only so an index of what is in this state is used.

// Counts implements Store. What is done, which is most, is not read.
func (t *tables) Counts(ctx context.Context) ([]Count, error) {
	now, err := t.now(ctx, t.db)
	if err != nil {
		return nil, err
	}
	const of = `select handler, state, failures, event from vodworker_job where state = `
	counts, err := collect(ctx, t.db, `select c.*, coalesce(e.stored, 0) from (
			select handler, sum(case when state = 0 then 1 else 0 end), sum(case when state = 1 then 1 else 0 end),
				sum(case when state = 0 and failures > 0 then 1 else 0 end), sum(case when state = 3 then 1 else 0 end),
				min(case when state < 3 then event end) as oldest
			from (`+of+`0 union all `+of+`1 union all `+of+`3) j group by handler
		) c left join vodworker_event e on e.number = c.oldest order by c.handler`,
		func(rows *sql.Rows) (c Count, err error) {
			var oldest *int64
			var stored int64
			err = rows.Scan(&c.Handler, &c.Waiting, &c.Running, &c.Failed, &c.Dead, &oldest, &stored)
			if oldest != nil {
				c.Oldest = max(0, ago(now, stored))
			}
			return c, err
		})
	return counts, err
}

// List implements Store.
func (t *tables) List(ctx context.Context, filter Filter) ([]Job, error) {
	now, err := t.now(ctx, t.db)
	if err != nil {
		return nil, err
	}
	states := filter.States
	if len(states) == 0 {
		states = []State{Waiting, Running, Finished, Dead}
	}
	var all []Job
	for _, state := range states {
		// Without + 0 a database may go through all jobs in the order of their numbers, to find the few.
		which := fmt.Sprintf(`select * from vodworker_job where state = %d and ($1 = '' or handler = $1)`, state)
		order := ` order by number + 0`
		switch {
		case state == Finished:
			order = ` order by at desc`
		case state == Waiting && filter.Failed:
			which += ` and failures > 0`
		}
		jobs, err := collect(ctx, t.db, `select `+jobColumns+` from (`+which+order+` limit $2) j
			join vodworker_event e on e.number = j.event`,
			func(rows *sql.Rows) (Job, error) { return scanJob(rows, now) }, filter.Handler, filter.Most)
		if err != nil {
			return nil, err
		}
		all = append(all, jobs...)
	}
	slices.SortFunc(all, func(a, b Job) int { return cmp.Compare(a.Number, b.Number) })
	return all[:min(len(all), filter.Most)], nil
}

// Find implements Store. An ID is of hexadecimal digits, and perhaps has a hyphen in it: whatever the order of a database
// is, those that begin with such a text lie between it and the same with many f behind it.
func (t *tables) Find(ctx context.Context, id string, most int) ([]Event, error) {
	if id = name(id); id == "" {
		return nil, nil
	}
	now, err := t.now(ctx, t.db)
	if err != nil {
		return nil, err
	}
	var numbers []any
	events, err := collect(ctx, t.db, `select number, id, app, type, file, task, handle, stored, body
		from vodworker_event where number in (
			select number from vodworker_event where id = $1
			union select number from vodworker_event where id >= $1 and id <= $2 and substr(id, 1, length($1)) = $1
			union select number from vodworker_event where file = $1 and file <> ''
			union select number from vodworker_event where task = $1 and task <> ''
		) order by number limit $3`,
		func(rows *sql.Rows) (e Event, err error) {
			var number, app, stored int64
			err = rows.Scan(&number, &e.ID, &app, &e.Type, &e.File, &e.Task, &e.Handle, &stored, &e.Body)
			e.App, e.Age = uint64(app), ago(now, stored)
			numbers = append(numbers, number)
			return e, err
		}, id, id+strings.Repeat("f", 48), most)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	jobs, err := collect(ctx, t.db, `select `+jobColumns+` from vodworker_job j join vodworker_event e on e.number = j.event
		where j.event in (`+parameters(len(numbers))+`) order by j.number`,
		func(rows *sql.Rows) (Job, error) { return scanJob(rows, now) }, numbers...)
	for i := range events {
		for _, j := range jobs {
			if j.Event.ID == events[i].ID {
				events[i].Jobs = append(events[i].Jobs, j)
			}
		}
	}
	return events, err
}

// Dead implements Store.
func (t *tables) Dead(ctx context.Context, id string, bodies bool) ([]Event, error) {
	now, err := t.now(ctx, t.db)
	if err != nil {
		return nil, err
	}
	body, which, args := `null`, ``, []any(nil)
	if bodies {
		body = `e.body`
	}
	if id != "" {
		which, args = ` and e.id = $1`, []any{id}
	}
	var events []Event
	at := map[string]int{} // of an ID among events
	_, err = collect(ctx, t.db, `select `+jobColumns+`, `+body+` from vodworker_job j join vodworker_event e on e.number = j.event
		where j.state = 3`+which+` order by j.number`,
		func(rows *sql.Rows) (_ struct{}, err error) {
			var body []byte
			j, err := scanJob(rows, now, &body)
			i, known := at[j.Event.ID]
			if !known {
				i = len(events)
				at[j.Event.ID] = i
				e := j.Event
				e.Body = body
				events = append(events, e)
			}
			events[i].Jobs = append(events[i].Jobs, j)
			return struct{}{}, err
		}, args...)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(b.lastFailed(), a.lastFailed()) })
	return events, err
}

// lastFailed is how long ago one of the event's dead jobs failed last.
func (e Event) lastFailed() (last time.Duration) {
	for i, j := range e.Jobs {
		if of := j.LastFailed(); i == 0 || of < last {
			last = of
		}
	}
	return last
}

// LastFailed is how long ago a dead job failed last; what never failed, how long ago it was given up.
func (j Job) LastFailed() time.Duration {
	if j.Failed.Count == 0 {
		return j.For
	}
	return j.Failed.Last
}

// collect returns what scan makes of each row.
func collect[T any](
	ctx context.Context, q querier, query string, scan func(*sql.Rows) (T, error), args ...any,
) (all []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// parameters returns $1, $2 … $n.
func parameters(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(all, ", ")
}
