package events_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
)

// A legacyEvent is a callback in the 2.0 format, and what is to be read from it.
type legacyEvent struct {
	raw     string
	typ     events.Type
	file    string
	task    string
	status  string
	repeats bool
}

var legacy = map[string]legacyEvent{
	"an upload": {
		raw: `{"version":"4.0","eventType":"NewFileUpload","data":{"status":0,"message":"","fileId":"14508071098244929440",` +
			`"fileUrl":"http://example.com/a.mp4","procedureTaskId":"","continuePolling":0,"sourceContext":"c"}}`,
		typ: events.NewFileUpload, file: "14508071098244929440", status: "0",
	},
	"a task flow": {
		raw: "{\n    \"version\": \"4.0\",\n    \"eventType\": \"ProcedureStateChanged\",\n    \"data\": {\n" +
			`        "vodTaskId": "1400155958-Procedure-2e1af2456351812be963e309cc133403t0", "status": "FINISH", "message": "",` +
			`"errCode": 0, "fileId": "5285890784246869930", "processTaskList": [{"taskType": "Transcode", "status": "SUCCESS",` +
			`"input": {"definition": 10}, "output": {"url": "http://example.com/a.f10.mp4"}}], "contentReviewList": []}}`,
		typ: events.ProcedureStateChanged, file: "5285890784246869930",
		task: "1400155958-Procedure-2e1af2456351812be963e309cc133403t0", status: "FINISH",
	},
	"deleted files, and version as a number": {
		raw: `{"version":4.0,"eventType":"FileDeleted","data":{"status":0,"fileInfo":[{"fileId":"24961954183381008"},{"fileId":"2"}]}}`,
		typ: events.FileDeleted, file: "24961954183381008", status: "0", repeats: true,
	},
	"a clip": {
		raw: `{"version":4,"eventType":"ClipComplete","data":{"status":0,"vodTaskId":"clip-1","srcFileId":"7","fileInfo":{"fileId":"8"}}}`,
		typ: events.ClipComplete, file: "7", task: "clip-1", status: "0",
	},
	"a fileId that is a number": {
		raw: `{"eventType":"PullComplete","version":"4","data":{"vodTaskId":"pull-1","fileId":14508071098244959037}}`,
		typ: events.PullComplete, file: "14508071098244959037", task: "pull-1",
	},
	"today's names in data": {
		raw: `{"version":"4.0","eventType":"EditMediaComplete","data":{"TaskId":"edit-1","Status":"FINISH","Output":{"FileId":"9"}}}`,
		typ: events.EditMediaComplete, file: "9", task: "edit-1", status: "FINISH",
	},
	"a signed one": {
		raw: `{"version":"4.0","eventType":"NewFileUpload","data":{"fileId":"1"},"Sign":"s","T":1700000600}`,
		typ: events.NewFileUpload, file: "1",
	},
	"a type that is not known": {
		raw: `{"version":"4.0","eventType":"Whatever","data":{}}`,
		typ: "Whatever", repeats: true,
	},
}

func TestTheOldFormatIsRead(t *testing.T) {
	for name, want := range legacy {
		t.Run(name, func(t *testing.T) {
			e := decode(t, []byte(want.raw))
			got := legacyEvent{string(e.Raw), e.Type, e.FileID(), e.TaskID(), e.Status(), e.Repeats()}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(legacyEvent{})); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEventInTheOldFormatHasOneKey(t *testing.T) {
	key := decode(t, []byte(legacy["an upload"].raw)).Key()
	for name, content := range legacy {
		if same := decode(t, []byte(content.raw)).Key() == key; same != (name == "an upload") {
			t.Errorf("%s: same key %v", name, same)
		}
	}
	signed := `{"T":"1700000600", "sign":"s","data":{"fileId":"1"},"eventType":"NewFileUpload","version":"4.0"}`
	if decode(t, []byte(signed)).Key() != decode(t, []byte(legacy["a signed one"].raw)).Key() {
		t.Error("the key depends on the signature, or on the order")
	}
}

// An event that says what it is in today's format is in that format.
func TestEventTypeGoesBeforeTheOldFormats(t *testing.T) {
	e := decode(t, []byte(`{"version":"4.0","eventType":"Old","EventType":"New"}`))
	if e.Type != "New" {
		t.Errorf("got %q", e.Type)
	}
}
