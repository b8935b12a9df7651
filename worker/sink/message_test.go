package sink_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/sink"
)

func TestAMessageIsTheSameEventInEachFormat(t *testing.T) {
	const body = `{"EventType":"NewFileUpload", "FileUploadEvent":{"FileId":"1 é","n":1.50}}`
	e := event(`{"EventHandle":"h",` + body[1:])
	e.SubAppID = 7
	id := e.ID()
	for format, want := range map[sink.Format]sink.Message{
		"":                  {ContentType: "application/json", Body: []byte(body)},
		sink.FormatCallback: {ContentType: "application/json", Body: []byte(body)},
		sink.FormatCloudEvents: {ContentType: "application/cloudevents+json", Body: []byte(
			`{"specversion":"1.0","id":"` + id + `","source":"//vod.tencentcloudapi.com/subapps/7",` +
				`"type":"com.tencentcloud.vod.NewFileUpload","subject":"1 é","datacontenttype":"application/json",` +
				`"partitionkey":"1 é","data":` + body + `}`)},
		sink.FormatCloudEventsBinary: {ContentType: "application/json", Body: []byte(body), Attributes: map[string]string{
			"specversion": "1.0", "id": id, "source": "//vod.tencentcloudapi.com/subapps/7",
			"type": "com.tencentcloud.vod.NewFileUpload", "subject": "1 é", "partitionkey": "1 é",
		}},
	} {
		want.ID, want.Type = id, "NewFileUpload"
		got, err := sink.NewMessage(e, format)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got:\n%s", format, err, diff)
		}
	}
}

func TestAMessageHasNoAttributeThatTheEventLacks(t *testing.T) {
	m, err := sink.NewMessage(event(`5`), sink.FormatCloudEventsBinary)
	want := map[string]string{
		"specversion": "1.0", "id": m.ID, "source": "//vod.tencentcloudapi.com/subapps/0", "type": "com.tencentcloud.vod",
	}
	if diff := cmp.Diff(want, m.Attributes); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestThereIsNoMessageInAFormatThatThereIsNot(t *testing.T) {
	_, err := sink.NewMessage(event(uploadJSON), "xml")
	if want := `format is "xml", want "callback", "cloudevents" or "cloudevents-binary"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
