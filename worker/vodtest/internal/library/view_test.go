package library_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

func (s *shelf) process(fileID string, what *api.MediaProcessTaskInput) (taskID string) {
	s.Helper()
	r, err := s.ProcessMedia(&api.ProcessMedia{FileId: fileID, MediaProcessTask: what}, s.now)
	if err != nil {
		s.Fatal(err)
	}
	s.Start(s.Held(), s.now)
	return r.TaskId
}

func TestTheViewShowsTheNewestFilesAndThoseThatAreGone(t *testing.T) {
	s := newShelf(t)
	for range 3 {
		s.Upload("a.mp4", s.now)
		s.now = s.now.Add(time.Second)
	}
	s.Upload("b.mp4", s.now)
	s.Upload("c.mp4", s.now) // at the same time
	s.Delete("file2", s.now)
	s.Delete("file5", s.now)
	for most, want := range map[int]string{0: "[]", 1: "[file5-]", 2: "[file5- file4]", 4: "[file5- file4 file3 file2-]",
		9: "[file5- file4 file3 file2- file1]"} {
		shown, all := s.View(most)
		names := []string{}
		for _, m := range shown {
			if m.Deleted != nil {
				m.FileID += "-"
			}
			names = append(names, m.FileID)
		}
		if fmt.Sprint(names) != want || all != 5 {
			t.Errorf("the newest %d of %d are %v, want %s", most, all, names, want)
		}
	}
}

func TestOfFilesOfOneTimeTheViewShowsTheLastOneFirst(t *testing.T) {
	s := newShelf(t)
	for range 4 {
		s.Upload("a.mp4", s.now)
	}
	for _, id := range []string{"file1", "file2", "file3"} {
		s.Delete(id, s.now)
	}
	shown, _ := s.View(9)
	got := ""
	for _, m := range shown {
		got += " " + m.FileID
	}
	if got != " file3 file2 file1 file4" { // those that are gone first
		t.Errorf("it shows%s", got)
	}
}

func TestTheViewOfAFile(t *testing.T) {
	s := newShelf(t)
	s.rules.Failures = []library.Failure{{Type: "Transcode", Definition: 20, Code: "SourceFileError.NoVideoMedia"}}
	const secret = "https://me:secret@example.com/a%2Fb.png?t=secret#secret"
	s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4", CoverUrl: secret})
	s.pass(4 * time.Second)
	s.NoteEvent("file1", library.EventRef{Number: 3, Type: "PullComplete"})
	s.process("file1", &api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 20}, {Definition: 10}}})
	s.pass(2 * time.Second)
	running, _ := s.View(1)
	if got := s.media("file1").BasicInfo.CoverUrl; got != secret {
		t.Errorf("the API has the CoverUrl %s", got)
	}
	s.pass(2 * time.Second)
	s.Delete("file1", s.now)
	deleted, _ := s.View(1)

	const head = `{"FileId":"file1","Name":"a","Type":"mp4","Source":"Upload","Created":"2026-03-02T08:00:04Z",`
	const middle = `"CoverUrl":"https://example.com/a%2Fb.png","Made":[],"Tasks":[` +
		`{"TaskId":"1500000001-PullUpload-1","TaskType":"PullUpload","Status":"FINISH","Progress":100,` +
		`"Created":"2026-03-02T08:00:00Z","Ended":"2026-03-02T08:00:04Z","Results":[]},` +
		`{"TaskId":"1500000001-Procedure-2","TaskType":"Procedure",`
	const failed = `"Results":[{"Type":"Transcode","Definition":20,"Status":"FAIL","Code":"SourceFileError.NoVideoMedia"},`
	const tail = `]}],"TaskCount":2,"Events":[{"Number":3,"Type":"PullComplete"}]}`
	for _, c := range []struct {
		got  library.MediaView
		want string
	}{
		{running[0], head + `"Deleted":null,` + middle + `"Status":"PROCESSING","Progress":50,` +
			`"Created":"2026-03-02T08:00:04Z","Ended":null,` + failed +
			`{"Type":"Transcode","Definition":10,"Status":"PROCESSING","Code":""}` + tail},
		{deleted[0], head + `"Deleted":"2026-03-02T08:00:08Z",` + middle + `"Status":"FINISH","Progress":100,` +
			`"Created":"2026-03-02T08:00:04Z","Ended":"2026-03-02T08:00:08Z",` + failed +
			`{"Type":"Transcode","Definition":10,"Status":"SUCCESS","Code":""}` + tail},
	} {
		c.got.Made = []library.MadeView{}
		if got, _ := json.Marshal(c.got); string(got) != c.want {
			t.Errorf("it is\n%s, want\n%s", got, c.want)
		}
	}
}

func TestTheViewOfAFileHasItsNewestTasksAndCountsAll(t *testing.T) {
	s := newShelf(t)
	s.Upload("a.mp4", s.now)
	for range 50 {
		s.Process("file1", "", s.now)
	}
	if shown, _ := s.View(1); len(shown[0].Tasks) != 50 || shown[0].TaskCount != 50 {
		t.Errorf("of 50 tasks %d are shown, and %d counted", len(shown[0].Tasks), shown[0].TaskCount)
	}
	for range 2 {
		s.Process("file1", "", s.now)
	}
	shown, _ := s.View(1)
	tasks := shown[0].Tasks
	if len(tasks) != 50 || shown[0].TaskCount != 52 ||
		tasks[0].TaskID != "1500000001-Procedure-3" || tasks[49].TaskID != "1500000001-Procedure-52" {
		t.Errorf("of 52 tasks %d are shown, from %s on, and %d counted", len(tasks), tasks[0].TaskID, shown[0].TaskCount)
	}
}
