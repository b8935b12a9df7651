package events

import (
	"encoding/json"
	"fmt"
	"reflect"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"
)

// Content decodes the event into the official SDK's type. Fields and types that the SDK does not know are left
// out. One field of another type than the SDK expects is an error; [Event.Raw] is still whole then.
func (e Event) Content() (*vod.EventContent, error) {
	var content vod.EventContent
	if err := json.Unmarshal(e.Raw, &content); err != nil {
		return nil, fmt.Errorf("decode %s event: %w", e.Type, err)
	}
	return &content, nil
}

// As decodes the event's payload into a T: the SDK's type for the event, such as
//
//	upload, err := events.As[vod.FileUploadTask](e)
//
// or a struct of your own with the fields that you need, or a [json.RawMessage]. It fails if the event has no payload,
// if the payload does not fit T, and if T is the SDK's type for another kind of event. For ProcessImageAsyncComplete
// use vod.ProcessImageAsync: the type that the SDK's EventContent has there lacks TaskId and Status.
func As[T any](e Event) (*T, error) {
	if err := e.fits(reflect.TypeFor[T]()); err != nil {
		return nil, err
	}
	payload := e.payload()
	if !payload.IsObject() {
		return nil, fmt.Errorf("decode %s event: it has no payload", e.Type)
	}
	var typed T
	if raw, is := any(&typed).(*json.RawMessage); is { // nothing has to be decoded
		*raw = json.RawMessage(payload.Raw)
		return &typed, nil
	}
	if err := json.Unmarshal([]byte(payload.Raw), &typed); err != nil {
		return nil, fmt.Errorf("decode %s event: %w", e.Type, err)
	}
	return &typed, nil
}

// fits refuses a payload type that belongs to other event types: decoded into it, every field would be nil.
func (e Event) fits(want reflect.Type) error {
	fields := reflect.TypeFor[vod.EventContent]()
	image := want == reflect.TypeFor[vod.ProcessImageAsync]() // the one that is no field of EventContent
	if image && e.Type.PayloadKey() == ProcessImageAsyncComplete.PayloadKey() {
		return nil
	}
	foreign := image
	for i := range fields.NumField() {
		field := fields.Field(i)
		if field.Type != reflect.PointerTo(want) {
			continue
		}
		if field.Name == e.Type.PayloadKey() {
			return nil
		}
		foreign = true
	}
	if foreign && e.Type.PayloadKey() != "" {
		return fmt.Errorf("decode %s event: %s is the payload of another type", e.Type, want)
	}
	return nil
}
