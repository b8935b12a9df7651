package events_test

import (
	"slices"
	"testing"

	"github.com/vodworker/vodworker/events"
)

// odd are events that a decoder and encoder between VOD and the handler would change.
var odd = map[string]string{
	"white space":        "{ \"EventType\"\t:\r\n  \"FileDeleted\" ,\n\n\"FileDeleteEvent\" : { } \t}",
	"escapes":            `{"Event\u0054ype":"FileDeleted","FileDeleteEvent":{"a\/b":"\u003c\u00e9\ud83d\ude00\b\f\n\r\t\"\\"}}`,
	"unicode":            `{"EventType":"FileDeleted","FileDeleteEvent":{"名":"视频😀é","ﬀ":"` + "\u2028\u2029" + `"}}`,
	"characters of HTML": `{"EventType":"FileDeleted","FileDeleteEvent":{"Url":"https://a.example.com/?b=1&c=<d>"}}`,
	"duplicate keys":     `{"EventType":"FileDeleted","A":1,"A":2,"FileDeleteEvent":{"B":[],"B":{}}}`,
	"large numbers":      `{"EventType":"FileDeleted","N":[9007199254740993,14508071098244959037,-0,1.0,1E+2,1e400,0.10]}`,
	"key order":          `{"Z":1,"EventType":"FileDeleted","A":null,"FileDeleteEvent":{"Z":1,"A":2}}`,
	"no UTF-8":           "{\"EventType\":\"FileDeleted\",\"FileDeleteEvent\":{\"Name\":\"\xff\xc3\"}}",
	"lone surrogates":    `{"EventType":"FileDeleted","FileDeleteEvent":{"Name":"\ud800x\udc00"}}`,
	"brackets in text":   `{"EventType":"FileDeleted","FileDeleteEvent":{"Name":"}],{[\\\"}"}}`,
}

func TestRawIsWhatVODSentByteForByte(t *testing.T) {
	for name, content := range odd {
		t.Run(name, func(t *testing.T) {
			set := slices.Concat([]byte("\n[ "), []byte(content), []byte(" , "), []byte(content), []byte("\t]"))
			before := slices.Clone(set)
			for _, e := range events.Split(set) {
				if got := string(e.Raw); got != content {
					t.Errorf("got  %q\nwant %q", got, content)
				}
				if e.Type != events.FileDeleted {
					t.Errorf("got type %q", e.Type)
				}
			}
			if !slices.Equal(before, set) {
				t.Error("the set was changed")
			}
			if got := string(decode(t, []byte(content)).Raw); got != content {
				t.Errorf("decoded: got  %q\nwant %q", got, content)
			}
		})
	}
}

func TestReadingAnEventDoesNotChangeIt(t *testing.T) {
	for name, content := range odd {
		t.Run(name, func(t *testing.T) {
			e := decode(t, withHandle([]byte(content), "h"))
			before := slices.Clone(e.Raw)
			e.Key()
			e.Body()
			e.Repeats()
			e.FileID()
			e.SessionContext()
			_, _ = e.Content()
			_, _ = events.As[map[string]any](e)
			if !slices.Equal(before, e.Raw) {
				t.Errorf("got  %q\nwant %q", e.Raw, before)
			}
		})
	}
}
