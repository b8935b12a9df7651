package param_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
)

// from reads JSON, which begins with a brace, or a query.
func from(input string) (param.Object, error) {
	if strings.HasPrefix(input, "{") {
		return param.FromJSON([]byte(input))
	}
	return param.FromQuery(input)
}

func read(input string, into any) error {
	object, err := from(input)
	if err != nil {
		return err
	}
	return object.Read(into)
}

func TestParametersAreRead(t *testing.T) {
	definitions := func(of ...uint64) (set []api.TranscodeTaskInput) {
		for _, d := range of {
			set = append(set, api.TranscodeTaskInput{Definition: d})
		}
		return set
	}
	transcode := func(of ...uint64) *api.ProcessMedia {
		return &api.ProcessMedia{MediaProcessTask: &api.MediaProcessTaskInput{TranscodeTaskSet: definitions(of...)}}
	}
	empty := ""
	for _, c := range []struct {
		name, input string
		want        any
	}{
		{"structs in lists", `{"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10},{"Definition":20}]}}`, transcode(10, 20)},
		{"structs in lists", "MediaProcessTask.TranscodeTaskSet.0.Definition=10&MediaProcessTask.TranscodeTaskSet.1.Definition=20",
			transcode(10, 20)},
		{"nothing", "", new(api.ProcessMedia)},
		{"nothing", "{} \n", new(api.ProcessMedia)},
		{"null is not given", `{"FileId":null,"MediaProcessTask":null,"TasksPriority":null}`, new(api.ProcessMedia)},
		{"an empty list is given", `{"FileIds":[]}`, &api.DescribeMediaInfos{FileIds: []string{}}},
		{"an empty string is given", `{"FileId":"1","Name":""}`, &api.ModifyMediaInfo{FileId: "1", Name: &empty}},
		{"an empty string is given", `FileId=1&Name=`, &api.ModifyMediaInfo{FileId: "1", Name: &empty}},
		{"an empty string is not missing", `{"FileId":"","DeleteParts":[]}`, &api.DeleteMedia{DeleteParts: []api.MediaDeleteItem{}}},
		{"zero is not missing", `{"AiAnalysisTask":{"Definition":0}}`, &api.ProcessMedia{AiAnalysisTask: new(api.AiTaskInput)}},
		{"the last of twice in JSON", `{"FileId":"1","FileId":"2"}`, &api.ProcessMedia{FileId: "2"}},
		{"lists by number", "FileIds.10=c&FileIds.9=b&FileIds.0=a", &api.DescribeMediaInfos{FileIds: []string{"a", "b", "c"}}},
		{"huge numbers", "FileIds.18446744073709551615=b&FileIds.1=a", &api.DescribeMediaInfos{FileIds: []string{"a", "b"}}},
		{"what looks like a number", "FileIds.0=007", &api.DescribeMediaInfos{FileIds: []string{"007"}}},
		{"escapes", "FileId=%C3%BC+%26", &api.ProcessMedia{FileId: "ü &"}},
		{"the greatest", `{"SubAppId":18446744073709551615,"TasksPriority":-9223372036854775808}`,
			&api.ProcessMedia{SubAppId: 1<<64 - 1, TasksPriority: -1 << 63}},
		{"the greatest", "SubAppId=18446744073709551615&TasksPriority=-9223372036854775808",
			&api.ProcessMedia{SubAppId: 1<<64 - 1, TasksPriority: -1 << 63}},
		{"floats", `{"FileId":"1","DeleteKeyFrameDescs":[1,-2.5,1e-3]}`,
			&api.ModifyMediaInfo{FileId: "1", DeleteKeyFrameDescs: []float64{1, -2.5, 0.001}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reflect.New(reflect.TypeOf(c.want).Elem()).Interface()
			if err := read(c.input, got); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("of %s, %+v is read, %v; want %+v", c.input, got, err, c.want)
			}
		})
	}
}

func TestWhatCannotBeReadIsRefusedWithItsPath(t *testing.T) {
	process, modify := new(api.ProcessMedia), new(api.ModifyMediaInfo)
	const watermark = `{"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10,"WatermarkSet":[{"Definition":1},`
	for _, c := range []struct {
		input string
		into  any
		want  string // how the error begins
	}{
		// Not an object.
		{`{"FileId":"1"`, process, "InvalidParameter: the body must be one JSON object: unexpected EOF"},
		{`{"FileId":"1"} {}`, process, "InvalidParameter: the body must be one JSON object, and nothing else"},
		{`{"FileId":"1"}]`, process, "InvalidParameter: the body must be one JSON object, and nothing else"},
		{"FileId=%zz", process, `InvalidParameter: the query cannot be read: invalid URL escape "%zz"`},

		// Of another type.
		{`{"FileId":1}`, process, "InvalidParameter: FileId must be a string"},
		{`{"FileId":{}}`, process, "InvalidParameter: FileId must be a string"},
		{`{"FileId":true}`, process, "InvalidParameter: FileId must be a string"},
		{`{"MediaProcessTask":[]}`, process, "InvalidParameter: MediaProcessTask must be an object"},
		{`{"MediaProcessTask":"{}"}`, process, "InvalidParameter: MediaProcessTask must be an object"},
		{`{"MediaProcessTask":{"TranscodeTaskSet":{}}}`, process, "InvalidParameter: MediaProcessTask.TranscodeTaskSet must be a list"},
		{`{"MediaProcessTask":{"TranscodeTaskSet":[10]}}`, process,
			"InvalidParameter: MediaProcessTask.TranscodeTaskSet.0 must be an object"},
		{watermark + `{"Definition":"2"}]}]}}`, process,
			"InvalidParameter: MediaProcessTask.TranscodeTaskSet.0.WatermarkSet.1.Definition must be an integer, not negative"},
		{watermark + `null]}]}}`, process, "InvalidParameter: MediaProcessTask.TranscodeTaskSet.0.WatermarkSet.1 must be an object"},
		{`{"FileId":"1","AddTags":["a",null]}`, modify, "InvalidParameter: AddTags.1 must be a string"},
		{`{"FileId":"1","Name":2}`, modify, "InvalidParameter: Name must be a string"},
		{"MediaProcessTask=x", process, "InvalidParameter: MediaProcessTask must be an object"},
		{"MediaProcessTask.0=x", process, "InvalidParameter: MediaProcessTask must be an object"},
		{"MediaProcessTask.TranscodeTaskSet=10", process, "InvalidParameter: MediaProcessTask.TranscodeTaskSet must be a list"},
		{"MediaProcessTask.TranscodeTaskSet.Definition=10", process,
			"InvalidParameter: MediaProcessTask.TranscodeTaskSet must be a list"},
		{"MediaProcessTask.TranscodeTaskSet.0.Definition=x", process,
			"InvalidParameter: MediaProcessTask.TranscodeTaskSet.0.Definition must be an integer, not negative"},
		{"FileId.0=1", process, "InvalidParameter: FileId must be a string"},

		// Numbers that others would round, or wrap.
		{`{"TasksPriority":1.5}`, process, "InvalidParameter: TasksPriority must be an integer"},
		{`{"TasksPriority":1e3}`, process, "InvalidParameter: TasksPriority must be an integer"},
		{`{"TasksPriority":9223372036854775808}`, process, "InvalidParameter: TasksPriority must be an integer"},
		{`{"SubAppId":18446744073709551616}`, process, "InvalidParameter: SubAppId must be an integer, not negative"},
		{`{"SubAppId":-1}`, process, "InvalidParameter: SubAppId must be an integer, not negative"},
		{`{"FileId":"1","DeleteKeyFrameDescs":[1,1e400]}`, modify, "InvalidParameter: DeleteKeyFrameDescs.1 must be a number"},
		{`{"FileId":"1","DeleteKeyFrameDescs":["1"]}`, modify, "InvalidParameter: DeleteKeyFrameDescs.0 must be a number"},
		{"TasksPriority=1.5", process, "InvalidParameter: TasksPriority must be an integer"},
		{"TasksPriority=", process, "InvalidParameter: TasksPriority must be an integer"},
		{"SubAppId=-1", process, "InvalidParameter: SubAppId must be an integer, not negative"},
		{"FileId=1&DeleteKeyFrameDescs.0=NaN", modify, "InvalidParameter: DeleteKeyFrameDescs.0 must be a number"},
		{"FileId=1&DeleteKeyFrameDescs.0=-Inf", modify, "InvalidParameter: DeleteKeyFrameDescs.0 must be a number"},

		// Given twice, or not where a list has it.
		{"FileId=1&FileId=1", process, "InvalidParameter: FileId is given more than once"},
		{"Sort=1&Sort.Field=1", process, "InvalidParameter: Sort.Field is part of what is a value"},
		{"Sort.Field=1&Sort=1", process, "InvalidParameter: Sort.Field is part of what is a value"},
		{"AddTags.1=a&AddTags.01=b&FileId=1", modify, "InvalidParameter: AddTags must be a list"},
		{"AddTags.-1=a&FileId=1", modify, "InvalidParameter: AddTags must be a list"},
		{"AddTags.0=a&AddTags.x=b&FileId=1", modify, "InvalidParameter: AddTags must be a list"},
		{"AddTags.18446744073709551616=a&FileId=1", modify, "InvalidParameter: AddTags must be a list"},
		{strings.Repeat("a.", 8) + "a=1", process, "InvalidParameter: a.a.a.a.a.a.a.a.a has too many parts"},

		// Unknown.
		{`{"fileId":"1"}`, process, `UnknownParameter: there is no parameter "fileId" here; there are FileId, MediaStoragePath,`},
		{`{"Unknown":null}`, process, `UnknownParameter: there is no parameter "Unknown" here; `},
		{watermark + `{"X":1}]}]}}`, process, `UnknownParameter: there is no parameter ` +
			`"MediaProcessTask.TranscodeTaskSet.0.WatermarkSet.1.X" here; there are Definition, TextContent, `},
		{"=1", process, `UnknownParameter: there is no parameter "" here; `},
		{"FileId..=1", new(api.DescribeTaskDetail), `UnknownParameter: there is no parameter "FileId" here; there are TaskId, `},
		{strings.Repeat("ü", 100) + "=1", process,
			`UnknownParameter: there is no parameter "` + strings.Repeat("ü", 50) + `…" here; `},

		// Missing.
		{`{}`, modify, "MissingParameter: FileId is missing"},
		{``, modify, "MissingParameter: FileId is missing"},
		{`{"FileId":null}`, modify, "MissingParameter: FileId is missing"},
		{watermark + `{}]}]}}`, process,
			"MissingParameter: MediaProcessTask.TranscodeTaskSet.0.WatermarkSet.1.Definition is missing"},
		{"FileId=1&AddKeyFrameDescs.0.TimeOffset=1", modify, "MissingParameter: AddKeyFrameDescs.0.Content is missing"},
		{`{"Sort":{}}`, new(api.SearchMedia), "MissingParameter: Sort.Field is missing"},
	} {
		t.Run(c.input, func(t *testing.T) {
			err := read(c.input, reflect.New(reflect.TypeOf(c.into).Elem()).Interface())
			if _, is := errors.AsType[*api.Error](err); !is || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("the error is %v; want %s", err, c.want)
			}
		})
	}
}

func TestABodyThatIsEmptyHasNoParameters(t *testing.T) {
	for _, body := range []string{"", " \n"} {
		if object, err := param.FromJSON([]byte(body)); err != nil || len(object) > 0 {
			t.Errorf("of %q, %v is read, %v", body, object, err)
		}
	}
}

func TestABodyThatIsNoObjectIsRefused(t *testing.T) {
	for _, body := range []string{
		"\v", "null null", "[]", `[{"FileId":"1"}]`, `"{}"`, "1", "FileId=1", "\xff", strings.Repeat("[", 20_000),
	} {
		object, err := param.FromJSON([]byte(body))
		if e, is := errors.AsType[*api.Error](err); !is || e.Code != "InvalidParameter" {
			t.Errorf("of %.20q, %v is read, %v", body, object, err)
		}
	}
}

func TestAFormWithoutValuesIsRefused(t *testing.T) {
	if object, err := param.FromForm(url.Values{"FileId": nil}); err == nil {
		t.Errorf("%v is read", object)
	}
}
