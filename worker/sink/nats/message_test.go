package nats

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
)

func upload(file, handle string) events.Event {
	return events.Split(fmt.Appendf(nil, `[{"EventHandle":%q,"EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q}}]`, handle, file))[0]
}

func messageOf(t *testing.T, e events.Event, change func(*Options)) message {
	t.Helper()
	m, err := open(t, good(change)).message(e)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func asIs(*Options) {}

// The stream drops an event that is published twice, and nothing else.
func TestAnIDIsThatOfOneEventAtOneSubject(t *testing.T) {
	first := messageOf(t, upload("1", "h1"), asIs)
	if first.id == "" || first.id != messageOf(t, upload("1", "h2"), asIs).id {
		t.Errorf("a redelivery has another id than %q", first.id)
	}
	if got := messageOf(t, upload("1", "h1"), func(o *Options) { o.Format = sink.FormatCallback }).id; got != first.id {
		t.Errorf("no format has the id %q, and callback, which it stands for, %q", first.id, got)
	}
	for what, other := range map[string]message{
		"event":   messageOf(t, upload("2", "h1"), asIs),
		"subject": messageOf(t, upload("1", "h1"), func(o *Options) { o.Subject = "copy.{type}" }),
		"format":  messageOf(t, upload("1", "h1"), func(o *Options) { o.Format = sink.FormatCloudEvents }),
	} {
		if other.id == first.id {
			t.Errorf("another %s has the same id %q: the stream would drop it", what, other.id)
		}
	}
	repeats := events.Split([]byte(`[{"EventHandle":"h","EventType":"RestoreMediaComplete","RestoreMediaCompleteEvent":{"FileId":"1"}}]`))[0]
	if got := messageOf(t, repeats, asIs).id; !repeats.Repeats() || got != "" {
		t.Errorf("an event that may come again as a new one has the id %q: the stream would drop the new one", got)
	}
}

func TestABinaryCloudEventHasItsAttributesAsHeaders(t *testing.T) {
	m := messageOf(t, upload("上传 1", "h"), func(o *Options) { o.Format = sink.FormatCloudEventsBinary })
	for name, want := range map[string]string{
		"ce-specversion": "1.0", "ce-type": "com.tencentcloud.vod.NewFileUpload", "ce-source": "//vod.tencentcloudapi.com/subapps/0",
		"ce-subject": url.PathEscape("上传 1"), "ce-datacontenttype": "application/json", "content-type": "application/json", "vod-file-id": "上传 1",
	} {
		if got := strings.Join(m.Header[name], "|"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	plain := messageOf(t, upload("1", "h"), asIs)
	for name := range plain.Header {
		if strings.HasPrefix(name, "ce-") {
			t.Errorf("a callback has %s", name)
		}
	}
}

// Such a subject would end the connection that all events share.
func TestASubjectThatNoServerTakesIsTheEventsFault(t *testing.T) {
	for _, file := range []string{"a.b", "*", strings.Repeat("a", 2000)} {
		s := open(t, good(func(o *Options) { o.Subject = "vod.{file_id}" }))
		if _, err := s.message(upload(file, "h")); !worker.IsPermanent(err) {
			t.Errorf("%.20s: %v", file, err)
		}
	}
}

func TestOnlyWhatIsTooLargeIsTheEventsFault(t *testing.T) {
	api := func(code jetstream.ErrorCode) error {
		return fmt.Errorf("nats: %w", &jetstream.APIError{Code: 400, ErrorCode: code, Description: "no"})
	}
	for _, err := range []error{nats.ErrMaxPayload, api(10054)} {
		if got := judged(err); !worker.IsPermanent(got) || !errors.Is(got, err) {
			t.Errorf("%v: %v", err, got)
		}
	}
	for _, err := range []error{
		jetstream.ErrNoStreamResponse, jetstream.ErrInvalidJSAck, api(10060), api(10077), api(10023), api(10003), errDenied,
		nats.ErrConnectionClosed, nats.ErrDisconnected, nats.ErrTimeout, nats.ErrAuthorization, errors.New("new"),
	} {
		if got := judged(err); !worker.IsUnreachable(got) || worker.IsPermanent(got) || !errors.Is(got, err) {
			t.Errorf("%v: %v", err, got)
		}
	}
}
