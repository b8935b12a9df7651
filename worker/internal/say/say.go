// Package say is how logs and errors speak of events, and of what strangers have sent: the same everywhere.
package say

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
)

// About names an event in a line of the log, by the id that receivers know it by too. The id costs a decoding of the whole
// event, so a line that is not written has none computed.
func About(line *zerolog.Event, e events.Event) *zerolog.Event {
	if !line.Enabled() {
		return line
	}
	return Of(line, e).Str("id", e.ID())
}

// Of names an event that nobody was handed: without an id.
func Of(line *zerolog.Event, e events.Event) *zerolog.Event {
	line = line.Str("type", string(e.Type))
	if file := e.FileID(); file != "" {
		line = line.Str("file", file)
	}
	if task := e.TaskID(); task != "" {
		line = line.Str("task", task)
	}
	return line
}

// Raw puts all of an event into a line, so that it can be handled by hand: its bytes, without the signature.
func Raw(line *zerolog.Event, e events.Event) *zerolog.Event {
	raw := e.Unsigned()
	if !utf8.Valid(raw) { // a log is text
		return line.Str("event_base64", base64.StdEncoding.EncodeToString(raw))
	}
	return line.Bytes("event", raw)
}

// maxTypes bounds what strangers can have remembered.
const maxTypes = 256

// A Types lets one line pass for each type of event, for as many as anybody has. Its zero value has let none pass.
type Types struct{ said map[events.Type]bool }

// First reports whether nothing was said of this type yet. Then something is now.
func (t *Types) First(of events.Type) bool {
	if t.said[of] || len(t.said) >= maxTypes {
		return false
	}
	if t.said == nil {
		t.said = map[events.Type]bool{}
	}
	t.said[of] = true
	return true
}

// Cut returns at most limit bytes of s, whole characters, and says so if that is not all.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// OneLine returns at most limit bytes of foreign text, without what would start a line or steer a terminal: white space
// and everything unprintable become single spaces.
func OneLine(s string, limit int) string {
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	return Cut(strings.Join(strings.Fields(printable), " "), limit)
}
