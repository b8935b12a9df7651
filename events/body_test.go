package events_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/vodworker/vodworker/events"
)

func TestBodyIsRawWithoutItsHandle(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"first":           {`{"EventHandle":"h","A":1,"B":2}`, `{"A":1,"B":2}`},
		"in the middle":   {`{"A":1,"EventHandle":"h","B":2}`, `{"A":1,"B":2}`},
		"last":            {`{"A":1,"B":2,"EventHandle":"h"}`, `{"A":1,"B":2}`},
		"only":            {`{"EventHandle":"h"}`, `{}`},
		"absent":          {`{"A":1}`, `{"A":1}`},
		"empty":           {`{}`, `{}`},
		"null":            {`{"EventHandle":null,"A":1}`, `{"A":1}`},
		"a number":        {`{"A":1,"EventHandle":9007199254740993}`, `{"A":1}`},
		"an object":       {`{"A":1,"EventHandle":{"x":[1,{"EventHandle":"h"}]},"B":2}`, `{"A":1,"B":2}`},
		"an empty text":   {`{"EventHandle":"","A":1}`, `{"A":1}`},
		"escaped key":     {`{"Event\u0048andle":"h","A":1}`, `{"A":1}`},
		"odd text":        {`{"A":"}","EventHandle":"\"},{\\","B":"{,"}`, `{"A":"}","B":"{,"}`},
		"inside":          {`{"A":{"EventHandle":"kept"},"B":["EventHandle"]}`, `{"A":{"EventHandle":"kept"},"B":["EventHandle"]}`},
		"as a value":      {`{"EventType":"EventHandle","EventHandle":"h"}`, `{"EventType":"EventHandle"}`},
		"in another case": {`{"eventHandle":"kept","EventHandles":"kept"}`, `{"eventHandle":"kept","EventHandles":"kept"}`},

		"space, first":         {" { \"EventHandle\" : \"h\" , \"A\" : 1 } ", " { \"A\" : 1 } "},
		"space, in the middle": {"\n{\n\t\"A\": 1,\n\t\"EventHandle\": \"h\",\n\t\"B\": 2\n}\n", "\n{\n\t\"A\": 1,\n\t\"B\": 2\n}\n"},
		"space, last":          {"{ \"A\" : 1 , \"EventHandle\" : \"h\" } ", "{ \"A\" : 1 } "},
		"space, only":          {" { \"EventHandle\" : \"h\" } ", " {  } "},
		"space, none":          {" { } ", " { } "},

		"two, side by side": {`{"A":1,"EventHandle":"h","EventHandle":"i","B":2}`, `{"A":1,"B":2}`},
		"two, apart":        {`{"EventHandle":"h","A":1,"EventHandle":"i","B":2}`, `{"A":1,"B":2}`},
		"two, at both ends": {`{"EventHandle":"h","A":1,"EventHandle":"i"}`, `{"A":1}`},
		"two, at the end":   {`{"A":1, "EventHandle":"h", "EventHandle":"i" }`, `{"A":1 }`},
		"two and no more":   {`{"EventHandle":"h","EventHandle":"i"}`, `{}`},
		"three":             {`{"EventHandle":1,"A":1,"EventHandle":2,"B":2,"\u0045ventHandle":3}`, `{"A":1,"B":2}`},

		"null content":   {`null`, `null`},
		"an array":       {`[{"EventHandle":"kept"}]`, `[{"EventHandle":"kept"}]`},
		"a string":       {`"EventHandle"`, `"EventHandle"`},
		"a number alone": {`1`, `1`},
		"nothing":        {``, ``},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(raw(test.content).Body()); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestBodyKeepsTheRestByteForByte(t *testing.T) {
	for name, content := range odd {
		t.Run(name, func(t *testing.T) {
			e := decode(t, replace(t, []byte(content), `"`, `"EventHandle": "a \"handle\"" , "`))
			if got := string(e.Body()); got != content || e.Handle != `a "handle"` {
				t.Errorf("got  %q\nwant %q", got, content)
			}
		})
	}
	for typ, content := range fixtures(t) {
		e := decode(t, replace(t, content, `"EventType"`, `"EventHandle": "h", "EventType"`))
		if !bytes.Equal(e.Body(), content) || e.Handle != "h" {
			t.Errorf("%s: got  %q\nwant %q", typ, e.Body(), content)
		}
	}
}

func TestBodyIsItsOwnMemoryWhereItDiffersFromRaw(t *testing.T) {
	e := raw(`{"EventHandle":"h","A":1}`)
	before := slices.Clone(e.Raw)
	body := e.Body()
	for i := range body {
		body[i] = 'x'
	}
	if !bytes.Equal(before, e.Raw) {
		t.Errorf("writing to the body made Raw %s", e.Raw)
	}
}

func TestBodyOfBrokenJSONDoesNotPanic(t *testing.T) {
	const whole = `{"EventHandle":"h\"","A":[1,{"B":"\u00e9"}],"EventHandle":null}`
	for end := range len(whole) {
		e := raw(whole[:end])
		e.Body()
		e.Key()
		e.FileID()
		if _, err := e.Content(); err == nil {
			t.Errorf("%s has content", e.Raw)
		}
		_ = events.Split([]byte("[" + whole[:end]))
	}
}
