package sink

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
)

// traceparent returns the W3C trace context that whoever started the task or the upload has put into its SessionContext or
// SourceContext: as the whole of it, or as the member traceparent of a JSON object. It is "" if there is none that is valid.
func traceparent(e events.Event) string {
	if !mayHaveTrace(e.Raw) {
		return ""
	}
	for _, context := range []string{e.SessionContext(), e.SourceContext()} {
		if isTraceparent(context) {
			return context
		}
		member := gjson.GetBytes(condition.Object([]byte(context)), "traceparent")
		if member.Type == gjson.String && isTraceparent(member.Str) {
			return strings.Clone(member.Str)
		}
	}
	return ""
}

// mayHaveTrace reports whether a text has dashes where a traceparent has them. To look its fields up would take half as long as all
// the rest of a Message. Nobody escapes digits and dashes.
func mayHaveTrace(text []byte) bool {
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '-')
		if next < 0 {
			return false
		}
		if at += next; at+50 < len(text) && text[at+33] == '-' && text[at+50] == '-' {
			return true
		}
	}
}

// isTraceparent reports whether a text is one of https://www.w3.org/TR/trace-context/, of any version that has the form of the
// first one: ff is none, and neither id may be 0.
func isTraceparent(text string) bool {
	return traceparentForm.MatchString(text) && text[:2] != "ff" && strings.Trim(text[3:35], "0") != "" && strings.Trim(text[36:52], "0") != ""
}

var traceparentForm = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\z`)
