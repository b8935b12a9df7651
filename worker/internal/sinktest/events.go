package sinktest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/vodworker/vodworker/events"
)

// event returns the event that a worker makes of content.
func event(content string) events.Event {
	return events.Split([]byte("[" + content + "]"))[0]
}

// upload returns an event that is told from others by n, of that size at least. It is told by handle of a redelivery.
func upload(n, size int, handle string) events.Event {
	return event(fmt.Sprintf(`{"EventHandle":%q,"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"%d"},"SourceContext":%q}`,
		handle, n, strings.Repeat(string(rune('a'+n%26)), size)))
}

// odd are contents of which a careless program loses something.
var odd = map[string]string{
	"numbers":        `{"EventType":"X","n":1.50,"file":5285890784246869930,"e":1E400,"zero":-0.0}`,
	"duplicate keys": `{"EventType":"X","a":1,"a":2,"EventType":"Y"}`,
	"white space":    `{ "EventType"  :	"X" ,"a":[ 1 , 2 ]  }`,
	"line breaks":    "{\n  \"EventType\": \"X\",\r\n  \"a\": 1\n}",
	"escapes":        `{"EventType":"X","a":"\u00e9\/<&>\ud800\u0000\n"}`,
	"characters":     "{\"EventType\":\"上传 é😀\",\"XEvent\":{\"FileId\":\"영상\"},\"a\":\"\u2028\u200b\"}",
	"bytes":          "{\"EventType\":\"X\",\"a\":\"\xff\xfe\"}",
	"no object":      `5`,
	"an array":       `[1, 2]`,
	"nothing":        `null`,
	"no type":        `{}`,
	"large":          `{"EventType":"X","a":"` + strings.Repeat("0123456789abcdef", 1<<16) + `"}`,
}

// lie returns an error unless all of these events lie at the place, and nothing else does.
func (h Harness) lie(want ...events.Event) error {
	arrived, err := h.Arrived()
	if err != nil {
		return fmt.Errorf("look for what has arrived: %w", err)
	}
	var all []Arrival
	for _, e := range want {
		a := h.arrival(e)
		if !holds(arrived, a) {
			return fmt.Errorf("%.100q has not arrived, but %s", e.Raw, list(arrived))
		}
		all = append(all, a)
	}
	for _, a := range arrived {
		if !holds(all, a) {
			return fmt.Errorf("%s has arrived, which it should not", list([]Arrival{a}))
		}
	}
	return nil
}

// arrival is how e should lie at the place.
func (h Harness) arrival(e events.Event) Arrival {
	a := Arrival{Body: e.Body()}
	if h.Body != nil {
		a.Body = h.Body(e)
	}
	if h.HasIDs {
		a.ID = e.ID()
	}
	return a
}

func holds(all []Arrival, a Arrival) bool {
	for _, b := range all {
		if a.ID == b.ID && bytes.Equal(a.Body, b.Body) {
			return true
		}
	}
	return false
}

func list(all []Arrival) string {
	if len(all) == 0 {
		return "nothing"
	}
	var text []string
	for _, a := range all[:min(3, len(all))] {
		text = append(text, fmt.Sprintf("id %q body %.100q (%d bytes)", a.ID, a.Body, len(a.Body)))
	}
	return fmt.Sprintf("%d: %s", len(all), strings.Join(text, ", "))
}
