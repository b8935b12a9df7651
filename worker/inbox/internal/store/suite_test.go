package store

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"
	"time"
)

// suite is what every kind of database must do.
// place makes empty tables for a test, and returns what opens them, again and again.
func suite(t *testing.T, place func(t *testing.T) (open func(Options) Store)) {
	tests := map[string]func(*testing.T, *user){
		"AnEventIsStoredOnce": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h", "g"))
			u.stores(0, event("a", "h", "g", "new"))
			u.stores(1, event("a", "h"), event("b", "h"))
			u.claims("h", "a", "b")
			u.claims("g", "a")
			u.claims("new")
		},
		"ALetterOfAnEventThatIsThereIsKeptForHandlersThatHaveNoJob": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			late := event("a", "h", "other", "")
			late.Reason, late.Failed = "last_try", Failures{Attempts: 2, Count: 2, Error: "it broke"}
			u.stores(0, late)
			u.stores(0, late)
			dead, err := u.store.Dead(context.Background(), "a", true)
			if err != nil || len(dead) != 1 || len(dead[0].Jobs) != 1 || dead[0].Jobs[0].Handler != "other" ||
				dead[0].Jobs[0].Failed.Error != "it broke" {
				t.Errorf("dead: %+v, %v", dead, err)
			}
			u.claims("h", "a")
		},
		"AClockThatIsSetBackKeepsNothingAsleep": func(t *testing.T, u *user) {
			u.stores(2, event("a", "h"), event("b", "h"))
			for i, j := range u.claims("h", "a", "b") {
				rest := []time.Duration{time.Minute, 1000 * time.Hour}[i]
				u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Waiting, After: rest}}})
			}
			if _, err := u.store.Clean(context.Background(), time.Hour); err != nil {
				t.Fatal(err)
			}
			u.claims("h", "b")
		},
		"ClaimsAreInOrderAndNeverTwice": func(t *testing.T, u *user) {
			for i := range 5 {
				u.stores(1, event(fmt.Sprint(i), "h"))
			}
			u.most = 3
			u.claims("h", "0", "1", "2")
			u.claims("h", "3", "4")
			u.claims("h")
		},
		"TheBodyIsThereByteForByte": func(t *testing.T, u *user) {
			big, zeros := event("big", "h"), event("zeros", "h")
			big.Body, big.App = bytes.Repeat([]byte("\x00\xff{}"), 2<<20), math.MaxInt64
			zeros.Body = []byte("\x00a\x00")
			empty := event("empty", "h")
			u.stores(3, big, zeros, empty)
			u.reopen()
			for i, j := range u.claims("h", "big", "zeros", "empty") {
				want := []Event{big, zeros, empty}[i]
				if !bytes.Equal(j.Event.Body, want.Body) || j.Event.App != want.App {
					t.Errorf("%s: another body or app came back", want.ID)
				}
			}
		},
		"AFinishOfAnOldRunChangesNothing": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			old := u.claims("h", "a")[0]
			u.turn(Turn{Ends: []End{{Job: old.Number, Run: old.Run, To: Waiting}}})
			now := u.claims("h", "a")[0]
			if now.Run != old.Run+1 {
				t.Errorf("run %d after %d", now.Run, old.Run)
			}
			for _, to := range []State{Finished, Waiting, Dead} {
				u.turn(Turn{Ends: []End{{Job: old.Number, Run: old.Run, To: to}}})
			}
			u.claims("h") // none waits
			u.turn(Turn{Ends: []End{{Job: now.Number, Run: now.Run, To: Waiting}}})
			u.claims("h", "a") // none of them ended it
		},
		"ALateSuccessCountsWhileNobodyHasBegunAgain": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			j := u.claims("h", "a")[0]
			u.turn(Turn{Forgotten: true})
			u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Finished}}})
			u.claims("h")
		},
		"ALateFailureDoesNotCount": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			j := u.claims("h", "a")[0]
			u.turn(Turn{Forgotten: true})
			u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Dead, Reason: "failed"}}})
			u.claims("h", "a")
		},
		"FailuresAreKept": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			j := u.claims("h", "a")[0]
			f := Failures{Attempts: 2, Count: 3, First: time.Hour, Last: time.Minute, Error: "no"}
			u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Waiting, Failed: f}}})
			got := u.claims("h", "a")[0].Failed
			if got.Attempts != 2 || got.Count != 3 || got.Error != "no" || got.First < time.Hour || got.Last < time.Minute {
				t.Errorf("kept: %+v", got)
			}
		},
		"WhatRestsIsNotClaimed": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			j := u.claims("h", "a")[0]
			u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Waiting, After: time.Hour}}})
			u.claims("h")
		},
		"WhatIsHeldIsNotForgotten": func(t *testing.T, u *user) {
			u.stores(2, event("a", "h"), event("b", "h"))
			jobs := u.claims("h", "a", "b")
			u.turn(Turn{Forgotten: true, Held: []Ref{{jobs[0].Number, jobs[0].Run}}})
			if j := u.claims("h", "b")[0]; j.Starts != 1 || j.Run != 2 {
				t.Errorf("run %d, starts %d, want 2, 1", j.Run, j.Starts)
			}
		},
		"AJobClaimedAnewWhenItsEndWasWrittenUnheardIsGivenBack": func(t *testing.T, u *user) {
			for _, to := range []State{Waiting, Finished} {
				u.stores(1, event(fmt.Sprint(to), "h"))
				j := u.claims("h", fmt.Sprint(to))[0]
				claim := []Claim{{Handler: "h", Most: 1}}
				u.turn(Turn{Ends: []End{{Job: j.Number, Run: j.Run, To: Waiting}}, Claims: claim}) // nobody hears of it
				again := u.turn(Turn{
					Forgotten: true, Held: []Ref{{j.Number, j.Run}}, Ends: []End{{Job: j.Number, Run: j.Run, To: to}}, Claims: claim,
				}).Claimed[0]
				if len(again) != 1 || again[0].Run != 3 || again[0].Starts != 1 {
					t.Fatalf("ended as %d: claimed %+v", to, again)
				}
				u.turn(Turn{Ends: []End{{Job: j.Number, Run: again[0].Run, To: Finished}}})
			}
		},
		"WhoLeavesHasStartedNothing": func(t *testing.T, u *user) {
			u.stores(1, event("a", "h"))
			u.claims("h", "a")
			u.turn(Turn{Leave: true})
			u.me = "next"
			u.turn(Turn{Beat: true, Join: true})
			if j := u.claims("h", "a")[0]; j.Starts != 1 {
				t.Errorf("starts %d, want 1", j.Starts)
			}
		},
		"OneSuspectIsAmongWhatIsClaimedIfItMayBe": oneSuspect,
		"OneSuspectIsAmongAllThatATurnClaims":     oneSuspectOfAllHandlers,
		"WhatWasStartedTooOftenIsGivenUp":         startedTooOften,
		"WhatHasFailedLeastIsClaimedFirstIfAsked": leastFirst,
		"APauseEnds":                                pauseEnds,
		"TextsAreWhatAnyDatabaseHolds":              oddTexts,
		"WhatIsGivenUpIsDeadAndKeepsWhatIsKnown":    givenUp,
		"OfTwoEventsOfOneIDInATurnTheFirstIsStored": storedOnce,
		"WhatIsDeadFromTheStartIsNotClaimed": func(t *testing.T, u *user) {
			e := event("a", "")
			e.Reason = "unmatched"
			u.stores(1, e)
			u.claims("")
		},
		"ItDoesWhatAModelDoes": doesWhatAModelDoes,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := &user{t: t, open: place(t), me: "me", most: 16}
			u.store = u.open(Options{})
			defer func() { _ = u.store.Close() }()
			u.turn(Turn{Beat: true, Join: true})
			test(t, u)
		})
	}
}
