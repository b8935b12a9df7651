package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

const start = 1_000_000_000 // of the clock of these tests, in milliseconds

// Each promise is kept by both kinds of database.
var promises = map[string]func(t *testing.T, s *tables, clock *int64){
	"counts are of what is not done":                                     countsAreOfWhatIsNotDone,
	"a list has the first of each state and the last that are done":      aListHasTheFirstOfEachStateAndTheLastThatAreDone,
	"an event is found by its file its task and the beginning of its ID": anEventIsFoundByItsFileItsTaskAndTheBeginningOfItsID,
	"dead events come by their last failure":                             deadEventsComeByTheirLastFailure,
	"what is revived waits as if it had never failed":                    whatIsRevivedWaitsAsIfItHadNeverFailed,
	"what nobody wanted is revived for those that want it now":           whatNobodyWantedIsRevivedForThoseThatWantItNow,
	"settling ends what succeeded and keeps the rest":                    settlingEndsWhatSucceededAndKeepsTheRest,
	"purging removes what is dead and the event with the last":           purgingRemovesWhatIsDeadAndTheEventWithTheLast,
	"what is done is removed when all of it has been for long enough":    whatIsDoneIsRemovedWhenAllOfItHasBeenForLongEnough,
	"cleaning does some at a time":                                       cleaningDoesSomeAtATime,
}

func TestTablesOfSQLite(t *testing.T) {
	for promise, test := range promises {
		t.Run(promise, func(t *testing.T) {
			s, clock := newSQLiteTables(t)
			test(t, s, clock)
		})
	}
}

func TestTablesOfPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	n := 0
	for promise, test := range promises {
		n++
		url := server.Database(fmt.Sprint("tables", n))
		t.Run(promise, func(t *testing.T) {
			s := &openTest(t, url).tables
			clock := int64(start)
			s.now = func(context.Context, querier) (int64, error) { return clock, nil }
			test(t, s, &clock)
		})
	}
}

// newSQLiteTables returns tables in a file, and their clock.
func newSQLiteTables(t *testing.T) (*tables, *int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "inbox.db")+"?_txlock=immediate&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, statement := range statements("integer primary key", "blob") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	clock := int64(start)
	of := &sqliteStore{tables: tables{db: db}, writes: make(chan struct{}, 1)}
	return &tables{
		db: db, now: func(context.Context, querier) (int64, error) { return clock, nil }, within: of.within,
	}, &clock
}

// A row is a job to be planted, of an event that is planted with it.
type row struct {
	id, handler         string
	state               State
	at                  int64 // before start, in seconds; stored a second earlier
	attempts            int
	error, reason, task string
}

func plant(t *testing.T, s *tables, rows ...row) {
	t.Helper()
	for _, r := range rows {
		at := start - 1000*r.at
		if _, err := s.db.Exec(`insert into vodworker_event (id, app, type, file, task, handle, stored, body)
			values ($1, 7, 'T', $2, $3, 'h', $4, $5) on conflict do nothing`,
			r.id, "f-"+r.id, r.task, at-1000, []byte("body of "+r.id)); err != nil {
			t.Fatal(err)
		}
		last := 0
		if r.attempts > 0 {
			last = int(at)
		}
		if _, err := s.db.Exec(`
			insert into vodworker_job (event, handler, state, at, run, starts, attempts, failures, first, last, error, reason)
			select number, $2, $3, $4, 3, 1, $5, $5, $6, $6, $7, $8 from vodworker_event where id = $1`,
			r.id, r.handler, r.state, at, r.attempts, last, r.error, r.reason); err != nil {
			t.Fatal(err)
		}
	}
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

// said returns jobs as text: the event, the handler and the state.
func said(jobs []Job) (all []string) {
	for _, j := range jobs {
		all = append(all, fmt.Sprint(j.Event.ID, " ", j.Handler, " ", j.State))
	}
	return all
}

func saidEvents(events []Event) (all []string) {
	for _, e := range events {
		all = append(all, e.ID+": "+strings.Join(said(e.Jobs), ", "))
	}
	return all
}
