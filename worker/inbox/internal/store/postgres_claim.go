package store

import (
	"cmp"
	"slices"
)

// claim takes jobs that nobody else is taking.
func (p part) claim(claims []Claim) ([][]Job, error) {
	var claimed [][]Job
	for _, c := range claims {
		c.Suspect = c.Suspect && !anySuspect(claimed)
		jobs, err := p.claimOf(c)
		if err != nil {
			return nil, err
		}
		claimed = append(claimed, jobs)
	}
	return claimed, nil
}

func (p part) claimOf(c Claim) (jobs []Job, err error) {
	suspects := 0
	if c.Suspect {
		suspects = 1
	}
	rows, err := p.tx.QueryContext(p.ctx, postgresClaim(c.Least), c.Handler, p.now, p.me, int64(c.Most), int64(suspects))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	place := map[int64]int{} // of a job, in the order of the claim
	for rows.Next() {
		var body []byte
		var nth int
		j, err := scanJob(rows, p.now, &body, &nth)
		if err != nil {
			return nil, err
		}
		j.Event.Body, place[j.Number] = body, nth
		jobs = append(jobs, j)
	}
	slices.SortFunc(jobs, func(a, b Job) int { return place[a.Number] - place[b.Number] })
	return jobs, rows.Err()
}

// postgresClaim is a statement that goes by indexes: what waits is looked at in its order, and no more of it than is claimed.
func postgresClaim(least bool) string {
	order := `at, number`
	if least {
		order = `failures, at, number`
	}
	const waits = ` from vodworker_job where state = 0 and handler = $1 and at <= $2 and `
	return `with suspect as materialized (
			select number, failures, at` + waits + isSuspect + ` order by ` + order + ` limit $5::bigint for update skip locked
		), calm as materialized (
			select number, failures, at` + waits + isCalm + ` order by ` + order + ` limit $4::bigint for update skip locked
		), chosen as materialized (
			select number, row_number() over (order by ` + order + `) as nth
			from (select * from suspect union all select * from calm) c order by ` + order + ` limit $4::bigint
		)
		update vodworker_job j set state = 1, owner = $3, run = run + 1, starts = starts + 1, at = $2
		from vodworker_event e, chosen
		where j.event = e.number and j.number = chosen.number and j.number = any (array (select number from chosen))
		returning ` + jobColumns + `, e.body, chosen.nth`
}

// giveBack has wait what dead processes ran. One process at a time does so, and whose jobs they are is asked of the row
// itself, when it is locked: it may have been given back, and claimed anew, since the dead were counted.
func (p part) giveBack(t Turn, done *Done) error {
	if !t.GiveBack || done.Jumped {
		return nil
	}
	var alone bool
	err := p.tx.QueryRowContext(p.ctx, `select pg_try_advisory_xact_lock($1)`, int64(lockReap)).Scan(&alone)
	if err != nil || !alone {
		return err
	}
	if _, err := p.exec(`delete from vodworker_process where seen < $1`, p.before(Silence)); err != nil {
		return err
	}
	// Without a row are those, and who was taken for dead between its claim and its next beat.
	lost, err := p.strings(`select distinct owner from vodworker_job j where state = 1
		and not exists (select from vodworker_process where id = j.owner)`)
	if err != nil || len(lost) == 0 {
		return err
	}
	rows, err := p.tx.QueryContext(p.ctx, `with theirs as materialized (
			select number from vodworker_job where state = 1 and owner = any ($1::text[]) order by number for update
		)
		update vodworker_job j set owner = '', at = case when starts >= $3::bigint then $2 else e.stored end,
			state = case when starts >= $3::bigint then 3 else 0 end,
			reason = case when starts >= $3::bigint then '`+ReasonCrashes+`' else '' end,
			failures = case when starts >= $3::bigint then failures + 1 else failures end,
			first = case when starts >= $3::bigint and failures = 0 then $2 else first end,
			last = case when starts >= $3::bigint then $2 else last end,
			error = case when starts >= $3::bigint then replace('`+endedOften+`', '%d', starts::text) else error end
		from theirs, vodworker_event e
		where j.number = theirs.number and j.state = 1 and j.owner = any ($1::text[]) and e.number = j.event
		returning `+jobColumns, lost, p.now, int64(MaxStarts))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		j, err := scanJob(rows, p.now)
		if err != nil {
			return err
		}
		if done.Gave++; j.State == Dead {
			done.Dead = append(done.Dead, j)
		}
	}
	slices.SortFunc(done.Dead, func(a, b Job) int { return cmp.Compare(a.Number, b.Number) })
	return rows.Err()
}

func (p part) strings(query string) (all []string, err error) {
	rows, err := p.tx.QueryContext(p.ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
