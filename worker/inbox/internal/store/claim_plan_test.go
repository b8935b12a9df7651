package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

// backlog fills tables with what a claim has to find its way through: most is done, some waits, for now or for later, and some is
// dead. Numbers are those that series returns.
func backlog(t *testing.T, db *sql.DB, series string) {
	t.Helper()
	now := time.Now().UnixMilli()
	run(t, db, `insert into vodworker_event (id, app, type, file, task, handle, stored, body)
		select 'e' || n, 1, 'T', 'f' || n, 't' || n, '', 0, '{}' from `+series)
	run(t, db, fmt.Sprintf(`insert into vodworker_job (event, handler, state, at, failures)
		select number, 'h', case number %% 10 when 0 then 3 when 1 then 0 when 2 then 0 when 3 then 0 else 2 end,
			case number %% 10 when 3 then %d else %d - number end, case number %% 10 when 2 then 1 else 0 end from vodworker_event`,
		now+3_600_000, now))
}

// claimsGoByIndex looks at how a database makes each kind of claim.
func claimsGoByIndex(t *testing.T, explain func(least bool) string) {
	t.Helper()
	for least, index := range map[bool]string{false: "vodworker_job_waiting", true: "vodworker_job_least"} {
		plan := explain(least)
		for _, all := range []string{"Seq Scan on", "SCAN vodworker_job", "SCAN j", "SCAN e"} {
			if strings.Contains(plan, all) {
				t.Errorf("least %t: it reads all:\n%s", least, plan)
			}
		}
		for _, index := range []string{index, "vodworker_job_suspect"} {
			if !strings.Contains(plan, index) {
				t.Errorf("least %t: it does not go by %s:\n%s", least, index, plan)
			}
		}
	}
}

func TestSQLiteClaimsGoByIndex(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "inbox.db")).(*sqliteStore)
	defer s.Close()
	backlog(t, s.db, `(with recursive c (n) as (select 1 union all select n + 1 from c where n < 10000) select n from c)`)
	claimsGoByIndex(t, func(least bool) string {
		lines, err := collect(t.Context(), s.db, `explain query plan `+sqliteClaim(least), planLine, "h", time.Now().UnixMilli(), 16, 1)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	})
}

func TestPostgresClaimsGoByIndex(t *testing.T) {
	s := openTest(t, postgrestest.Start(t).Database("plans"))
	run(t, s.db, `alter table vodworker_job set (autovacuum_enabled = off)`)
	backlog(t, s.db, `generate_series(1, 20000) n`)
	claims := func(least bool) string {
		lines, err := collect(t.Context(), s.db, `explain `+postgresClaim(least), func(rows *sql.Rows) (line string, err error) {
			err = rows.Scan(&line)
			return line, err
		}, "h", time.Now().UnixMilli(), "me", int64(16), int64(1))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	claimsGoByIndex(t, claims) // it may not have been analyzed yet
	run(t, s.db, `vacuum analyze`)
	claimsGoByIndex(t, claims)
}
