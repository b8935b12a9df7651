package store

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// end is a turn that ends a run.
func (u *user) end(j Job, to State, more End) {
	u.t.Helper()
	more.Job, more.Run, more.To = j.Number, j.Run, to
	u.turn(Turn{Ends: []End{more}})
}

func oneSuspect(t *testing.T, u *user) {
	u.stores(3, event("a", "h"), event("b", "h"), event("c", "h"))
	for range Suspect {
		u.claims("h", "a", "b", "c")
		u.crash()
	}
	u.stores(1, event("calm", "h"))
	if jobs := u.turn(Turn{Claims: []Claim{{Handler: "h", Most: 9}}}).Claimed[0]; fmt.Sprint(ids(jobs)) != "[calm]" {
		t.Fatalf("without being asked for a suspect: %v", ids(jobs))
	}
	u.pass(time.Minute)
	u.stores(2, event("d", "h"), event("e", "h"))
	u.most = 2
	u.claims("h", "a", "d")
	u.claims("h", "b", "e")
	u.most = 1
	u.stores(1, event("f", "h"))
	u.claims("h", "c") // which waits for longer
	u.claims("h", "f")
}

func oneSuspectOfAllHandlers(t *testing.T, u *user) {
	u.stores(2, event("a", "g"), event("b", "h"))
	for range Suspect {
		u.claims("g", "a")
		u.claims("h", "b")
		u.crash()
	}
	u.stores(1, event("calm", "h"))
	all := Turn{Claims: []Claim{
		{Handler: "none", Most: 9, Suspect: true}, {Handler: "g", Most: 9, Suspect: true}, {Handler: "h", Most: 9, Suspect: true},
	}}
	for n, want := range []string{"[[] [a] [calm]]", "[[] [] [b]]"} {
		got := [][]string{}
		for _, jobs := range u.turn(all).Claimed {
			got = append(got, ids(jobs))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("claim %d: %v, want %v", n, got, want)
		}
	}
}

func startedTooOften(t *testing.T, u *user) {
	u.stores(2, event("a", "h"), event("other", "g"))
	for n := 1; n <= MaxStarts; n++ {
		if j := u.claims("h", "a")[0]; j.Starts != n || j.State != Running || j.Owner != u.me {
			t.Fatalf("start %d: %+v", n, j)
		}
		done := u.crash()
		if done.Gave != 1 || len(done.Dead) != n/MaxStarts {
			t.Fatalf("start %d: %+v", n, done)
		}
		if n == MaxStarts {
			j, why := done.Dead[0], "the process that ran it ended, 5 times"
			if j.State != Dead || j.Reason != ReasonCrashes || j.Owner != "" || j.Event.ID != "a" ||
				j.Failed.Count != 1 || j.Failed.Error != why {
				t.Errorf("told: %+v", j)
			}
		}
	}
	u.claims("h")
	dead, err := u.store.Dead(t.Context(), "", false)
	if err != nil || len(dead) != 1 || dead[0].Jobs[0].Reason != ReasonCrashes || dead[0].Jobs[0].Failed.Count != 1 {
		t.Errorf("dead: %+v, %v", dead, err)
	}
	if done := u.crash(); done.Gave != 0 || len(done.Dead) != 0 {
		t.Errorf("told again: %+v", done)
	}
}

func leastFirst(t *testing.T, u *user) {
	u.stores(3, event("often", "h"), event("once", "h"), event("never", "h"))
	for i, j := range u.claims("h", "often", "once", "never") {
		u.end(j, Waiting, End{Failed: Failures{Count: []int{5, 1, 0}[i]}})
		u.pass(time.Second)
	}
	least := Turn{Claims: []Claim{{Handler: "h", Most: 2, Least: true}}}
	if jobs := u.turn(least).Claimed[0]; fmt.Sprint(ids(jobs)) != "[never once]" {
		t.Errorf("claimed %v", ids(jobs))
	}
}

func pauseEnds(t *testing.T, u *user) {
	u.stores(2, event("a", "h"), event("b", "h"))
	for i, j := range u.claims("h", "a", "b") {
		u.end(j, Waiting, End{After: time.Duration(2-i) * time.Hour})
	}
	u.claims("h")
	u.pass(time.Hour)
	u.claims("h", "b")
	u.pass(time.Hour)
	u.claims("h", "a")
}

func oddTexts(t *testing.T, u *user) {
	e := event("a", "h")
	e.Type, e.Handle, e.Body = "T\x00\xff", "h\x00", []byte("\x00\xff")
	e.File, e.Task = strings.Repeat("f\x00é", 9000), strings.Repeat("t", 9000)
	for i := range 3000 { // what can't be packed
		e.Task += fmt.Sprint(i * i * 7919)
	}
	u.stores(1, e)
	j := u.claims("h", "a")[0]
	if j.Event.Type != "T\uFFFD" || j.Event.Handle != "h" || string(j.Event.Body) != "\x00\xff" {
		t.Errorf("%+v", j.Event)
	}
	if len(j.Event.File) > 1010 || len(j.Event.Task) > 1010 {
		t.Errorf("%d, %d bytes are no names to find it by", len(j.Event.File), len(j.Event.Task))
	}
	if found, err := u.store.Find(t.Context(), e.Task, 9); err != nil || len(found) != 1 {
		t.Errorf("by its whole name %d are found, %v", len(found), err)
	}
	u.end(j, Dead, End{Reason: "r\x00", Failed: Failures{Count: 1, Error: "e\x00\xff"}})
	if _, err := u.store.Settle(t.Context(), "a", []DeadEnd{{Handler: "h", Error: "new\x00\xff"}}); err != nil {
		t.Fatal(err)
	}
	dead, err := u.store.Dead(t.Context(), "a", true)
	if err != nil || len(dead) != 1 || dead[0].Jobs[0].Failed.Error != "new\uFFFD" || dead[0].Jobs[0].Reason != "r" {
		t.Errorf("%+v, %v", dead, err)
	}
}

func givenUp(t *testing.T, u *user) {
	known := Failures{Attempts: 2, Count: 3, First: time.Hour, Last: time.Minute, Error: "no"}
	early := event("early", "h", "g")
	early.Reason, early.Failed = "unmatched", known
	u.stores(2, event("late", "h"), early)
	u.end(u.claims("h", "late")[0], Dead, End{Reason: "attempts", Failed: known})
	u.claims("h")
	u.claims("g")
	for id, want := range map[string]string{"early": "unmatched", "late": "attempts"} {
		dead, err := u.store.Dead(t.Context(), id, true)
		if err != nil || len(dead) != 1 || string(dead[0].Body) != id {
			t.Fatalf("%s: %+v, %v", id, dead, err)
		}
		for _, j := range dead[0].Jobs {
			f := j.Failed
			first, last := f.First.Round(time.Minute), f.Last.Round(time.Minute)
			f.First, f.Last = first, last
			if j.Reason != want || f != known || j.Starts != 0 {
				t.Errorf("%s: %+v", id, j)
			}
		}
	}
}

func storedOnce(t *testing.T, u *user) {
	first, second := event("a", "h"), event("a", "h", "g")
	second.Body = []byte("second")
	u.stores(2, first, event("b", "h"), second)
	if j := u.claims("h", "a", "b")[0]; string(j.Event.Body) != "a" {
		t.Errorf("body %q", j.Event.Body)
	}
	u.claims("g")
}
