package content_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/cmd/vodworker/content"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
)

// eachPath calls back for each path of the SDK's type that is not deeper than some names, with what stands at its end.
func eachPath(of reflect.Type, path string, depth int, call func(path string, end reflect.Kind)) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() == reflect.Slice {
		call(path, reflect.Slice)
		eachPath(of.Elem(), path+".#", depth, call)
		return
	}
	if path != "" && !strings.HasSuffix(path, "#") { // that is how many there are
		call(path, of.Kind())
	}
	if of.Kind() == reflect.Struct && depth > 0 {
		for field := range of.Fields() {
			eachPath(field.Type, strings.TrimPrefix(path+"."+field.Name, "."), depth-1, call)
		}
	}
}

func TestEachFieldOfTheSDKIsFound(t *testing.T) {
	yes, n := true, 0
	eachPath(reflect.TypeFor[vod.EventContent](), "", 6, func(path string, end reflect.Kind) {
		if n++; strings.HasPrefix(path, "ProcessImageAsyncCompleteEvent.") {
			return // see below
		}
		found, err := content.Check(condition.Condition{JSON: path, Exists: &yes}, nil)
		key, _, isBelow := strings.Cut(path, ".")
		if err != nil || found.Unchecked != "" || isBelow && found.Payload.PayloadKey() != key {
			t.Fatalf("%s: %+v, %v", path, found, err)
		}
		_, err = content.Check(condition.Condition{JSON: path, In: []string{"7"}}, nil)
		switch end {
		case reflect.Struct, reflect.Bool:
			if err == nil {
				t.Errorf("%s: a %s may be 7", path, end)
			}
		case reflect.Slice:
		default:
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		// One letter too many in its last name.
		_, err = content.Check(condition.Condition{JSON: path + "q", Exists: &yes}, nil)
		if err == nil || !strings.Contains(err.Error(), "the nearest is "+path[:len(path)-1]) {
			t.Errorf("%sq: %v", path, err)
		}
	})
	if n < 2000 {
		t.Errorf("only %d paths", n)
	}
}

func TestAPathThatLeadsNowhereIsRefusedWithTheOneThatWasMeant(t *testing.T) {
	const p = "ProcedureStateChangeEvent."
	for path, want := range map[string]string{
		"ProcedureStateChangeEvnt.ErrCode":       "an event has no such field; the nearest is ProcedureStateChangeEvent.ErrCode",
		"procedureStateChangeEvent.ErrCode":      "an event has no such field; the nearest is ProcedureStateChangeEvent.ErrCode",
		"ProcedureStateChanged.ErrCode":          "this is a type of events, whose payload is ProcedureStateChangeEvent; write ProcedureStateChangeEvent.ErrCode",
		"FileDeleted.FileIdSet":                  "this is a type of events, whose payload is FileDeleteEvent; write FileDeleteEvent.FileIdSet",
		"ErrCode":                                "an event has no such field, but its payload has; write ProcedureStateChangeEvent.ErrCode",
		"metadata.Size":                          "an event has no such field, but its payload has; write ProcedureStateChangeEvent.MetaData.Size",
		"Whatever":                               "an event has no such field; the nearest is EventType, and one that is newer than this program",
		p + "errcode":                            "ProcedureStateChangeEvent has no such field; the nearest is ProcedureStateChangeEvent.ErrCode",
		p + "MetaData.Sise":                      p + "MetaData has no such field; the nearest is " + p + "MetaData.Size",
		p + "SessionContext.env":                 p + "SessionContext is a text, which has no fields; write " + p + "SessionContext.@fromstr.env if",
		p + "MetaData.@fromstr.Size":             p + "MetaData is an object, and no text; take @fromstr out",
		p + "MetaData.#.Size":                    p + "MetaData is no list; take # out",
		p + "ErrCode.Value":                      p + "ErrCode is no object, and has no fields; write " + p + "ErrCode",
		p + "MediaProcessResultSet.Type":         p + "MediaProcessResultSet is a list; write " + p + "MediaProcessResultSet.#.Type for each",
		p + "MediaProcessResultSet.0.Tipe":       p + "MediaProcessResultSet.0 has no such field; the nearest is " + p + "MediaProcessResultSet.0.Type",
		p + `MediaProcessResultSet.#(Tipe=="x")`: p + "MediaProcessResultSet.# has no such field; the nearest is " + p + "MediaProcessResultSet.#.Type",
		p + `MediaProcessResultSet.#(TranscodeTask.Errcode!=0)#.Type`: p + "MediaProcessResultSet.#.TranscodeTask has no such field; the nearest is ",
		p + `MediaProcessResultSet.*.Type`: p + "MediaProcessResultSet is a list, where * stands for nothing; write " +
			p + "MediaProcessResultSet.#.Type for each",
		p + `MediaProcessResultSet.#(TranscodeTask.ErrCode=="failed")`: p + "MediaProcessResultSet.#.TranscodeTask.ErrCode of a query: a number stands there; write one",
		p + `MediaProcessResultSet.#(TranscodeTask.ErrCode%"7*")`:      p + "MediaProcessResultSet.#.TranscodeTask.ErrCode of a query: no text stands there",
		p + `MediaProcessResultSet.#(TranscodeTask=="x")`:              p + "MediaProcessResultSet.#.TranscodeTask of a query: an object stands there; compare one",
		p + `MediaProcessResultSet.#(=="x")`:                           p + "MediaProcessResultSet.# of a query: an object stands there",
		`FileDeleteEvent.FileDeleteResultInfo.#(DeleteParts=="x")`:     "FileDeleteEvent.FileDeleteResultInfo.#.DeleteParts of a query: a list stands there; write a query",
		p + `MediaProcessResultSet.#(Type=="x").Tipe`:                  p + `MediaProcessResultSet.#(Type=="x") has no such field; the nearest is `,
	} {
		_, err := content.Check(condition.Condition{JSON: path, NotIn: []string{"0"}}, events.Types())
		if err == nil || !strings.HasPrefix(err.Error(), "json: "+want) {
			t.Errorf("%s: got %v, want %s…", path, err, want)
		}
	}
}

func TestWhatIsAskedMustBePossible(t *testing.T) {
	const p = "ProcedureStateChangeEvent."
	for want, c := range map[string]condition.Condition{
		"in[1]: a number stands there":                   {JSON: p + "ErrCode", In: []string{"0", "success"}},
		"not_in[0]: a number stands there":               {JSON: p + "MediaProcessResultSet.#.TranscodeTask.ErrCode", NotIn: []string{""}},
		"in[0]: a number stands there; write one":        {JSON: p + "MediaProcessResultSet.#", In: []string{"many"}},
		"in[0]: true or false stands there":              {JSON: boolPath(t), In: []string{"1"}},
		"prefix: no text stands there":                   {JSON: p + "ErrCode", Prefix: "1"},
		"json: an object stands there, and in compares":  {JSON: p + "MetaData", In: []string{"0"}},
		"json: an object stands there, and not_in compa": {JSON: p + "MediaProcessResultSet", NotIn: []string{"0"}},
		"json: an object stands there, and prefix comp":  {JSON: p + "MediaProcessResultSet.0", Prefix: "0"},
	} {
		if _, err := content.Check(c, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: got %v, want %s…", c, err, want)
		}
	}
}

func boolPath(t *testing.T) (found string) {
	t.Helper()
	eachPath(reflect.TypeFor[vod.EventContent](), "", 6, func(path string, end reflect.Kind) {
		if end == reflect.Bool {
			found = path
		}
	})
	return found
}

func TestWhatNobodyKnowsIsSaid(t *testing.T) {
	const p = "ProcedureStateChangeEvent."
	for path, want := range map[string]string{
		"EventType":                        "",
		p + "ErrCode":                      "",
		p + "SessionContext.@fromstr.env":  "@fromstr.env",
		p + "SessionContext|@fromstr|env":  "@fromstr|env",
		p + "MediaProcessResultSet.#.Type": "",
		p + "MediaProcessResultSet.#|0":    "0",
		p + "MediaProcessResultSet.#.TranscodeTask.Output.VideoStreamSet|0.Codec": "0.Codec",
		p + "MediaProcessResultSet.#.TranscodeTask|#(ErrCode!=0)":                 "#(ErrCode!=0)",
		p + "MediaProcessResultSet.#.TranscodeTask.ErrCode|0":                     "0",
		p + "MediaProcessResultSet.#.Type|0":                                      "0",
		p + "MediaProcessResultSet.#(*Task)":                                      "#(*Task)",
		p + "MediaProcessResultSet.@reverse.0":                                    "@reverse.0",
		p + "*Code":                                                               "*Code",
		"New*.Field":                                                              "New*.Field",
		"EditMediaComplete*.TaskId":                                               "EditMediaComplete*.TaskId",
		"AigcHunyuan3DCompleteEvent.ErrCode":                                      "ErrCode", // the SDK's events have no such payload
		"ProcessImageAsyncCompleteEvent.TaskId":                                   "",        // nor this field
		"data.status":                                                             "data.status",
		"EditMediaComplete.TaskId":                                                "", // of VOD's pages some have this, some EditMediaCompleteEvent
		"WechatMiniProgramPublishEvent.TaskId":                                    "",
		`FileDeleteEvent.FileIdSet.#(=="7")`:                                      "",
		p + `MediaProcessResultSet.#(TranscodeTask.ErrCode!="0")`:                 "",
		p + `MediaProcessResultSet.#(TranscodeTask.ErrCode==~true)`:               "",
		p + `MediaProcessResultSet.#(Type=="a.b")`:                                "",
	} {
		yes := true
		got, err := content.Check(condition.Condition{JSON: path, Exists: &yes}, nil)
		if err != nil || got.Unchecked != want {
			t.Errorf("%s: %+v, %v, want %q unchecked", path, got, err, want)
		}
	}
}

// Whatever stands there as a path, it is followed or refused.
func FuzzCheck(f *testing.F) {
	for _, path := range []string{"ErrCode", "ProcedureStateChangeEvent.MediaProcessResultSet.#(Type==\"x\")#.Type", "a|b.@fromstr", "#(.)", `a\.b`} {
		f.Add(path, "0")
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		c := condition.Condition{JSON: path, In: []string{value}}
		if c.Validate() != nil {
			return
		}
		_, err := content.Check(c, events.Types())
		if wrong, is := errors.AsType[*condition.Error](err); err != nil && (!is || !strings.Contains(wrong.Err.Error(), "; ")) {
			t.Errorf("%v", err)
		}
	})
}
