package broker

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

func event(kind, file string) events.Event {
	text, _ := json.Marshal(map[string]any{"EventHandle": "h", "EventType": kind, "FileUploadEvent": map[string]string{"FileId": file}})
	e := events.Split([]byte("[" + string(text) + "]"))[0]
	e.SubAppID = 1500000001
	return e
}

func TestANameIsMadeOfFields(t *testing.T) {
	for _, test := range []struct {
		text    string
		event   events.Event
		unknown sink.UnknownTypes
		want    string
	}{
		{"vod", event("NewFileUpload", "1"), "", "vod"},
		{"vod.{type}", event("NewFileUpload", "1"), "", "vod.NewFileUpload"},
		{"{sub_app_id}-{type}-{file_id}", event("NewFileUpload", "5285890784246869930"), "", "1500000001-NewFileUpload-5285890784246869930"},
		{"{{x}.{type}", event("NewFileUpload", "1"), "", "{x}.NewFileUpload"},
		{"vod.{type}", event("BrandNew", "1"), "", "vod.other"},
		{"vod.{type}", event("BrandNew", "1"), sink.UnknownTypesOther, "vod.other"},
		{"vod.{type}", event("BrandNew", "1"), sink.UnknownTypesAsIs, "vod.BrandNew"},
		{"vod.{type}", event("", "1"), sink.UnknownTypesAsIs, "vod.other"},
		{"vod.{type}", event("a.b*", "1"), "", "vod.other"},
		{"vod.{file_id}", event("NewFileUpload", ""), "", "vod.none"},
	} {
		name, err := ParseName(test.text, test.unknown, FieldType, FieldApp, FieldFile)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got, err := name.Of(test.event); err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

// What an end user has written makes no subject of several parts, and no wildcard.
func TestWhatCannotStandInANameIsTheEventsFault(t *testing.T) {
	for _, test := range []struct {
		text  string
		event events.Event
	}{
		{"vod.{file_id}", event("NewFileUpload", "a.b")},
		{"vod.{file_id}", event("NewFileUpload", "*")},
		{"vod.{file_id}", event("NewFileUpload", "a b")},
		{"vod.{file_id}", event("NewFileUpload", "上传")},
		{"vod.{type}", event("x>y", "1")},
	} {
		name, err := ParseName(test.text, sink.UnknownTypesAsIs, FieldType, FieldFile)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := name.Of(test.event); !worker.IsPermanent(err) {
			t.Errorf("%s: %q, %v", test.text, got, err)
		}
	}
}

func TestAnUnknownFieldIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"vod.{file_id}": "{file_id} is no field here; write {type}, {sub_app_id}, or {{ for a brace",
		"vod.{":         "it has a { without its }; write {{ for a brace",
		"vod.{}":        "{} is no field here; write {type}, {sub_app_id}, or {{ for a brace",
	} {
		if _, err := ParseName(text, "", FieldType, FieldApp); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAFixedNameIsKnownBefore(t *testing.T) {
	for text, want := range map[string]string{"vod": "vod", "a{{b}": "a{b}", "vod.{type}": ""} {
		name, err := ParseName(text, "", FieldType)
		if err != nil {
			t.Fatal(err)
		}
		if got, is := name.Fixed(); got != want || is != (want != "") {
			t.Errorf("%s: %q, %v", text, got, is)
		}
	}
}

func TestFieldsSayWhatAConsumerSortsBy(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	e := events.Split([]byte(`[{"EventHandle":"h","EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":` +
		`{"TaskId":"0-Procedure-1t0","FileId":"7","SessionContext":"` + trace + `"}}]`))[0]
	e.SubAppID = 1500000001
	m, err := sink.NewMessage(e, sink.FormatCloudEvents)
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{"content-type", "application/cloudevents+json"}, {"vod-event-type", "ProcedureStateChanged"}, {"vod-event-id", e.ID()}, {"vod-file-id", "7"},
		{"vod-task-id", "0-Procedure-1t0"}, {"vod-sub-app-id", "1500000001"}, {"traceparent", trace},
	}
	if got := Fields(e, m, "ce-"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A value of an event ends no header, and begins no other.
func TestFieldsAreOneLineEach(t *testing.T) {
	e := event("New\r\nX-Evil: 1", "1\x00")
	m, err := sink.NewMessage(e, sink.FormatCloudEventsBinary)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range Fields(e, m, "ce-") {
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			t.Errorf("%s is %q", f.Name, f.Value)
		}
		seen[f.Name] = f.Value
	}
	if seen["ce-id"] != m.ID || seen["vod-event-id"] != m.ID || seen["vod-sub-app-id"] != "1500000001" || seen["content-type"] != "application/json" {
		t.Errorf("%q", seen)
	}
	if _, there := seen["vod-task-id"]; there {
		t.Error("a task that is not there has a header")
	}
}

// Without its type it would be no CloudEvent. All else is in the body too.
func TestOnlyWhatAMessageCanDoWithoutIsLeftOutWhereItIsLong(t *testing.T) {
	e := event("New"+strings.Repeat("x", 2000), strings.Repeat("1", 2000))
	m, err := sink.NewMessage(e, sink.FormatCloudEventsBinary)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range Fields(e, m, "ce-") {
		seen[f.Name] = f.Value
	}
	for name, want := range m.Attributes {
		if seen["ce-"+name] != want {
			t.Errorf("%s is %.40q, want %.40q", name, seen["ce-"+name], want)
		}
	}
	if seen["vod-event-type"] != "" || seen["vod-file-id"] != "" || seen["vod-event-id"] != m.ID {
		t.Errorf("%q", seen)
	}
}
