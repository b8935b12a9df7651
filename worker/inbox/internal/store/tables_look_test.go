package store

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
)

func countsAreOfWhatIsNotDone(t *testing.T, s *tables, clock *int64) {
	got, err := s.Counts(t.Context())
	if err != nil || len(got) != 0 {
		t.Errorf("of nothing %v, %v", got, err)
	}
	plant(t, s,
		row{id: "a", handler: "x", state: Finished, at: 100}, row{id: "b", handler: "x", state: Dead, at: 90},
		row{id: "c", handler: "x", state: Running, at: 80}, row{id: "d", handler: "x", at: 70, attempts: 2},
		row{id: "e", handler: "x", at: 60},
		row{id: "a", handler: "y", state: Finished, at: 100}, row{id: "b", handler: "z", state: Dead, at: 90})
	*clock += 500
	got, err = s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "counts", got, []Count{
		{Handler: "x", Waiting: 2, Running: 1, Failed: 1, Dead: 1, Oldest: 81*time.Second + 500*time.Millisecond},
		{Handler: "z", Dead: 1},
	})
}

// What is done is most of what there is, and the counts are taken all the time.
func TestCountsAndLettersReadNothingThatIsDone(t *testing.T) {
	s, _ := newSQLiteTables(t)
	for i := range 300 {
		plant(t, s, row{id: fmt.Sprint(i), handler: "x", state: Finished})
	}
	plant(t, s, row{id: "w", handler: "x"}, row{id: "d", handler: "x", state: Dead})
	if _, err := s.db.Exec(`analyze`); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`select * from vodworker_job where state = 3 and ('' = '' or handler = '') order by number + 0 limit 3`,
		`select handler, state, failures, event from vodworker_job where state = 0`, `select number from ` + deadJobs,
	} {
		plan, err := collect(t.Context(), s.db, `explain query plan `+strings.ReplaceAll(query, "$1", "'d'"), planLine)
		if err != nil || !strings.Contains(strings.Join(plan, "\n"), "vodworker_job_") {
			t.Errorf("%s uses no index: %q, %v", query, plan, err)
		}
	}
}

// planLine reads a row of SQLite's explain query plan.
func planLine(rows *sql.Rows) (text string, err error) {
	var a, b, c int
	err = rows.Scan(&a, &b, &c, &text)
	return text, err
}

func aListHasTheFirstOfEachStateAndTheLastThatAreDone(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "a", handler: "x", state: Finished, at: 50}, row{id: "b", handler: "x", state: Finished, at: 90},
		row{id: "c", handler: "y", state: Dead, at: 80, attempts: 5, error: "answered 500", reason: "attempts"},
		row{id: "d", handler: "x", at: 70, attempts: 2},
		row{id: "e", handler: "x", at: 60}, row{id: "f", handler: "y", state: Running, at: 60},
		row{id: "g", handler: "x", state: Finished, at: 40})
	for _, test := range []struct {
		filter Filter
		want   string
	}{
		{Filter{Most: 9}, "a x 2, b x 2, c y 3, d x 0, e x 0, f y 1, g x 2"},
		{Filter{Most: 2}, "a x 2, c y 3"},
		{Filter{Most: 2, States: []State{Finished}}, "a x 2, g x 2"},
		{Filter{Most: 9, States: []State{Waiting}}, "d x 0, e x 0"},
		{Filter{Most: 1, States: []State{Waiting}}, "d x 0"},
		{Filter{Most: 9, States: []State{Waiting}, Failed: true}, "d x 0"},
		{Filter{Most: 9, States: []State{Waiting, Running, Dead}, Handler: "y"}, "c y 3, f y 1"},
		{Filter{Most: 9, Handler: "nobody's"}, ""},
	} {
		jobs, err := s.List(t.Context(), test.filter)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, fmt.Sprintf("%+v", test.filter), strings.Join(said(jobs), ", "), test.want)
	}
	jobs, err := s.List(t.Context(), Filter{States: []State{Dead}, Most: 1})
	if err != nil {
		t.Fatal(err)
	}
	ago := 80 * time.Second
	wantEqual(t, "job", jobs, []Job{{
		Number: 3, Run: 3, Handler: "y", State: Dead, For: ago, Starts: 1, Reason: "attempts",
		Failed: Failures{Attempts: 5, Count: 5, First: ago, Last: ago, Error: "answered 500"},
		Event:  Event{ID: "c", App: 7, Type: "T", File: "f-c", Handle: "h", Age: ago + time.Second},
	}})
}

func anEventIsFoundByItsFileItsTaskAndTheBeginningOfItsID(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "ab12", handler: "x", task: "t1"}, row{id: "ab12", handler: "y", state: Dead},
		row{id: "ab12-9", handler: "x", task: "t1"},
		row{id: "abf", handler: "x", task: "ab"}, row{id: "b", handler: "x"})
	for id, want := range map[string]string{
		"ab12": "ab12: ab12 x 0, ab12 y 3; ab12-9: ab12-9 x 0", "ab12-": "ab12-9: ab12-9 x 0",
		"t1":  "ab12: ab12 x 0, ab12 y 3; ab12-9: ab12-9 x 0",
		"f-b": "b: b x 0", "ab": "ab12: ab12 x 0, ab12 y 3; ab12-9: ab12-9 x 0; abf: abf x 0", "": "", "%": "", "a_": "",
		"b'": "", "bb": "",
	} {
		events, err := s.Find(t.Context(), id, 9)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, id, strings.Join(saidEvents(events), "; "), want)
	}
	events, err := s.Find(t.Context(), "ab", 1)
	if err != nil || len(events) != 1 || string(events[0].Body) != "body of ab12" || events[0].Age != time.Second {
		t.Errorf("found %+v, %v", events, err)
	}
}

func deadEventsComeByTheirLastFailure(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "late", handler: "x", state: Dead, at: 1, attempts: 1},
		row{id: "early", handler: "x", state: Dead, at: 90, attempts: 1},
		row{id: "twice", handler: "x", state: Dead, at: 99, attempts: 1},
		row{id: "twice", handler: "y", state: Dead, at: 50, attempts: 1},
		row{id: "never", handler: "", state: Dead, at: 60}, row{id: "early", handler: "z", state: Finished, at: 10},
		row{id: "alive", handler: "z"})
	events, err := s.Dead(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "dead", saidEvents(events),
		[]string{"early: early x 3", "never: never  3", "twice: twice x 3, twice y 3", "late: late x 3"})
	if events[0].Body != nil {
		t.Error("the bodies are read, too")
	}
	for id, want := range map[string]string{"twice": "body of twice", "alive": "", "none": ""} {
		events, err := s.Dead(t.Context(), id, true)
		if err != nil || (len(events) == 1) != (want != "") || want != "" && string(events[0].Body) != want {
			t.Errorf("%s: %+v, %v", id, events, err)
		}
	}
}
