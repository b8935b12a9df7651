package sink_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A received CloudEvent is what the official SDK reads from a request.
type received struct {
	event  *cloudevents.Event
	header http.Header
	body   []byte
}

// receiveCloudEvents runs a server that reads each request with the official SDK, and verifies its signature.
func receiveCloudEvents(t *testing.T) (*httptest.Server, <-chan received) {
	verifier, err := standardwebhooks.NewWebhook(base64Secret)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan received, 1)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if err := verifier.Verify(body, r.Header); err != nil {
			t.Errorf("the signature: %v", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		event, err := cehttp.NewEventFromHTTPRequest(r)
		if err == nil {
			err = event.Validate()
		}
		if err != nil {
			t.Errorf("the official SDK refuses it: %v; %v %s", err, r.Header, body)
			event = &cloudevents.Event{Context: &cloudevents.EventContextV1{}}
		}
		got <- received{event, r.Header, body}
	})
	return server, got
}

// attributes are those of a CloudEvent that are ours to set.
type attributes struct {
	Version, ID, Source, Type, Subject, ContentType, Key string
}

func attributesOf(e *cloudevents.Event, decode func(string) string) attributes {
	key, _ := e.Extensions()["partitionkey"].(string)
	return attributes{
		Version: e.SpecVersion(), ID: e.ID(), Source: e.Source(), Type: decode(e.Type()), Subject: decode(e.Subject()),
		ContentType: e.DataContentType(), Key: decode(key),
	}
}

// postCloudEvent posts e in both modes, and checks all that the official SDK makes of it but the attributes, which it returns.
func postCloudEvent(t *testing.T, e events.Event) (both attributes) {
	t.Helper()
	for _, format := range []sink.Format{sink.FormatCloudEvents, sink.FormatCloudEventsBinary} {
		server, posts := receiveCloudEvents(t)
		hook := newWebhook(t, sink.WebhookOptions{URL: server.URL, Secret: base64Secret, Format: format})
		if err := hook.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		got := <-posts
		if !bytes.Equal(got.event.Data(), e.Body()) {
			t.Errorf("%s: data is %s, want %s", format, got.event.Data(), e.Body())
		}
		if !got.event.Time().IsZero() {
			t.Errorf("%s: it has a time: %v", format, got.event.Time())
		}
		if extensions := got.event.Extensions(); len(extensions) > 1 || len(extensions) == 1 && extensions["partitionkey"] == nil {
			t.Errorf("%s: it has extensions: %v", format, extensions)
		}
		if id := got.header.Get("webhook-id"); got.event.ID() != id {
			t.Errorf("%s: its id is %s, webhook-id %s", format, got.event.ID(), id)
		}
		decode, contentType := func(s string) string { return s }, "application/cloudevents+json"
		if format == sink.FormatCloudEventsBinary { // the SDK does not decode headers
			contentType = "application/json"
			decode = func(s string) string {
				plain, err := url.PathUnescape(s)
				if err != nil {
					t.Error(err)
				}
				return plain
			}
			if got.header.Get("ce-datacontenttype") != "" {
				t.Error("binary mode has a ce-datacontenttype beside Content-Type")
			}
		} else if !json.Valid(got.body) {
			t.Errorf("not JSON: %s", got.body)
		}
		if got.header.Get("Content-Type") != contentType {
			t.Errorf("%s: Content-Type is %s", format, got.header.Get("Content-Type"))
		}
		seen := attributesOf(got.event, decode)
		if format == sink.FormatCloudEvents {
			both = seen
		} else if diff := cmp.Diff(both, seen); diff != "" {
			t.Errorf("-structured +binary:\n%s", diff)
		}
	}
	return both
}

func TestEveryDocumentedEventIsACloudEvent(t *testing.T) {
	for _, name := range vodtest.Fixtures() {
		t.Run(name, func(t *testing.T) {
			content, err := vodtest.Fixture(name)
			if err != nil {
				t.Fatal(err)
			}
			e := event(string(content))
			e.SubAppID = 1500000001
			got := postCloudEvent(t, e)
			want := attributes{
				Version: "1.0", ID: got.ID, Source: "//vod.tencentcloudapi.com/subapps/1500000001",
				Type: "com.tencentcloud.vod." + name, Subject: e.FileID(), ContentType: "application/json", Key: e.FileID(),
			}
			if want.Subject == "" {
				want.Subject = e.TaskID()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !strings.HasPrefix(got.ID, e.Key()) || !e.Repeats() && got.ID != e.Key() {
				t.Errorf("id is %s, the event's key %s", got.ID, e.Key())
			}
		})
	}
}

func TestOddEventsAreCloudEventsToo(t *testing.T) {
	const kind = "com.tencentcloud.vod"
	for _, test := range []struct{ content, wantType, wantSubject, wantKey string }{
		{`{"EventType":"New9","New9Event":{"TaskId":"t 1"}}`, kind + ".New9", "t 1", ""},
		{`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":{"a":1}}}`, kind + ".NewFileUpload", "", ""},
		{`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":5285890784273533167}}`, kind + ".NewFileUpload", "5285890784273533167", "5285890784273533167"},
		{`{"EventType":"上传 完成","XEvent":{"FileId":"视频\"%\u0041é😀~!","MediaBasicInfo":{"Name":"영상.mp4"}}}`, kind + ".上传 完成", "视频\"%Aé😀~!", "视频\"%Aé😀~!"},
		{`{"EventType":"a\r\nx-evil: 1\u0000","XEvent":{"FileId":"\u007f\uffff"}}`, kind + ".a\uFFFD\uFFFDx-evil: 1\uFFFD", "\uFFFD\uFFFD", "\uFFFD\uFFFD"},
		{`{"EventType":"<&>","XEvent":{"FileId":"` + "\xff" + `"}}`, kind + ".<&>", "\uFFFD", "\uFFFD"},
		{"{\n  \"EventType\" : \"X\",\r\n \"XEvent\": {\"FileId\": \"1\", \"n\": 1.50} }", kind + ".X", "1", "1"},
		{`{"EventType":7}`, kind, "", ""},
		{`{}`, kind, "", ""},
		{`5`, kind, "", ""},
		{`null`, kind, "", ""},
		{`"text"`, kind, "", ""},
		{`[1]`, kind, "", ""},
	} {
		t.Run(test.content, func(t *testing.T) {
			e := event(test.content)
			got := postCloudEvent(t, e)
			want := attributes{
				Version: "1.0", ID: got.ID, Source: "//vod.tencentcloudapi.com/subapps/0", Type: test.wantType,
				Subject: test.wantSubject, ContentType: "application/json", Key: test.wantKey,
			}
			if diff := cmp.Diff(want, got); diff != "" || got.ID == "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// An event that somebody else has made may hold anything.
func TestWhatIsNoJSONIsACloudEventInBase64(t *testing.T) {
	for _, raw := range []string{"", "{", "\xff\x00", "a\nb"} {
		got := postCloudEvent(t, events.Event{Raw: []byte(raw)})
		if got.Type != "com.tencentcloud.vod" {
			t.Errorf("%q: type is %s", raw, got.Type)
		}
	}
}

func TestTheFormOfACloudEvent(t *testing.T) {
	server, posts := receive(t)
	e := event(`{"EventHandle":"h","EventType":"NewFileUpload", "FileUploadEvent":{"FileId":"1 é","n":1.50}}`)
	id := e.Key()
	hook := newWebhook(t, sink.WebhookOptions{URL: server.URL, Format: sink.FormatCloudEvents})
	if err := hook.Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"` + id + `","source":"//vod.tencentcloudapi.com/subapps/0",` +
		`"type":"com.tencentcloud.vod.NewFileUpload","subject":"1 é","datacontenttype":"application/json","partitionkey":"1 é",` +
		`"data":{"EventType":"NewFileUpload", "FileUploadEvent":{"FileId":"1 é","n":1.50}}}`
	if diff := cmp.Diff(want, string((<-posts).body)); diff != "" {
		t.Errorf("structured, -want +got:\n%s", diff)
	}
	hook = newWebhook(t, sink.WebhookOptions{URL: server.URL, Format: sink.FormatCloudEventsBinary})
	if err := hook.Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	got := <-posts
	if diff := cmp.Diff(string(e.Body()), string(got.body)); diff != "" {
		t.Errorf("binary, -want +got:\n%s", diff)
	}
	for _, name := range []string{"webhook-timestamp", "content-length", "user-agent"} {
		got.header.Del(name)
	}
	wantHeader := http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Ce-Specversion": {"1.0"}, "Ce-Id": {id},
		"Ce-Source": {"//vod.tencentcloudapi.com/subapps/0"}, "Ce-Type": {"com.tencentcloud.vod.NewFileUpload"},
		"Ce-Subject": {"1%20%C3%A9"}, "Ce-Partitionkey": {"1%20%C3%A9"},
	}
	if diff := cmp.Diff(wantHeader, got.header); diff != "" {
		t.Errorf("headers -want +got:\n%s", diff)
	}
}

func TestAFormatThatThereIsNotIsRefused(t *testing.T) {
	_, err := sink.NewWebhook(sink.WebhookOptions{URL: "http://localhost", Format: "xml"})
	if want := "format: there is no such format; write callback, cloudevents or cloudevents-binary"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
