package vodtest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// New FileIds may be a little shorter than those in the fixtures.
var someIDs = regexp.MustCompile(`[0-9]+-\w+-[0-9a-f]{32}t0|\b[0-9]{15,20}\b`)

// Of the documented types only MediaCastStatusChanged is about neither a file nor a task.
func TestEmitMakesEachTypeANewEvent(t *testing.T) {
	for _, eventType := range Fixtures() {
		t.Run(eventType, func(t *testing.T) {
			e := New(Config{Hold: -1})
			for range 2 {
				if err := e.Emit(7, eventType); err != nil {
					t.Fatal(err)
				}
			}
			items := e.Queued(7)
			if len(items) != 2 {
				t.Fatalf("%d events are queued", len(items))
			}
			if same := bytes.Equal(items[0].Content, items[1].Content); same != (eventType == "MediaCastStatusChanged") {
				t.Errorf("the same event twice: %v: %s", same, items[0].Content)
			}
			fixture, err := Fixture(eventType)
			if err != nil {
				t.Fatal(err)
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, fixture); err != nil {
				t.Fatal(err)
			}
			mask := func(content []byte) string { return someIDs.ReplaceAllString(string(content), "ID") }
			if got, want := mask(items[0].Content), mask(compact.Bytes()); got != want {
				t.Errorf("but for its IDs it is %s, want %s", got, want)
			}
		})
	}
}

func TestEmitGivesTheSameOldIDTheSameNewOne(t *testing.T) {
	e := New(Config{Hold: -1})
	if err := e.Emit(7, "FileDeleted"); err != nil {
		t.Fatal(err)
	}
	var event struct {
		FileDeleteEvent struct {
			FileIdSet            []string
			FileDeleteResultInfo []struct{ FileId string }
		}
	}
	content := e.Queued(7)[0].Content
	if err := json.Unmarshal(content, &event); err != nil {
		t.Fatal(err)
	}
	set, results := event.FileDeleteEvent.FileIdSet, event.FileDeleteEvent.FileDeleteResultInfo
	if len(set) != 2 || len(results) != 2 || set[0] == set[1] || set[0] != results[0].FileId || set[1] != results[1].FileId {
		t.Errorf("event is %s", content)
	}
	if err := e.Emit(7, "ProcedureStateChanged"); err != nil {
		t.Fatal(err)
	}
	if content := e.Queued(7)[1].Content; !strings.Contains(string(content), `"TaskId":"7-Procedure-`) {
		t.Errorf("event is %s", content)
	}
}

func TestEmitRefusesATypeWithoutAFixture(t *testing.T) {
	e := New(Config{})
	for _, eventType := range []string{"NoSuchEvent", "", "../fixtures/NewFileUpload"} {
		if err := e.Emit(7, eventType); err == nil {
			t.Errorf("Emit takes %q", eventType)
		}
	}
	if got := e.Stats(7); got.Sent != 0 {
		t.Errorf("%d events were sent", got.Sent)
	}
}
