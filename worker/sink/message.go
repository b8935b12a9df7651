package sink

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/vodworker/vodworker/events"
)

// A Format is the form in which a sink hands events to other programs.
type Format string

const (
	// FormatCallback is what a normal callback of VOD would carry.
	FormatCallback Format = "callback"

	// FormatCloudEvents is a CloudEvent 1.0 in structured mode: one JSON object that holds everything.
	FormatCloudEvents Format = "cloudevents"

	// FormatCloudEventsBinary is a CloudEvent 1.0 in binary mode: a callback's body, and the attributes beside it.
	FormatCloudEventsBinary Format = "cloudevents-binary"
)

// Validate fails if f is none of the constants. Empty is FormatCallback.
func (f Format) Validate() error {
	switch f {
	case "", FormatCallback, FormatCloudEvents, FormatCloudEventsBinary:
		return nil
	}
	return fmt.Errorf("format is %q, want %q, %q or %q", string(f), FormatCallback, FormatCloudEvents, FormatCloudEventsBinary)
}

// A Message is an event as a sink hands it over. Where a sink says nothing else, these are the parts that it sends.
type Message struct {
	// ID is the [events.Event.ID]: a receiver can drop an event whose ID it has seen.
	ID string

	// Type is the event's type as VOD names it, in every format. Empty if it cannot be read.
	Type string

	// ContentType is the media type of Body: application/cloudevents+json in FormatCloudEvents, else application/json.
	ContentType string

	// Traceparent is the W3C trace context of whoever started the task or the upload, if its SessionContext or SourceContext
	// is one, or a JSON object with such a member. Empty if not, or if it is not valid.
	Traceparent string

	// Attributes are those of the CloudEvent, in FormatCloudEventsBinary; nil in the other formats.
	//
	//	specversion: 1.0
	//	id: the ID
	//	source: //vod.tencentcloudapi.com/subapps/ and the SubAppID, 0 for the default application
	//	type: com.tencentcloud.vod. and the event's type; com.tencentcloud.vod if that cannot be read
	//	subject: the FileID, or else the TaskID, if there is one
	//	partitionkey: the FileID, if there is one
	//	traceparent: the Traceparent, if there is one
	//
	// There is no time, since VOD gives events none. What no attribute may hold, such as control characters, is replaced
	// by U+FFFD. How they travel is the sink's to add: the prefix ce- and percent-encoding for HTTP, for instance.
	Attributes map[string]string

	// Body is the [events.Event.Body], byte for byte. In FormatCloudEvents it is a JSON object of the same attributes,
	// of datacontenttype, and of that body as data, byte for byte too; what is no JSON is there in base64, as data_base64.
	// It must not be modified: it may share memory with the event.
	Body []byte
}

// NewMessage returns e in the form f. It fails only if f is no format.
func NewMessage(e events.Event, f Format) (Message, error) {
	if err := f.Validate(); err != nil {
		return Message{}, err
	}
	m := Message{ID: e.ID(), Type: string(e.Type), ContentType: "application/json", Traceparent: traceparent(e), Body: e.Body()}
	switch f {
	case FormatCloudEvents:
		m.ContentType = "application/cloudevents+json"
		var err error
		if m.Body, err = newCloudEvent(e, m).structured(m.Body); err != nil {
			return Message{}, err
		}
	case FormatCloudEventsBinary:
		m.Attributes = newCloudEvent(e, m).attributes()
	}
	return m, nil
}

// jsonLine returns the body of FormatCallback as one line of text, with its end. It makes no Message: to compute an ID that no
// line has would take longer than all the rest.
func jsonLine(e events.Event) []byte {
	body := e.Body()
	if bytes.IndexByte(body, '\n') < 0 {
		return append(body[:len(body):len(body)], '\n') // body may be Raw itself, which is not ours to extend
	}
	var line bytes.Buffer
	if json.Compact(&line, body) != nil {
		return append(bytes.ReplaceAll(body, []byte("\n"), []byte(" ")), '\n')
	}
	line.WriteByte('\n')
	return line.Bytes()
}
