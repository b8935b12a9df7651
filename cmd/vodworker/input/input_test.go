package input

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vodworker/vodworker/events"
)

const a, b = `{"EventType":"A"}`, `{"EventType":"B"}`

// types returns the types of the events that are read, and the error.
func types(text string) (found string, err error) {
	for e, err := range Events(iotest.OneByteReader(strings.NewReader(text))) {
		if err != nil {
			return found, err
		}
		found += string(e.Type)
	}
	return found, nil
}

func TestEventsComeInTheOrderOfTheText(t *testing.T) {
	for text, want := range map[string]string{
		a:                                        "A",
		a + "\n" + b + "\n":                      "AB",
		a + b:                                    "AB",
		"\ufeff" + a:                             "A",
		a + "\r\n" + b + "\r\n":                  "AB",
		"[" + a + "," + b + "]" + a:              "ABA",
		"[\n  " + a + " ,\n  " + b + "\n]\n":     "AB",
		"[]":                                     "",
		`{"EventSet":null,"EventType":"A"}`:      "A",
		`{"EventSet":[],"RequestId":"r"}`:        "",
		`{"EventSet":[` + a + `,` + b + `]}` + a: "ABA",
		`{"Response": {"EventSet": [ ` + a + ` ], "RequestId":""}}`:   "A",
		"{\n  \"EventType\": \"A\",\n  \"X\": {\"Y\": \"}]\\\"\"}\n}": "A",
		`{"eventType":"NewFileUpload","version":"4.0","data":{}}`:     "NewFileUpload",
	} {
		if got, err := types(text); got != want || err != nil {
			t.Errorf("%s: got %q and %v, want %q", text, got, err, want)
		}
	}
}

func TestAnErrorLeadsToItsSpot(t *testing.T) {
	for text, want := range map[string]string{
		"":        "there are no events in it",
		" \r\n\n": "there are no events in it",
		"\ufeff":  "there are no events in it",

		a + "\n" + `{"Type":"x"}`:                         `2:1: no EventType: each event must be one as VOD sends it, near "{\"Type\":\"x\"}"`,
		"[" + a + ",\n  7]":                               `2:3: no EventType: each event must be one as VOD sends it, near "7"`,
		"{\"EventSet\": [\n" + a + ",\n  {\"é\":1}, {}]}": `3:3: no EventType: each event must be one as VOD sends it, near "{\"é\":1}"`,
		`{"é":1} x`:                                       `1:1: no EventType: each event must be one as VOD sends it, near "{\"é\":1}"`,

		`{"EventType":5}`: `1:1: the EventType must be a text, such as "NewFileUpload", near "{\"EventType\":5}"`,
		`{"eventType":"A"}`: `1:1: its eventType is of the 2.0 format, whose version and data are missing or odd: ` +
			`write EventType for one of the 3.0 format, near "{\"eventType\":\"A\"}"`,
		`{"level":"error","event":"{}","message":"m"}`: `1:1: this is a line of the log: jq -r 'select(.event).event' FILE ` +
			`takes the event out of it, near "{\"level\":\"error\",\"event\":\"{}\",\"message\"…"`,
		`{"level":"info","message":"m"}`: `1:1: this is a line of the log, and holds no event, near "{\"level\":\"info\",\"message\":\"m\"}"`,
		`{"specversion":"1.0","data":{}}`: `1:1: this is a CloudEvent: jq -c .data FILE takes its event out, ` +
			`near "{\"specversion\":\"1.0\",\"data\":{}}"`,
		`{"key":"k","reason":"r","first":"t","event":{}}`: `1:1: this is a dead letter: vodworker deadletters replay runs its event, ` +
			`or jq -c .event FILE takes that out, near "{\"key\":\"k\",\"reason\":\"r\",\"first\":\"t\",\"ev…"`,

		`{"EventType":"A","B":True}`: `1:22: JSON has no True: write true, near "True}"`,
		`{"EventType":"A","B":None}`: `1:22: JSON has no None: write null, near "None}"`,
		`{"EventType":"A","B":NaN}`:  `1:22: JSON has no NaN: write null, near "NaN}"`,
		`{“EventType”:"A"}`:          `1:2: “ is no quote of JSON: write ", near "“EventType”:\"A\"}"`,
		`{"EventType"："A"}`:          `1:13: ： is full-width: write ":", near "：\"A\"}"`,
		`{"EventType":"A"，"B":1}`:    `1:17: ， is full-width: write ",", near "，\"B\":1}"`,
		`｛"EventType":"A"｝`:          `1:1: ｛ is full-width: write "{", near "｛"`,

		`{"EventType":"A",}`:                    `1:17: a comma before the }: take it out`,
		"{\"EventType\":\"A\",\n}":              `1:17: a comma before the }: take it out`,
		"[" + a + ",\n]":                        `1:19: a comma before the end of the list: take it out`,
		a + ",\n" + b:                           `1:18: a comma between two values: take it out, or put all of them between [ and ], near ","`,
		"[" + a + "\n" + b + "]":                `2:1: a comma is missing before this element of the list, near "{\"EventType\":\"B\"}]"`,
		"[" + a:                                 `1:19: the list does not end: the file may be cut, or its ] is missing`,
		`{'EventType':'A'}`:                     `1:2: texts and names of JSON stand between double quotes, ", near "'EventType':'A'}"`,
		`{"EventType":"A" "B":1}`:               `1:18: a comma or a colon is missing before this, near "\"B\":1}"`,
		`{"EventType":"A","B":[1}`:              `1:24: this is no JSON here, near "}"`,
		`{"EventType":"A","B":nul}`:             `1:25: this is no JSON here, near "}"`,
		"version=4.0&eventType=x":               `1:1: this is no JSON: events stand in the file as VOD sends them, near "version=4.0&eventType=x"`,
		"- EventType: A":                        `1:1: this is no JSON: events stand in the file as VOD sends them, near "-"`,
		"}":                                     `1:1: this is no JSON: events stand in the file as VOD sends them, near "}"`,
		`{"EventType":`:                         `1:14: the value that begins at 1:1 does not end: the file may be cut, near "{\"EventType\":"`,
		"{\n \"EventType\":\"A\",\n \"X\": [1,": `3:10: the value that begins at 1:1 does not end: the file may be cut, near "{"`,

		a + "\n{\"EventType\":\"B\",\"X\":{\"F\":\n" + a + "\n": `2:27: the value that begins at 2:1 does not end on its line, ` +
			`and the next line begins another: this line may be cut, near "{\"EventType\":\"B\",\"X\":{\"F\":"`,
		a + "\r\n{\"EventType\":\"B\",\"X\r\n" + a: `2:21: a text has no closing quote on its line: the line may be cut; ` +
			`the value begins at 2:1, near "{\"EventType\":\"B\",\"X"`,

		"{\n\"EventType\": \"A\",\n\"B\":\n{},\n}": `4:3: a comma before the }: take it out`, // not cut, if oddly laid out

		"\xff\xfe{\x00":    "1:1: this is UTF-16: save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE",
		"{\x00\"\x00":      "1:1: this is UTF-16: save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE",
		"\x1f\x8b\x08\x00": "1:1: this is compressed: unpack it first, gunzip -c FILE",
	} {
		if _, err := types(text); err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestAnErrorQuotesLittle(t *testing.T) {
	_, err := types(`{"x":"` + strings.Repeat("é", 1000) + `"}`)
	if err == nil || len([]rune(err.Error())) > 120 || !strings.Contains(err.Error(), "…") {
		t.Errorf("got %v", err)
	}
}

func TestWhatStandsBeforeAnErrorIsRead(t *testing.T) {
	if got, err := types(a + "\n[" + b + "," + b + ",{]"); got != "ABB" || err == nil {
		t.Errorf("got %q and %v", got, err)
	}
}

func TestAnErrorOfReadingIsNotTheTexts(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, begun := range []string{"", a, "[" + a, `{"Ev`} {
		var last error
		for _, err := range Events(io.MultiReader(strings.NewReader(begun), iotest.ErrReader(broken))) {
			last = err
		}
		if !errors.Is(last, broken) {
			t.Errorf("after %q: got %v", begun, last)
		}
	}
}

// A list of any length needs the memory of one element.
func TestAListIsReadElementByElement(t *testing.T) {
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() { _, _ = fmt.Fprintf(writer, "[%s,%s", a, b) }() // it is never ended
	for e := range Events(reader) {
		if e.Type != events.Type("A") {
			t.Errorf("got %+v", e)
		}
		return
	}
}

func TestHandlesStandOneOnALine(t *testing.T) {
	got, err := Handles(strings.NewReader("\ufeffone\r\n\r\n  \"tw\\u006f\"\r\nthree"))
	if strings.Join(got, " ") != "one two three" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for text, want := range map[string]string{
		"h\n\n\"x\n":          `3:1: no JSON string: a handle stands alone on its line, near "\"x"`,
		"h\n{\"EventSet\":":   "2:1: this is JSON, and not one handle on a line: jq -r '.EventSet[].EventHandle' takes them out of what pull prints",
		"\xff\xfeh\x00\n\x00": "1:1: this is UTF-16: save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 FILE",
	} {
		if _, err := Handles(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func FuzzEventsEnds(f *testing.F) {
	for _, text := range []string{a + b, "[" + a + "," + b + "]", `{"EventSet":[` + a + `]}`, "\ufeff[", `{"a":"\`, "\xff\xfe", `[[1]]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for e, err := range Events(strings.NewReader(text)) {
			if err != nil {
				if wrong, ok := errors.AsType[*Error](err); ok && (wrong.Line < 1 || wrong.Column < 1 || wrong.Text == "") {
					t.Errorf("got %v", err)
				}
				return
			}
			if _, err := events.Decode(e.Raw); err != nil {
				t.Errorf("%s: %v", e.Raw, err)
			}
		}
	})
}
