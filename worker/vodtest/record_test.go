package vodtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEachEventIsRecordedInOrderBeforeAnybodyHasIt(t *testing.T) {
	var recorded []Sent
	bubble(t, Config{Record: func(s Sent) { recorded = append(recorded, s) }}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		pulled := make(chan int)
		go func() {
			_, err := e.Pull(t.Context(), appID)
			if err != nil {
				t.Error(err)
			}
			pulled <- len(recorded) // it happened before, or the race detector says so
		}()
		time.Sleep(time.Second)
		file := e.Upload(appID, "lighthouse.mp4")
		if got := <-pulled; got != 1 {
			t.Errorf("when the event was pulled, %d were recorded", got)
		}
		time.Sleep(time.Second)
		e.Delete(appID, file) // nobody hears of it
		if err := e.Send(7, []byte(`{"Big": 12345678901234567890, "EventHandle": "x"}`)); err != nil {
			t.Error(err)
		}
		if err := e.PushTo(appID, "http://receiver.invalid/", ""); err != nil {
			t.Error(err)
		}
		e.Reset() // its mode is PULL again
		e.Process(appID, file, "")
		var got []string
		for _, s := range recorded {
			what, _, _ := strings.Cut(string(s.Event[1:]), ",")
			got = append(got, fmt.Sprint(s.Time.Sub(start), " ", s.SubAppID, " ", what))
		}
		want := []string{`1s 1500000001 "EventType":"NewFileUpload"`, `2s 7 "Big": 12345678901234567890}`,
			`2s 1500000001 "EventType":"ProcedureStateChanged"`}
		if !slices.Equal(got, want) {
			t.Errorf("recorded are %q, want %q", got, want)
		}
	})
}

func TestAnEventThatIsPostedOrLostIsRecordedToo(t *testing.T) {
	recorded := 0
	bubble(t, Config{NewAccount: true, Record: func(Sent) { recorded++ }}, func(t *testing.T, e *Emulator) {
		e.Process(appID, "1", "") // the mode is PUSH, without a URL
		if recorded != 1 {
			t.Errorf("%d events are recorded, want 1", recorded)
		}
	})
}

func TestAnEventIsRecordedWithTheEmulatorsTimeInUTC(t *testing.T) {
	var recorded []Sent
	bubble(t, Config{Record: func(s Sent) { recorded = append(recorded, s) }}, func(t *testing.T, e *Emulator) {
		advance(t, e, time.Hour)
		e.Upload(appID, "lighthouse.mp4")
		if want := time.Now().Add(time.Hour).UTC(); len(recorded) != 1 || recorded[0].Time != want {
			t.Errorf("%d are recorded, want one at %v", len(recorded), want)
		}
	})
}
