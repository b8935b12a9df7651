package events_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
)

func TestDecodeTakesOneEventContent(t *testing.T) {
	for _, raw := range []string{
		`{"EventType":"FileDeleted"}`,
		" \n{ \"FileDeleteEvent\" : null , \"EventType\" : \"FileDeleted\" }\n",
	} {
		got, err := events.Decode([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(events.Event{Type: events.FileDeleted, Raw: []byte(raw)}, got); diff != "" {
			t.Errorf("differs (-want +got):\n%s", diff)
		}
	}
}

func TestDecodeReadsAHandleThatIsThere(t *testing.T) {
	if e := decode(t, []byte(`{"EventHandle":"h","EventType":"A newer type"}`)); e.Handle != "h" || e.Type != "A newer type" {
		t.Errorf("got %+v", e)
	}
}

func TestDecodeRefusesWhatIsNoEvent(t *testing.T) {
	const notJSON, noType = "not valid JSON", "no EventType"
	for raw, want := range map[string]string{
		"":                              notJSON,
		"  ":                            notJSON,
		`{"EventType":"FileDeleted"`:    notJSON,
		`{"EventType":"FileDeleted"} {`: notJSON,
		`{"EventType":"FileDeleted",}`:  notJSON,
		"version=4.0&eventType=x":       notJSON,
		"null":                          noType,
		"[]":                            noType,
		`[{"EventType":"FileDeleted"}]`: noType,
		`"FileDeleted"`:                 noType,
		"{}":                            noType,
		`{"EventType":""}`:              noType,
		`{"EventType":7}`:               noType,
		`{"eventType":"NewFileUpload","version":"5.0","data":{"fileId":"1"}}`: noType,
		`{"eventType":"NewFileUpload","data":{"fileId":"1"}}`:                 noType,
		`{"eventType":7,"version":"4.0","data":{"fileId":"1"}}`:               noType,
		`{"version":"4.0","data":{"eventType":"NewFileUpload"}}`:              noType,
	} {
		e, err := events.Decode([]byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", raw, err, want)
		}
		if diff := cmp.Diff(events.Event{}, e); diff != "" {
			t.Errorf("%s: an event in spite of the error:\n%s", raw, diff)
		}
	}
}

// The error goes to a log: a body of megabytes must not.
func TestDecodesErrorsAreShort(t *testing.T) {
	_, err := events.Decode([]byte(`{"data":"` + strings.Repeat("\x7f", 1<<20) + `"}`))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("got %d bytes", len(err.Error()))
	}
}
