package param_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func FuzzRead(f *testing.F) {
	for _, input := range []string{
		`{"FileId":"1","MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10,"WatermarkSet":[{"Definition":1}]}]}}`,
		`{"TasksPriority":-1,"MediaProcessTask":{"SnapshotByTimeOffsetTaskSet":[{"Definition":10,"TimeOffsetSet":[0.5,1e3]}]}}`,
		`{"SubAppId":1500000001,"Names":["a","ü\ud800"],"Sort":{"Field":"CreateTime","Order":"Asc"},"CreateTime":{},"ClassIds":[-1]}`,
		`{"FileId":null,"Names":[],"":0,"Offset":1e400,"a.b":[[[]]]}`,
		"FileId=1&MediaProcessTask.TranscodeTaskSet.0.Definition=10&MediaProcessTask.TranscodeTaskSet.1.Definition=20",
		"Names.0=a&Names.00=b&Names.-1=c&Names.x=d&Names=e&Names=f&.=g&=h&%zz",
		"Sort.Field=CreateTime&Sort.Order=Desc&Limit=NaN&Offset=0x1&ClassIds.18446744073709551616=+1",
	} {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, into := range []func() any{
			func() any { return new(api.ProcessMedia) },
			func() any { return new(api.SearchMedia) },
		} {
			first, second, flattened := into(), into(), into()
			err, again := read(input, first), read(input, second)
			if fmt.Sprint(err) != fmt.Sprint(again) || !reflect.DeepEqual(first, second) {
				t.Errorf("%+v is read, %v, and then %+v, %v", first, err, second, again)
			}
			if err != nil {
				e, is := errors.AsType[*api.Error](err)
				if !is || !slices.Contains([]string{"InvalidParameter", "UnknownParameter", "MissingParameter"}, e.Code) {
					t.Errorf("the error is %v", err)
				}
				if is && len(e.Message) > 1000 {
					t.Errorf("the message has %d bytes: %s", len(e.Message), e.Message)
				}
				continue
			}
			object, _ := from(input)
			values := url.Values{}
			if !flatten("", map[string]any(object), values) {
				continue
			}
			if err := read(values.Encode(), flattened); err != nil || !reflect.DeepEqual(first, flattened) {
				t.Errorf("of JSON, %+v is read, and of %v, %+v, %v", first, values, flattened, err)
			}
		}
	})
}

// flatten adds what is in JSON to values, by its path. Null and what is empty have no path: then it returns false.
func flatten(path string, value any, values url.Values) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, child := range value {
			if !flatten(path+"."+name, child, values) {
				return false
			}
		}
		return len(value) > 0
	case []any:
		for i, child := range value {
			if !flatten(path+"."+strconv.Itoa(i), child, values) {
				return false
			}
		}
		return len(value) > 0
	case string:
		values.Set(path[1:], value)
		return true
	case json.Number:
		values.Set(path[1:], value.String())
		return true
	default:
		return false // null; or it came flattened
	}
}
