package library

import (
	"fmt"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestOfTooManyFilesTheOldestIsForgotten(t *testing.T) {
	r := newRig(t)
	expires, err := readExpiry("2026-03-10T00:00:00Z", r.now)
	if err != nil {
		t.Fatal(err)
	}
	r.setExpiry(r.media[r.file], expires)
	second := r.create("second.mp4", "Upload", "", r.now).id
	for range mostFiles - 1 {
		r.create("more.mp4", "Upload", "", r.now)
	}
	if r.media[r.file] != nil || r.media[second] == nil || len(r.media) != mostFiles || r.ordered.Len() != mostFiles {
		t.Errorf("%d files are kept, want %d, and the second among them", len(r.media), mostFiles)
	}
	if events := r.pass(expires.Sub(r.now)); len(events) > 0 {
		t.Errorf("%s is made of a file that is forgotten", events[0].Type)
	}
}

func TestOfTooManyTasksTheOldestIsForgottenAndEnds(t *testing.T) {
	r := newRig(t)
	first := r.ask(&api.ProcessMedia{MediaProcessTask: &api.MediaProcessTaskInput{
		TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10}},
	}})
	for range mostTasks {
		r.add(&task{kind: kindPullUpload}, r.now)
	}
	if r.tasks[first] != nil || len(r.tasks) != mostTasks || r.byAge.Len() != mostTasks || len(r.media[r.file].tasks) > 0 {
		t.Errorf("%d tasks are kept, want %d, and not the first", len(r.tasks), mostTasks)
	}
	if events := r.pass(r.rules.TaskTime); len(events) != 1 {
		t.Errorf("there are %d events at the end of a task that is forgotten, want 1", len(events))
	}
}

func TestOfTooManySessionIdsTheOldestIsForgotten(t *testing.T) {
	var s sessions
	r := newRig(t)
	for i := range mostSessions + 1 {
		if err := s.use(fmt.Sprint(i), r.now); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.used) != mostSessions || len(s.ordered) != mostSessions || s.use("1", r.now) == nil || s.use("0", r.now) != nil {
		t.Errorf("%d SessionIds are kept, want %d, and not the first", len(s.used), mostSessions)
	}
}

func TestOfTooManyUploadsTheOldestIsForgotten(t *testing.T) {
	var s uploads
	r := newRig(t)
	for i := range mostUploads + 1 {
		s.add(fmt.Sprint(i), &upload{applied: r.now}, r.now)
	}
	if len(s.known) != mostUploads || len(s.ordered) != mostUploads || s.find("1", r.now) == nil || s.find("0", r.now) != nil {
		t.Errorf("%d uploads are kept, want %d, and not the first", len(s.known), mostUploads)
	}
	if s.add("new", &upload{applied: r.now.Add(uploadLife)}, r.now.Add(uploadLife)); len(s.known) != 1 || len(s.ordered) != 1 {
		t.Errorf("%d uploads are kept after all but one are over", len(s.known))
	}
}

func TestTheNewestDeletedFilesAreShown(t *testing.T) {
	r := newRig(t)
	r.Delete(r.file, r.now)
	for range keptDeleted {
		r.Delete(r.Upload("next.mp4", r.now), r.now)
	}
	shown, all := r.View(keptDeleted + 1)
	if all != keptDeleted || len(shown) != keptDeleted || shown[0].FileID != "101" || shown[keptDeleted-1].FileID != "2" {
		t.Errorf("of %d that are deleted %d are shown, want %d, and not the first", all, len(shown), keptDeleted)
	}
}

func TestTheNewestEventsOfAFileAreShown(t *testing.T) {
	r := newRig(t)
	for i := range keptRefs + 2 {
		r.NoteEvent(r.file, EventRef{Number: i, Type: "ProcedureStateChanged"})
	}
	r.NoteEvent("unknown", EventRef{Number: 99})
	r.Delete(r.file, r.now)
	r.NoteEvent(r.file, EventRef{Number: 100, Type: "FileDeleted"})
	shown, _ := r.View(1)
	events := shown[0].Events
	if n := len(events); n != keptRefs || events[0].Number != 3 || events[n-1] != (EventRef{100, "FileDeleted"}) {
		t.Errorf("shown are %v", events)
	}
}
