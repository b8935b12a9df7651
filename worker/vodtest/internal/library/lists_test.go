package library

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// payloads are of the types that events have here.
type payloads struct {
	FileUploadEvent           *api.FileUploadTask
	ProcedureStateChangeEvent *api.ProcedureTask
	FileDeleteEvent           *api.FileDeleteTask
	PullCompleteEvent         *api.PullUploadTask
	PersistenceCompleteEvent  *api.PersistenceCompleteTask
}

// A client may go through a list without a look at whether there is one.
func TestNoAnswerAndNoEventHasNullForAList(t *testing.T) {
	r := newRig(t)
	r.everything()
	r.rules.TaskTime = 2 * time.Minute
	ask(t, r, "no tags", (*Library).ModifyMediaInfo, &api.ModifyMediaInfo{FileId: r.file, ClearTags: 1})
	for _, name := range []string{"a.mp3", "a.png", "a.mp4"} {
		r.Fetch("https://example.com/"+name, "", r.now)
	}
	r.Persist(r.file)
	flow := &api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "all", TasksNotifyMode: notifyChange}
	ask(t, r, "a task flow", (*Library).ProcessMediaByProcedure, flow)
	pull := &api.PullUpload{MediaUrl: "https://example.com/a.mp4", Procedure: "all"}
	ask(t, r, "a pull", (*Library).PullUpload, pull)

	r.look("what waits")
	r.Start(r.Held(), r.now)
	r.look("what runs")
	r.hear(r.pass(time.Minute))
	r.look("half of it")
	r.rules.Failures = []Failure{{Code: "InternalError"}, {Type: kindPullUpload, Code: "InternalError"}}
	ask(t, r, "a pull", (*Library).PullUpload, pull)
	r.Start(r.Held(), r.now)
	r.hear(r.pass(time.Hour))
	r.look("what failed")
	parts := []api.MediaDeleteItem{{Type: "OriginalFiles"}, {Type: "TranscodeFiles"}, {Type: "AdaptiveDynamicStreamingFiles"}}
	ask(t, r, "DeleteParts", (*Library).DeleteMedia, &api.DeleteMedia{FileId: r.file, DeleteParts: parts})
	r.look("what lacks parts")
	ask(t, r, "Delete", (*Library).DeleteMedia, &api.DeleteMedia{FileId: r.file})
	r.hear(r.pass(0))

	r = newRig(t)
	r.Library = New(7, r.rules)
	r.look("nothing")
}

// ask asks for an action, whose answer must have all lists.
func ask[P, R any](t *testing.T, r *rig, when string, action func(*Library, *P, time.Time) (*R, error), p *P) *R {
	t.Helper()
	answer, err := action(r.Library, p, r.now)
	if err != nil {
		t.Fatal(err)
	}
	hasLists(t, fmt.Sprintf("%s: %T", when, *answer), reflect.ValueOf(answer))
	return answer
}

// look asks for all that there is.
func (r *rig) look(when string) {
	r.t.Helper()
	ask(r.t, r, when, (*Library).SearchMedia, &api.SearchMedia{})
	ask(r.t, r, when, (*Library).DescribeMediaInfos, &api.DescribeMediaInfos{FileIds: []string{r.file}})
	ask(r.t, r, when, (*Library).DescribeMediaInfos, &api.DescribeMediaInfos{FileIds: []string{"unknown"}})
	for _, task := range ask(r.t, r, when, (*Library).DescribeTasks, &api.DescribeTasks{}).TaskSet {
		ask(r.t, r, when, (*Library).DescribeTaskDetail, &api.DescribeTaskDetail{TaskId: task.TaskId})
	}
}

// hear looks into events, each of which must have one payload.
func (r *rig) hear(events []Event) {
	r.t.Helper()
	if len(events) == 0 {
		r.t.Error("there are no events")
	}
	for _, e := range events {
		var p payloads
		if err := json.Unmarshal(e.Content, &p); err != nil || reflect.ValueOf(p).IsZero() {
			r.t.Errorf("%s: %v", e.Content, err)
		}
		hasLists(r.t, e.Type, reflect.ValueOf(p))
	}
}

// hasLists checks that no list is nil, which is null in JSON, in all that a value has.
func hasLists(t *testing.T, path string, value reflect.Value) {
	t.Helper()
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			hasLists(t, path, value.Elem())
		}
	case reflect.Slice:
		if value.IsNil() {
			t.Errorf("%s is null", path)
		}
		for i := range value.Len() {
			hasLists(t, fmt.Sprintf("%s.%d", path, i), value.Index(i))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			hasLists(t, path+"."+value.Type().Field(i).Name, value.Field(i))
		}
	}
}
