package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func whatIsRevivedWaitsAsIfItHadNeverFailed(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "a", handler: "x", state: Dead, at: 9, attempts: 5, error: "e", reason: "attempts"},
		row{id: "a", handler: "y", state: Dead, at: 9},
		row{id: "a", handler: "z", state: Finished, at: 9}, row{id: "b", handler: "x", state: Dead, at: 9},
		row{id: "c", handler: "x", at: 9})
	n, err := s.Revive(t.Context(), "a", []string{"x", "z", "unknown"})
	if err != nil || n != 1 {
		t.Errorf("revived %d, %v", n, err)
	}
	jobs, err := s.List(t.Context(), Filter{Most: 9})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "jobs", strings.Join(said(jobs), ", "), "a x 0, a y 3, a z 2, b x 3, c x 0")
	revived := jobs[0]
	revived.Event = Event{}
	wantEqual(t, "job", revived, Job{Number: 1, Run: 3, Handler: "x"})
	for _, id := range []string{"c", "none"} {
		if _, err := s.Revive(t.Context(), id, []string{"x"}); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func whatNobodyWantedIsRevivedForThoseThatWantItNow(t *testing.T, s *tables, _ *int64) {
	plant(t, s, row{id: "a", state: Dead, at: 9, reason: "unmatched"})
	for _, test := range []struct {
		handlers []string
		want     int
		left     string
		err      error
	}{{nil, 0, "a  3", nil}, {[]string{"x", "y"}, 2, "a x 0, a y 0", nil}, {[]string{"x"}, 0, "a x 0, a y 0", ErrNone}} {
		n, err := s.Revive(t.Context(), "a", test.handlers)
		if n != test.want || !errors.Is(err, test.err) {
			t.Errorf("revived %d, %v", n, err)
		}
		jobs, err := s.List(t.Context(), Filter{Most: 9})
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "jobs", strings.Join(said(jobs), ", "), test.left)
	}
}

func settlingEndsWhatSucceededAndKeepsTheRest(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "a", handler: "x", state: Dead, at: 9, attempts: 5, error: "e", reason: "attempts"},
		row{id: "a", handler: "y", state: Dead, at: 9, attempts: 5, error: "e", reason: "attempts"},
		row{id: "a", handler: "z", state: Dead, at: 9, attempts: 5, error: "e", reason: "attempts"},
		row{id: "b", state: Dead, at: 9, reason: "unmatched"})
	left, err := s.Settle(t.Context(), "a", []DeadEnd{
		{Handler: "x", Done: true}, {Handler: "y", Error: "new"}, {Handler: "z"}, {Handler: "other", Done: true},
	})
	if err != nil || left != 2 {
		t.Errorf("%d left, %v", left, err)
	}
	events, err := s.Dead(t.Context(), "a", false)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", saidEvents(events), []string{"a: a y 3, a z 3"})
	y, z := events[0].Jobs[0].Failed, events[0].Jobs[1].Failed
	wantEqual(t, "failed now", y, Failures{Attempts: 5, Count: 6, First: 9 * time.Second, Error: "new"})
	wantEqual(t, "as it was", z, Failures{Attempts: 5, Count: 5, First: 9 * time.Second, Last: 9 * time.Second, Error: "e"})

	for _, test := range []struct {
		ends []DeadEnd
		left int
		want string
	}{
		{nil, 1, "b  3"}, {[]DeadEnd{{Handler: "x", Done: true}, {Handler: "y", Error: "e"}, {Handler: "z"}}, 2, "b x 2, b y 3, b z 3"},
		{[]DeadEnd{{Handler: "y", Done: true}, {Handler: "z", Done: true}}, 0, "b x 2, b y 2, b z 2"},
	} {
		left, err := s.Settle(t.Context(), "b", test.ends)
		if err != nil || left != test.left {
			t.Errorf("%v: %d left, %v", test.ends, left, err)
		}
		found, err := s.Find(t.Context(), "b", 1)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, fmt.Sprint(test.ends), strings.Join(said(found[0].Jobs), ", "), test.want)
	}
	if left, err := s.Settle(t.Context(), "none", []DeadEnd{{Handler: "x", Done: true}}); left != 0 || err != nil {
		t.Errorf("of no event: %d, %v", left, err)
	}
}

func purgingRemovesWhatIsDeadAndTheEventWithTheLast(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "a", handler: "x", state: Dead}, row{id: "a", handler: "y", state: Dead}, row{id: "b", handler: "x", state: Dead},
		row{id: "b", handler: "y"}, row{id: "c", handler: "x", state: Finished})
	for id, want := range map[string]error{"a": nil, "b": nil, "c": ErrNone, "none": ErrNone} {
		if err := s.Purge(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
	for id, want := range map[string]string{"a": "", "b": "b: b y 0", "c": "c: c x 2"} {
		found, err := s.Find(t.Context(), id, 9)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, id, strings.Join(saidEvents(found), ""), want)
	}
}

func whatIsDoneIsRemovedWhenAllOfItHasBeenForLongEnough(t *testing.T, s *tables, _ *int64) {
	plant(t, s,
		row{id: "old", handler: "x", state: Finished, at: 100}, row{id: "old", handler: "y", state: Finished, at: 61},
		row{id: "half", handler: "x", state: Finished, at: 100}, row{id: "half", handler: "y", state: Finished, at: 59},
		row{id: "dead", handler: "x", state: Finished, at: 100}, row{id: "dead", handler: "y", state: Dead, at: 100},
		row{id: "runs", handler: "x", state: Running, at: 100}, row{id: "waits", handler: "x", at: 100})
	more, err := s.Clean(t.Context(), time.Minute)
	if err != nil || more {
		t.Errorf("%v, %v", more, err)
	}
	const all = `select id from vodworker_event order by id`
	left, err := collect(t.Context(), s.db, all, func(rows *sql.Rows) (id string, err error) {
		err = rows.Scan(&id)
		return id, err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", left, []string{"dead", "half", "runs", "waits"})
	if jobs, err := number(t.Context(), s.db, `select count(*) from vodworker_job`); err != nil || jobs != 6 {
		t.Errorf("%d jobs are left, %v", jobs, err)
	}
}

func cleaningDoesSomeAtATime(t *testing.T, s *tables, _ *int64) {
	for i := range cleaned + 1 {
		plant(t, s, row{id: fmt.Sprint(i), handler: "x", state: Finished, at: 100},
			row{id: fmt.Sprint(i), handler: "y", state: Finished, at: 100})
	}
	for i, want := range []bool{true, false} {
		more, err := s.Clean(t.Context(), time.Minute)
		left, countErr := number(t.Context(), s.db, `select count(*) from vodworker_event`)
		if err = errors.Join(err, countErr); err != nil || more != want || left != 1-i {
			t.Errorf("%d are left, more: %v, %v", left, more, err)
		}
	}
}
