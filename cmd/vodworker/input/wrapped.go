package input

import "github.com/tidwall/gjson"

// noEvent says what an object is that is no event, and how to get at the event that it may hold.
func (v Value) noEvent() string {
	has := func(key, path string) bool {
		return gjson.GetBytes(v.JSON, key).Exists() && gjson.GetBytes(v.JSON, path).Exists()
	}
	kind := gjson.GetBytes(v.JSON, "EventType")
	switch {
	case kind.Exists() && kind.Type != gjson.String:
		return "the EventType must be a text, such as \"NewFileUpload\""
	case kind.Exists():
		return "the EventType is empty: write one such as NewFileUpload"
	case has("specversion", "data_base64"):
		return "this is a CloudEvent: jq -r .data_base64 FILE | base64 -d takes its event out"
	case has("specversion", "data"):
		return "this is a CloudEvent: jq -c .data FILE takes its event out"
	case has("reason", "first") && has("key", "event_base64"):
		return "this is a dead letter: vodworker deadletters replay runs its event, or " +
			"jq -r .event_base64 FILE | base64 -d takes that out"
	case has("reason", "first") && has("key", "event"):
		return "this is a dead letter: vodworker deadletters replay runs its event, or jq -c .event FILE takes that out"
	case has("message", "event"):
		return "this is a line of the log: jq -r 'select(.event).event' FILE takes the event out of it"
	case has("message", "event_base64"):
		return "this is a line of the log: jq -r 'select(.event_base64).event_base64' FILE | base64 -d takes the event out of it"
	case has("message", "level"):
		return "this is a line of the log, and holds no event"
	case has("eventType", "eventType"):
		return "its eventType is of the 2.0 format, whose version and data are missing or odd: " +
			"write EventType for one of the 3.0 format"
	}
	return "no EventType: each event must be one as VOD sends it"
}
