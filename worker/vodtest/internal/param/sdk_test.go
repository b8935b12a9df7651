package param_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"testing"

	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
)

// The SDK sends JSON with POST, and flattens parameters for GET.
func TestWhatTheSDKSendsIsRead(t *testing.T) {
	for _, c := range []struct {
		request tchttp.Request
		ours    any
	}{
		{vod.NewProcessMediaRequest(), new(api.ProcessMedia)},
		{vod.NewProcessMediaByProcedureRequest(), new(api.ProcessMediaByProcedure)},
		{vod.NewDescribeMediaInfosRequest(), new(api.DescribeMediaInfos)},
		{vod.NewSearchMediaRequest(), new(api.SearchMedia)},
		{vod.NewPullUploadRequest(), new(api.PullUpload)},
		{vod.NewDeleteMediaRequest(), new(api.DeleteMedia)},
		{vod.NewDescribeTaskDetailRequest(), new(api.DescribeTaskDetail)},
		{vod.NewDescribeTasksRequest(), new(api.DescribeTasks)},
		{vod.NewModifyMediaInfoRequest(), new(api.ModifyMediaInfo)},
		{vod.NewPullEventsRequest(), new(api.PullEvents)},
		{vod.NewConfirmEventsRequest(), new(api.ConfirmEvents)},
		{vod.NewDescribeEventsStateRequest(), new(api.DescribeEventsState)},
		{vod.NewDescribeEventConfigRequest(), new(api.DescribeEventConfig)},
		{vod.NewModifyEventConfigRequest(), new(api.ModifyEventConfig)},
	} {
		t.Run(c.request.GetAction(), func(t *testing.T) {
			sent := reflect.ValueOf(c.request).Elem()
			for i := range sent.NumField() {
				if field := sent.Field(i); !sent.Type().Field(i).Anonymous {
					fill(field, i+1)
				}
			}
			body, err := json.Marshal(c.request)
			if err != nil {
				t.Fatal(err)
			}
			check := func(object param.Object, err error) {
				t.Helper()
				if err == nil {
					reflect.ValueOf(c.ours).Elem().SetZero()
					err = object.Read(c.ours)
				}
				if err != nil || !reflect.DeepEqual(plain(t, c.ours), plain(t, c.request)) {
					t.Errorf("read is %v, %v; sent was %s", plain(t, c.ours), err, body)
				}
			}
			check(param.FromJSON(body))

			if err := tchttp.ConstructParams(c.request); err != nil {
				t.Fatal(err)
			}
			flat := url.Values{}
			for name, value := range c.request.GetParams() {
				flat.Set(name, value)
			}
			check(param.FromForm(flat))
		})
	}
}

// fill sets a field of the SDK's, which are all pointers and lists of them, and all within it. No two fields beside each other
// get the same.
func fill(field reflect.Value, n int) {
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		fill(field.Elem(), n)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 2, 2))
		fill(field.Index(0), 10*n)
		fill(field.Index(1), 10*n+1)
	case reflect.Struct:
		for i := range field.NumField() {
			fill(field.Field(i), 10*n+i)
		}
	case reflect.String:
		field.SetString(strconv.Itoa(n) + " ü=&\"")
	case reflect.Int64:
		field.SetInt(-int64(n))
	case reflect.Uint64:
		field.SetUint(uint64(n))
	case reflect.Float64:
		field.SetFloat(float64(n) / 8)
	default:
		panic("a field of the type " + field.Type().String())
	}
}

// plain returns a struct as the maps and lists that it is in JSON.
func plain(t *testing.T, of any) (value any) {
	encoded, err := json.Marshal(of)
	if err == nil {
		err = json.Unmarshal(encoded, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}
