package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A rig is a library with a clock, for tests of task flows.
type rig struct {
	*Library
	t     *testing.T
	now   time.Time
	rules *Rules
	file  string
}

func newRig(t *testing.T) *rig {
	files, tasks := 0, 0
	rules := &Rules{
		TaskTime:   time.Minute,
		Procedures: Presets(),
		NewFile:    func() string { files++; return fmt.Sprint(files) },
		NewTask:    func(app uint64, kind string) string { tasks++; return fmt.Sprintf("%d-%s-%d", app, kind, tasks) },
	}
	r := &rig{Library: New(7, rules), t: t, now: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC), rules: rules}
	r.file = r.Upload("lighthouse.mp4", r.now)
	r.Advance(r.now)
	return r
}

// ask asks for a task flow, and begins it.
func (r *rig) ask(p *api.ProcessMedia) (taskID string) {
	r.t.Helper()
	if p.FileId == "" {
		p.FileId = r.file
	}
	answer, err := r.ProcessMedia(p, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Start(r.Held(), r.now)
	return answer.TaskId
}

// made asks for something, and returns the results when they are there.
func (r *rig) made(in *api.MediaProcessTaskInput) []api.MediaProcessTaskResult {
	r.t.Helper()
	id := r.ask(&api.ProcessMedia{MediaProcessTask: in})
	r.pass(r.rules.TaskTime)
	return r.shown(id).MediaProcessResultSet
}

// everything makes of the file all that can be made, and a procedure that does so known.
func (r *rig) everything() {
	r.t.Helper()
	var all []string
	for _, kind := range kinds {
		all = append(all, kind.called()+":10")
	}
	p, err := ParseProcedure(strings.Join(all, "+"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.rules.Procedures = map[string]Procedure{"all": p}
	_, err = r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "all"}, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Start(r.Held(), r.now)
	r.pass(r.rules.TaskTime)
}

// pass lets time pass, and returns the events that there are.
func (r *rig) pass(d time.Duration) []Event {
	r.now = r.now.Add(d)
	return r.Advance(r.now)
}

func (r *rig) shown(taskID string) *api.ProcedureTask {
	r.t.Helper()
	answer, err := r.DescribeTaskDetail(&api.DescribeTaskDetail{TaskId: taskID}, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.ProcedureTask
}

func (r *rig) info() api.MediaInfo { return r.media[r.file].shown(nil) }

// stateOf returns the ProcedureTask of an event.
func (r *rig) stateOf(e Event) *api.ProcedureTask {
	r.t.Helper()
	var content struct{ ProcedureStateChangeEvent *api.ProcedureTask }
	if err := json.Unmarshal(e.Content, &content); err != nil || content.ProcedureStateChangeEvent == nil {
		r.t.Fatalf("%s is no ProcedureStateChanged: %v", e.Content, err)
	}
	return content.ProcedureStateChangeEvent
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// oneTranscode asks for the template 10.
func oneTranscode() *api.MediaProcessTaskInput {
	return &api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10}}}
}

// A state is what results have in common.
type state struct {
	Status, ErrCodeExt, Message  string
	ErrCode, Progress            int64
	BeginProcessTime, FinishTime string
}

// stateOf returns what results of all kinds have in common.
func stateOf(r api.MediaProcessTaskResult) state {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	var members map[string]json.RawMessage
	var s state
	if err := json.Unmarshal(text, &members); err != nil {
		panic(err)
	}
	for name, member := range members {
		if name != "Type" && string(member) != "null" {
			if err := json.Unmarshal(member, &s); err != nil {
				panic(err)
			}
		}
	}
	return s
}
