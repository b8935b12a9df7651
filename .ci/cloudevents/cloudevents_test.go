// Package cloudevents reads what the sinks of brokers have handed over with the official SDK of CloudEvents, where that has a
// receiver.
package cloudevents

import (
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// uploads are events as the API pulls them.
var uploads = map[string]string{
	"all attributes": `{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784246869930"},"SourceContext":"` + traceparent + `"}`,
	"white space":    `{ "EventType" : "NewFileUpload", "FileUploadEvent" : {"FileId":"1", "n": 1.50} }`,
	"characters":     `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"2","MediaBasicInfo":{"Name":"上传 é😀 %41 \u2028"}}}`,
	"no file":        `{"EventType":"EditMediaComplete","EditMediaCompleteEvent":{"TaskId":"1500000001-task"}}`,
}

// read hands events to a sink in both modes, and has each read by the SDK: next returns the last that has arrived.
func read(t *testing.T, open func(*testing.T, sink.Format) sink.Sink, next func(context.Context, *testing.T) binding.Message) {
	t.Helper()
	for format, want := range map[sink.Format]binding.Encoding{
		sink.FormatCloudEvents: binding.EncodingStructured, sink.FormatCloudEventsBinary: binding.EncodingBinary,
	} {
		to := open(t, format)
		for name, text := range uploads {
			t.Run(string(format)+"/"+name, func(t *testing.T) {
				e := events.Split([]byte("[" + text + "]"))[0]
				e.SubAppID = 1500000001
				if err := to.Handle(t.Context(), e); err != nil {
					t.Fatal(err)
				}
				m := next(t.Context(), t)
				if got := m.ReadEncoding(); got != want {
					t.Errorf("the SDK takes it for %v, want %v", got, want)
				}
				got, err := binding.ToEvent(t.Context(), m)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, *got, e)
			})
		}
		if err := to.Close(); err != nil {
			t.Error(err)
		}
	}
}

// compare sees that all of e is in got, and nothing else.
func compare(t *testing.T, got event.Event, e events.Event) {
	t.Helper()
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	m, err := sink.NewMessage(e, sink.FormatCloudEventsBinary)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{"specversion": got.SpecVersion(), "id": got.ID(), "source": got.Source(), "type": got.Type()}
	if subject := got.Subject(); subject != "" {
		attributes["subject"] = subject
	}
	for name, value := range got.Extensions() {
		attributes[name], _ = value.(string)
	}
	if !maps.Equal(attributes, m.Attributes) {
		t.Errorf("attributes %q, want %q", attributes, m.Attributes)
	}
	if got.DataContentType() != "application/json" || !json.Valid(got.Data()) || string(got.Data()) != string(e.Body()) {
		t.Errorf("%s %s, want %s", got.DataContentType(), got.Data(), e.Body())
	}
	if !got.Time().IsZero() {
		t.Errorf("a time that VOD has not said: %v", got.Time())
	}
}
