package library

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// askChange asks for a task flow of two parts, which tells of each.
func (r *rig) askChange() (taskID string) {
	r.t.Helper()
	return r.ask(&api.ProcessMedia{TasksNotifyMode: notifyChange, MediaProcessTask: &api.MediaProcessTaskInput{
		TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10}, {Definition: 20}},
	}})
}

// told returns the numbers of the tasks that events tell of, in their order.
func (r *rig) told(events []Event) string {
	r.t.Helper()
	var numbers []string
	for _, e := range events {
		id := r.stateOf(e).TaskId
		numbers = append(numbers, id[strings.LastIndex(id, "-")+1:])
	}
	return strings.Join(numbers, " ")
}

func TestTasksTakeTheirStepsInTheOrderOfTime(t *testing.T) {
	r := newRig(t)
	for _, seconds := range []time.Duration{40, 60, 8} {
		r.rules.TaskTime = seconds * time.Second
		r.askChange()
	}
	// Which is at 4, 8, 20, 30, 40 and 60 seconds.
	if got := r.told(r.pass(time.Minute)); got != "3 3 1 2 1 2" {
		t.Errorf("they do so in the order %s", got)
	}
}

func TestOfStepsAtOneTimeTheOldestTaskTakesItsFirst(t *testing.T) {
	r := newRig(t)
	var ids, want []string
	for i := range 9 {
		answer, err := r.ProcessMedia(&api.ProcessMedia{FileId: r.file, MediaProcessTask: oneTranscode()}, r.now)
		if err != nil {
			t.Fatal(err)
		}
		ids, want = append(ids, answer.TaskId), append(want, fmt.Sprint(i+1))
	}
	slices.Reverse(ids)
	r.Start(ids, r.now)
	if got := r.told(r.pass(r.rules.TaskTime)); got != strings.Join(want, " ") {
		t.Errorf("they do so in the order %s", got)
	}
}

func TestAFileExpiresBetweenTheStepsOfATask(t *testing.T) {
	r := newRig(t)
	r.askChange() // at 30 and 60 seconds
	r.setExpiry(r.media[r.file], r.now.Add(45*time.Second))
	var types []string
	for _, e := range r.pass(time.Minute) {
		types = append(types, e.Type)
	}
	if got := strings.Join(types, " "); got != "ProcedureStateChanged FileDeleted ProcedureStateChanged" {
		t.Errorf("there are %s", got)
	}
}
