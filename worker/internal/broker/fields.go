package broker

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

// A Field is one of a message's headers.
type Field struct{ Name, Value string }

// Fields returns what stands beside a message's body, for consumers that sort without reading it. What an event has not is not there,
// nor a value of more than 1 KiB: the body has it. With a prefix, such as ce-, the attributes of a CloudEvent in binary mode are there
// too, however long: without them it is none.
func Fields(e events.Event, m sink.Message, prefix string) (all []Field) {
	add := func(name, value string) {
		if value != "" && len(value) <= maxValue {
			all = append(all, Field{name, strings.Map(replaced, value)})
		}
	}
	add("content-type", m.ContentType)
	add("vod-event-type", m.Type)
	add("vod-event-id", m.ID)
	add("vod-file-id", e.FileID())
	add("vod-task-id", e.TaskID())
	add("vod-sub-app-id", strconv.FormatUint(e.SubAppID, 10))
	add("traceparent", m.Traceparent)
	for name, value := range m.Attributes {
		all = append(all, Field{prefix + name, strings.Map(replaced, value)})
	}
	return all
}

// maxValue is how long a value may be that the body has too, in bytes. VOD's are of some dozens.
const maxValue = 1 << 10

// replaced takes the place of what would end a header in the middle.
func replaced(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
