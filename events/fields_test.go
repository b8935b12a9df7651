package events_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
)

func TestFileIDIsTheFileThatTheEventIsAbout(t *testing.T) {
	for name, test := range map[string]struct{ payload, want string }{
		"itself":                  {`{"FileId":"1","Output":{"FileId":"2"}}`, "1"},
		"itself, not its input":   {`{"Input":{"FileId":"2"},"FileId":"1"}`, "1"},
		"the first that is named": {`{"FileIdSet":["",null,"1","2"]}`, "1"},
		"its input":               {`{"Output":{"FileId":"2"},"Input":{"FileId":"1"}}`, "1"},
		"its input's info":        {`{"InputInfo":{"FileId":"1"},"Output":{"FileId":"2"}}`, "1"},
		"its source":              {`{"SrcFileId":"1","FileInfo":{"FileId":"2"}}`, "1"},
		"what it made":            {`{"Input":{"Url":"u"},"Output":{"FileId":"2"}}`, "2"},
		"its first input":         {`{"Input":{"FileInfoSet":[{"FileId":"1"},{"FileId":"2"}]},"Output":{"FileId":"3"}}`, "1"},
		"its first segment":       {`{"FileInfoSet":[{"Input":{"FileId":"1"},"Output":{"FileId":"2"}},{"Input":{"FileId":"3"}}]}`, "1"},
		"the first of a list":     {`{"FileIdSet":["1","2"]}`, "1"},
		"the first that it made":  {`{"Output":{"FileInfos":[{"FileId":"1"},{"FileId":"2"}]}}`, "1"},
		"an input after a URL": {
			`{"Input":{"FileInfos":[{"Type":"Url","Url":"u"},{"Type":"Url","FileId":""},{"Type":"File","FileId":"1"}]},` +
				`"Output":{"FileInfos":[{"FileId":"2"}]}}`, "1",
		},
		"an output after a temporary one": {`{"Output":{"FileInfos":[{"FileId":""},{"FileId":null},{"FileId":"1"}]}}`, "1"},
		"a later subtask's later file": {
			`{"SubTaskSet":[{"Output":null},{"Output":{"OutputFiles":[]}},{"Output":{"OutputFiles":[{"Url":"u"},{"FileId":"1"}]}},` +
				`{"Output":{"OutputFiles":[{"FileId":"2"}]}}]}`, "1",
		},
		"a concatenation's":       {`{"FileInfoSet":[{"ErrCode":0,"FileId":"1"},{"FileId":"2"}]}`, "1"},
		"a number":                {`{"FileId":14508071098244959037}`, "14508071098244959037"},
		"a number in a list":      {`{"FileIdSet":[9007199254740993]}`, "9007199254740993"},
		"escaped":                 {`{"File\u0049d":"\u0031"}`, "1"},
		"an empty one, then some": {`{"FileId":"","Input":{"FileId":"1"}}`, "1"},
		"none":                    {`{"TaskId":"t","Output":{"Url":"u"}}`, ""},
		"none in empty lists":     {`{"FileIdSet":[],"Input":{"FileInfos":[]},"FileInfoSet":[{}],"SubTaskSet":[]}`, ""},
		"odd types":               {`{"FileId":true,"Input":"FileId","InputInfo":[],"Output":null,"FileInfoSet":{},"SubTaskSet":1}`, ""},
		"an object":               {`{"FileId":{"FileId":"1"},"FileIdSet":[{"FileId":"1"}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := raw(`{"EventType":"NewType","NewEvent":` + test.payload + `}`)
			if got := e.FileID(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFieldsOfAPayload(t *testing.T) {
	for content, want := range map[string][3]string{
		`{"TaskId":"t","Status":"FINISH","SessionContext":"c"}`:       {"t", "FINISH", "c"},
		`{"TaskId":17,"Status":0,"SessionContext":9007199254740993}`:  {"17", "0", "9007199254740993"},
		`{"TaskId":-0,"Status":1.50,"SessionContext":1E2}`:            {"-0", "1.50", "1E2"},
		`{"TaskId":null,"Status":true,"SessionContext":{"a":"b"}}`:    {"", "", ""},
		`{"Output":{"TaskId":"t","Status":"S","SessionContext":"c"}}`: {"", "", ""},
		`{"SessionContext":"{\"a\":\"\\u8d75\ud83d\ude00\"}"}`:        {"", "", `{"a":"\u8d75😀"}`},
		`{"TaskId":"1","TaskId":"2"}`:                                 {"1", "", ""},
		`{"taskid":"t"}`:                                              {"", "", ""},
	} {
		e := typed(events.PullComplete, `{"PullCompleteEvent":`+content+`}`)
		if got := [3]string{e.TaskID(), e.Status(), e.SessionContext()}; got != want {
			t.Errorf("%s: got %q, want %q", content, got, want)
		}
	}
}

func TestThePayloadIsFoundWhateverItsKey(t *testing.T) {
	for name, test := range map[string]struct {
		typ     events.Type
		content string
		want    string
	}{
		"the documented key":         {events.EditMediaComplete, `{"EditMediaCompleteEvent":{"TaskId":"t"}}`, "t"},
		"in spite of others":         {events.EditMediaComplete, `{"A":{"TaskId":"a"},"EditMediaCompleteEvent":{"TaskId":"t"}}`, "t"},
		"escaped":                    {events.EditMediaComplete, `{"A":{},"EditMediaComplete\u0045vent":{"TaskId":"t"}}`, "t"},
		"the key of older pages":     {events.EditMediaComplete, `{"EditMediaComplete":{"TaskId":"t"}}`, "t"},
		"when the other is null":     {events.EditMediaComplete, `{"EditMediaCompleteEvent":null,"EditMediaComplete":{"TaskId":"t"}}`, "t"},
		"when the other is a string": {events.EditMediaComplete, `{"EditMediaCompleteEvent":"","EditMediaComplete":{"TaskId":"t"}}`, "t"},
		"of a newer type":            {"NewType", `{"EventType":"NewType","A":null,"B":{"TaskId":"t"},"C":[{}]}`, "t"},
		"of a type that is unread":   {"", `{"EventType":7,"PullCompleteEvent":{"TaskId":"t"}}`, "t"},
		"beside an odd envelope": {
			"NewType",
			`{"EventHandle":{"a":1},"EventType":{},"Sign":{},"sign":{},"T":{},"t":{},"A":{"TaskId":"t"}}`, "t",
		},
		"one of two":          {"NewType", `{"A":{"TaskId":"a"},"B":{"TaskId":"b"}}`, ""},
		"nowhere":             {"NewType", `{"EventType":"NewType","A":null}`, ""},
		"in a list":           {"NewType", `[{"TaskId":"t"}]`, ""},
		"in a list, by key":   {events.PullComplete, `[{"PullCompleteEvent":{"TaskId":"t"}}]`, ""},
		"in no JSON":          {events.PullComplete, ``, ""},
		"in a string":         {"NewType", `"{\"A\":{\"TaskId\":\"t\"}}"`, ""},
		"only in an envelope": {"NewType", `{"EventHandle":{"TaskId":"t"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := typed(test.typ, test.content).TaskID(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Who keeps an id for a day must not keep the sixteen events of its answer with it.
func TestWhatIsReadOfAnEventSharesNoMemoryWithIt(t *testing.T) {
	for _, event := range []string{
		`{"EventHandle":"h","EventType":"PullComplete","Sign":"5e","T":"17","PullCompleteEvent":
			{"FileId":"52858907","TaskId":"1-Pull-2","Status":"FINISH","SessionContext":"mine"}}`,
		`{"EventHandle":"h","EventType":"New","Sign":"5e","T":"17","NewEvent":
			{"FileId":"52858907","TaskId":"1-Pull-2","Status":"FINISH","SessionContext":"mine"}}`,
		`{"version":"4.0","eventType":"Old","data":
			{"fileId":"52858907","vodTaskId":"1-Pull-2","status":"FINISH","sessionContext":"mine"}}`,
	} {
		raw := []byte(event)
		e := decode(t, raw)
		all := func() []string {
			sign, at := e.Signature()
			return []string{string(e.Type), e.Handle, e.FileID(), e.TaskID(), e.Status(), e.SessionContext(), sign, at}
		}
		read, before := all(), strings.Join(all(), " ")
		copy(raw, bytes.Repeat([]byte(" "), len(raw)))
		if after := strings.Join(read, " "); after != before || !strings.Contains(after, "52858907 1-Pull-2 FINISH mine") {
			t.Errorf("read %q, and later it was %q", before, after)
		}
	}
}
