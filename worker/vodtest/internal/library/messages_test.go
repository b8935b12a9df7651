package library

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// doers call each action of the library, with parameters that the function has set.
var doers = []func(*rig, func(any)) (any, error){
	doer((*Library).ProcessMedia), doer((*Library).ProcessMediaByProcedure), doer((*Library).PullUpload),
	doer((*Library).DescribeMediaInfos), doer((*Library).SearchMedia), doer((*Library).ModifyMediaInfo),
	doer((*Library).DeleteMedia), doer((*Library).DescribeTaskDetail), doer((*Library).DescribeTasks),
}

func doer[P, R any](action func(*Library, *P, time.Time) (*R, error)) func(*rig, func(any)) (any, error) {
	return func(r *rig, set func(any)) (any, error) {
		p := new(P)
		set(p)
		return action(r.Library, p, r.now)
	}
}

func TestNoMessageHasMoreOfARequestThanALittle(t *testing.T) {
	long := strings.Repeat("\U0010fffe\xff", 10_000) // as long as can be when it is quoted
	refused := 0
	check := func(err error) {
		t.Helper()
		if err != nil {
			refused++
			refusal(t, err)
		}
	}
	for _, do := range doers {
		r := newRig(t)
		count := 0
		_, _ = do(r, func(p any) { count = reflect.TypeOf(p).Elem().NumField() })
		for i := range count {
			_, err := do(r, func(p any) {
				all := reflect.ValueOf(p).Elem()
				for name, fine := range map[string]any{"FileId": r.file, "MediaProcessTask": oneTranscode(),
					"ProcedureName": "LongVideoPreset", "MediaUrl": "https://example.com/a.mp4"} {
					if field := all.FieldByName(name); field.IsValid() {
						field.Set(reflect.ValueOf(fine))
					}
				}
				setTexts(all.Field(i), long)
			})
			check(err)
		}
	}
	r := newRig(t)
	cover := api.CoverBySnapshotTaskInput{Definition: 10, PositionType: long}
	trace := api.TranscodeTaskInput{Definition: 10, TraceWatermark: &api.TraceWatermarkInput{Switch: long}}
	for _, in := range []*api.MediaProcessTaskInput{
		{CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{cover}}, {TranscodeTaskSet: []api.TranscodeTaskInput{trace}},
	} {
		_, err := r.ProcessMedia(&api.ProcessMedia{FileId: r.file, MediaProcessTask: in}, r.now)
		check(err)
	}
	sort := &api.SortBy{Field: "CreateTime", Order: long}
	_, err := r.DescribeTasks(&api.DescribeTasks{Sort: sort}, r.now)
	check(err)
	tags := []string{strings.Repeat("\U0010fffe", maxTag)}
	_, err = r.ModifyMediaInfo(&api.ModifyMediaInfo{FileId: r.file, AddTags: tags, DeleteTags: tags}, r.now)
	check(err)
	if refused < 40 {
		t.Errorf("only %d requests were refused", refused)
	}
}

// setTexts makes every text in a parameter the same one, and every list have one element.
func setTexts(field reflect.Value, text string) {
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		setTexts(field.Elem(), text)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		setTexts(field.Index(0), text)
	case reflect.Struct:
		for i := range field.NumField() {
			setTexts(field.Field(i), text)
		}
	case reflect.String:
		field.SetString(text)
	case reflect.Uint64:
		field.SetUint(10)
	case reflect.Int64, reflect.Float64:
	default:
		panic(fmt.Sprintf("a parameter of the type %s", field.Type()))
	}
}
