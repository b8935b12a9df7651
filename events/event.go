// Package events is the vocabulary of Tencent Cloud VOD's event notifications: what an event is, which
// types there are, and how to read one without losing anything that VOD sent.
//
// An [Event] keeps the JSON that VOD sent byte for byte. Nothing here decodes more than it is asked for:
// [Event.FileID], [Event.TaskID], [Event.Status] and [Event.SessionContext] look one field up,
// [Event.Content] and [As] decode into the official SDK's types. So a type that is newer than this build,
// an extra field or a mistyped one costs nobody anything until somebody reads that field.
//
// The package does no I/O, starts no goroutine and reads no clock.
package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"
)

// An Event is one thing that VOD says happened: one EventContent.
type Event struct {
	// SubAppID is the application whose queue or callback the event came from, set by the receiver, since
	// VOD's JSON does not carry it. 0 is the default application.
	SubAppID uint64

	// Handle is the EventHandle of this delivery, to be given to ConfirmEvents within 30 s. A redelivery may carry
	// another one: to recognise an event use [Event.Key]. A normal callback has none; one that [Event.Repeats] may
	// have got one from its receiver, only to be told apart from those that say the same.
	Handle string

	// Type is the EventType, in the 2.0 format the eventType; empty if the JSON has none that can be read.
	Type Type

	// Raw is the EventContent, byte for byte. It must not be modified: it may share memory with the other
	// events of its batch.
	Raw json.RawMessage
}

// Split takes an EventSet, the JSON array of a PullEvents answer, apart. An odd element costs only itself: it
// becomes an Event with an empty Type, and with an empty Handle if that cannot be read either. Null, an empty
// input and anything but an array hold no events. The input must be valid JSON; the events alias it.
func Split(eventSet []byte) []Event { return slices.Collect(Each(eventSet)) }

// Each is [Split], one event at a time: nothing is read of what comes after the last that is asked for.
func Each(eventSet []byte) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		set := parse(eventSet)
		if !set.IsArray() {
			return
		}
		set.ForEach(func(_, element gjson.Result) bool {
			return yield(read(element, slice(eventSet, element)))
		})
	}
}

// Decode reads one EventContent, such as the body of a normal callback, or one in the old 2.0 format, which has a
// version 4.0, an eventType and data. It fails if raw is not a JSON object or has no type that is a string. The Event
// aliases raw.
func Decode(raw []byte) (Event, error) {
	if !json.Valid(raw) {
		return Event{}, errors.New("decode event: not valid JSON")
	}
	content := parse(raw)
	e := read(content, raw)
	if e.Type == "" {
		e.Type = legacyType(content)
	}
	if e.Type == "" {
		return Event{}, fmt.Errorf("decode event: no EventType in %.40q", raw)
	}
	return e, nil
}

// read fills an Event from its EventContent. Of a key that is there twice the first that can be used counts. The
// strings are copies: see parse.
func read(content gjson.Result, raw []byte) Event {
	e := Event{Raw: raw}
	if !content.IsObject() {
		return e
	}
	content.ForEach(func(key, value gjson.Result) bool {
		switch {
		case value.Type != gjson.String:
		case key.Str == "EventHandle" && e.Handle == "":
			e.Handle = strings.Clone(value.Str)
		case key.Str == "EventType" && e.Type == "":
			e.Type = Type(strings.Clone(value.Str))
		}
		return e.Handle == "" || e.Type == "" // both are usually in front; the rest need not be looked at
	})
	return e
}

// parse is gjson.ParseBytes without its copy of doc. What it finds shares the memory of doc, which may be a whole batch: what may
// be kept for longer has to be copied.
func parse(doc []byte) gjson.Result {
	return gjson.Parse(unsafe.String(unsafe.SliceData(doc), len(doc)))
}

// slice returns the bytes of doc that r was parsed from. gjson hands out strings, and converting those would
// copy every event once more.
func slice(doc []byte, r gjson.Result) []byte {
	return doc[r.Index : r.Index+len(r.Raw) : r.Index+len(r.Raw)]
}

// Body returns the event as a normal callback would post it: Raw without its EventHandle, which means
// nothing to anyone but the worker that pulled it. Everything else stays as it is, byte for byte.
func (e Event) Body() []byte {
	return cut(e.Raw, "EventHandle")
}

// cut returns content without its members of these keys, each with one comma: the one behind it or, at the end, the one
// before it. Everything else stays as it is. One pass: a stranger may have sent thousands.
func cut(content []byte, keys ...string) []byte {
	object := parse(content)
	if !object.IsObject() {
		return content
	}
	var out []byte
	done := 0    // how much of content is in out, or cut
	keptEnd := 0 // where the last member that is kept ends
	gap := -1    // where those that are cut begin, since then
	var gapEnd int
	object.ForEach(func(key, value gjson.Result) bool {
		end := value.Index + len(value.Raw)
		switch {
		case slices.Contains(keys, key.Str):
			if gap < 0 {
				gap = key.Index
			}
			gapEnd = end
			return true
		case gap >= 0:
			if out == nil {
				out = make([]byte, 0, len(content))
			}
			out = append(out, content[done:gap]...)
			done, gap = key.Index, -1
		}
		keptEnd = end
		return true
	})
	if gap >= 0 { // to the end
		if keptEnd > 0 {
			gap = keptEnd
		}
		out = append(out, content[done:gap]...)
		done = gapEnd
	}
	if done == 0 {
		return content
	}
	return append(out, content[done:]...)
}
