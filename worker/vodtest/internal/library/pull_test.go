package library_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

func TestAPullMakesItsFileWhenItIsOver(t *testing.T) {
	s := newShelf(t)
	r, err := s.PullUpload(&api.PullUpload{
		MediaUrl: "https://example.com/a/lighthouse%20at%20sea.v2.MOV?x=/y.mp4", CoverUrl: "https://example.com/cover.JPG",
		ExpireTime: "2027-01-01T08:00:00+08:00", StorageRegion: "ap-singapore", ClassId: 7, SessionContext: "order 43",
		SessionId: "once", SourceContext: "from the archive",
	}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	id := r.TaskId
	before := api.PullUploadTask{TaskId: id, Status: "PROCESSING", SessionContext: "order 43", SessionId: "once"}
	if d := s.detail(id); d.TaskType != "PullUpload" || d.Status != "WAITING" || d.CreateTime != "2026-03-02T08:00:00Z" ||
		d.BeginProcessTime != "" || d.FinishTime != "" || d.ProcedureTask != nil || *d.PullUploadTask != before {
		t.Errorf("before it begins it is %+v, %+v", d, d.PullUploadTask)
	}
	s.now = s.now.Add(time.Second)
	s.Start(s.Held(), s.now)
	s.pass(3 * time.Second)
	if d := s.detail(id); d.Status != "PROCESSING" || d.BeginProcessTime != "2026-03-02T08:00:01Z" || d.FinishTime != "" ||
		*d.PullUploadTask != before || len(s.events) != 0 {
		t.Errorf("while it runs it is %+v, %+v", d, d.PullUploadTask)
	}
	s.pass(time.Second)
	d := s.detail(id)
	if d.Status != "FINISH" || d.FinishTime != "2026-03-02T08:00:05Z" {
		t.Errorf("after it is over it is %+v", d)
	}
	task := *d.PullUploadTask
	basic := task.MediaBasicInfo
	task.MediaBasicInfo = nil
	if metaData := s.media("file1").MetaData; task.MetaData == nil || !reflect.DeepEqual(task.MetaData, metaData) {
		t.Errorf("its MetaData is %+v, want %+v", task.MetaData, metaData)
	}
	task.MetaData = nil
	url := "https://1500000001.vod2.example.com/vod/file1/f0.MOV"
	want := api.PullUploadTask{
		TaskId: id, Status: "FINISH", Message: "SUCCESS", FileId: "file1", FileUrl: url,
		SessionContext: "order 43", SessionId: "once", Progress: 100,
	}
	if task != want {
		t.Errorf("after it is over it is %+v", task)
	}
	if basic.Name != "lighthouse at sea.v2" || basic.Type != "MOV" || basic.MediaUrl != url || basic.ClassId != 7 ||
		basic.ClassName != "Class 7" || basic.ClassPath != "Class 7" ||
		basic.CoverUrl != "https://example.com/cover.JPG" || basic.ExpireTime != "2027-01-01T00:00:00Z" ||
		basic.StorageRegion != "ap-singapore" || basic.CreateTime != "2026-03-02T08:00:05Z" ||
		basic.SourceInfo.SourceType != "Upload" || basic.SourceInfo.SourceContext != "from the archive" {
		t.Errorf("the file is %+v", basic)
	}
	got := s.media("file1").BasicInfo
	if got.Name != basic.Name || got.CoverUrl != basic.CoverUrl || got.ExpireTime != basic.ExpireTime {
		t.Errorf("DescribeMediaInfos says %+v", got)
	}
	if len(s.events) != 1 || s.events[0].Type != "PullComplete" || s.events[0].FileID != "file1" {
		t.Fatalf("events are %+v", s.events)
	}
	told, _ := json.Marshal(d.PullUploadTask)
	if !strings.Contains(string(s.events[0].Content), `"PullCompleteEvent":`+string(told)) {
		t.Errorf("the event is %s, and the task %s", s.events[0].Content, told)
	}
}

func TestWhatAPulledFileIsCalled(t *testing.T) {
	for _, c := range []struct {
		url, mediaType, mediaName string
		name, extension           string
	}{
		{"https://example.com/a/b.mp4", "", "", "b", "mp4"},
		{"http://example.com/live/index.m3u8?token=a/b.c", "", "", "index", "m3u8"},
		{"https://example.com/watch?v=7", "mp4", "", "watch", "mp4"},
		{"https://example.com/watch.php", "flv", "", "watch", "flv"},
		{"https://example.com", "mp4", "", "example.com", "mp4"},
		{"https://example.com:8443/", "mp4", "", "example.com", "mp4"},
		{"https://example.com/.mp4", "", "", "example.com", "mp4"},
		{"https://example.com/a.mp4", "mov", "Lighthouse v2.0", "Lighthouse v2.0", "mov"},
		{"https://example.com/a.mp4", "", "clip.mp4", "clip.mp4", "mp4"},
		{"https://me:secret@example.com/a%20b.mp4#/c.mov", "", "", "a b", "mp4"},
	} {
		s := newShelf(t)
		s.pull(api.PullUpload{MediaUrl: c.url, MediaType: c.mediaType, MediaName: c.mediaName})
		s.pass(4 * time.Second)
		if got := s.media("file1").BasicInfo; got.Name != c.name || got.Type != c.extension {
			t.Errorf("%s as %q %q is called %q, of the type %q", c.url, c.mediaName, c.mediaType, got.Name, got.Type)
		}
		if c.mediaName != "" || c.mediaType != "" && c.mediaType != "mp4" {
			continue
		}
		fetched, _ := s.Fetch(c.url, "", s.now)
		if got := s.media(fetched).BasicInfo; got.Name != c.name || got.Type != c.extension {
			t.Errorf("%s, fetched, is called %q, of the type %q", c.url, got.Name, got.Type)
		}
	}
}

func TestAPulledFileExpiresAndKeepsItsCoverUntilThen(t *testing.T) {
	s := newShelf(t)
	const cover = "https://example.com/far.png"
	s.pull(api.PullUpload{MediaUrl: "https://example.com/far.mp4", ExpireTime: "2026-03-02T08:00:10Z", CoverUrl: cover})
	s.pass(4 * time.Second)
	found, err := s.SearchMedia(&api.SearchMedia{ExpireTime: &api.TimeRange{Before: "2026-03-02T09:00:00Z"}}, s.now)
	if err != nil || found.TotalCount != 1 {
		t.Errorf("%d files expire within the hour, want 1; %v", found.TotalCount, err)
	}
	made := []api.MediaDeleteItem{{Type: "TranscodeFiles"}}
	if _, err := s.DeleteMedia(&api.DeleteMedia{FileId: "file1", DeleteParts: made}, s.now); err != nil {
		t.Fatal(err)
	}
	if got := s.media("file1").BasicInfo.CoverUrl; got != cover {
		t.Errorf("with what was made its cover went: %q", got)
	}
	s.pass(6 * time.Second)
	if found, err := s.SearchMedia(&api.SearchMedia{}, s.now); err != nil || found.TotalCount > 0 {
		t.Errorf("after its ExpireTime there are %d files; %v", found.TotalCount, err)
	}
}

func TestAProcedureFollowsAPull(t *testing.T) {
	s := newShelf(t)
	s.procedure("mine")
	id := s.pull(api.PullUpload{
		MediaUrl: "https://example.com/a.mp4", Procedure: "mine", SessionContext: "order 43", SessionId: "once", TasksPriority: 7,
	})
	s.pass(4 * time.Second)
	follows := s.detail(id).PullUploadTask.ProcedureTaskId
	d := s.detail(follows)
	if d.Status != "PROCESSING" || d.BeginProcessTime != "2026-03-02T08:00:04Z" {
		t.Errorf("when the pull is over, the flow is %+v", d)
	}
	if held := s.Held(); len(held) != 0 {
		t.Errorf("%v wait for somebody to start them", held)
	}
	s.pass(4 * time.Second)
	d = s.detail(follows)
	if flow := d.ProcedureTask; d.Status != "FINISH" || d.FinishTime != "2026-03-02T08:00:08Z" || flow.FileId != "file1" ||
		flow.SessionContext != "order 43" || flow.TasksPriority != 7 || len(flow.MediaProcessResultSet) != 2 {
		t.Errorf("at last the flow is %+v, %+v", d, flow)
	}
	cover, then := s.media("file1").BasicInfo.CoverUrl, s.detail(id).PullUploadTask.MediaBasicInfo.CoverUrl
	if cover == "" || then != "" {
		t.Errorf("the cover is %q, and %q where the pull tells how the file was then", cover, then)
	}
	var types []string
	for _, e := range s.events {
		types = append(types, e.Type)
	}
	if fmt.Sprint(types) != "[PullComplete ProcedureStateChanged]" ||
		!strings.Contains(string(s.events[0].Content), `"ProcedureTaskId":"`+follows+`"`) {
		t.Errorf("events are %v, the first %s", types, s.events[0].Content)
	}
}

func TestWhatPullUploadRefuses(t *testing.T) {
	const fine = "https://example.com/a.mp4"
	for name, c := range map[string]struct {
		ask  api.PullUpload
		code string
	}{
		"no URL":             {api.PullUpload{}, "InvalidParameterValue.MediaUrl"},
		"another scheme":     {api.PullUpload{MediaUrl: "ftp://example.com/a.mp4"}, "InvalidParameterValue.MediaUrl"},
		"no host":            {api.PullUpload{MediaUrl: "https:///a.mp4"}, "InvalidParameterValue.MediaUrl"},
		"only a port":        {api.PullUpload{MediaUrl: "https://:80/a.mp4"}, "InvalidParameterValue.MediaUrl"},
		"no URL at all":      {api.PullUpload{MediaUrl: "https://exa mple.com/a.mp4"}, "InvalidParameterValue.MediaUrl"},
		"no type":            {api.PullUpload{MediaUrl: "https://example.com/a"}, "FailedOperation.MediaType"},
		"a type VOD has not": {api.PullUpload{MediaUrl: fine, MediaType: "exe"}, "FailedOperation.MediaType"},
		"DASH":               {api.PullUpload{MediaUrl: "https://example.com/a.mpd"}, "FailedOperation.MediaType"},
		"no cover":           {api.PullUpload{MediaUrl: fine, CoverUrl: "cover.jpg"}, "InvalidParameterValue.CoverUrl"},
		"a cover of a kind":  {api.PullUpload{MediaUrl: fine, CoverUrl: "https://example.com/a.bmp"}, "FailedOperation.CoverType"},
		"no procedure":       {api.PullUpload{MediaUrl: fine, Procedure: "theirs"}, "InvalidParameterValue.ProcedureName"},
		"no time":            {api.PullUpload{MediaUrl: fine, ExpireTime: "2027-01-01 08:00:00"}, "InvalidParameterValue.ExpireTime"},
		"expired":            {api.PullUpload{MediaUrl: fine, ExpireTime: "2026-03-02T08:00:00Z"}, "InvalidParameterValue.ExpireTime"},
		"a class below 0":    {api.PullUpload{MediaUrl: fine, ClassId: -1}, "InvalidParameterValue"},
		"priority":           {api.PullUpload{MediaUrl: fine, TasksPriority: 11}, "InvalidParameterValue"},
		"path":               {api.PullUpload{MediaUrl: fine, MediaStoragePath: "/a"}, "UnsupportedOperation"},
		"source context": {api.PullUpload{MediaUrl: fine, SourceContext: strings.Repeat("é", 251)},
			"InvalidParameterValue"},
		"session context": {api.PullUpload{MediaUrl: fine, SessionContext: strings.Repeat("é", 1001)},
			"InvalidParameterValue.SessionContextTooLong"},
		"session": {api.PullUpload{MediaUrl: fine, SessionId: strings.Repeat("é", 51)}, "InvalidParameterValue.SessionIdTooLong"},
		"again":   {api.PullUpload{MediaUrl: fine, SessionId: "once"}, "InvalidParameterValue.SessionId"},
	} {
		s := newShelf(t)
		s.procedure("mine")
		s.pull(api.PullUpload{MediaUrl: fine, SessionId: "once"})
		if r, err := s.PullUpload(&c.ask, s.now); codeOf(err) != c.code {
			t.Errorf("%s: the answer is %v, %v; want %s", name, r, err, c.code)
		}
		if held := s.Held(); len(held) > 0 {
			t.Errorf("%s: was refused, and made %v", name, held)
		}
	}
}

func TestARefusedPullDoesNotUseUpItsSessionId(t *testing.T) {
	s := newShelf(t)
	if _, err := s.PullUpload(&api.PullUpload{MediaUrl: "a.mp4", SessionId: "once"}, s.now); err == nil {
		t.Fatal("it was not refused")
	}
	s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4", SessionId: "once"})
}

func TestAPullFailsIfPullsAreToFail(t *testing.T) {
	s := newShelf(t)
	s.procedure("mine")
	s.rules.Failures = []library.Failure{{Code: "InternalError"}, {Type: "PullUpload", Code: "SourceFileError"}}
	id := s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4", Procedure: "mine"})
	s.pass(10 * time.Second)
	d := s.detail(id)
	if task := d.PullUploadTask; d.Status != "FINISH" || task.Status != "FINISH" || task.ErrCode != 60000 || task.FileId != "" ||
		task.MediaBasicInfo != nil || task.Message == "SUCCESS" || task.ProcedureTaskId != "" {
		t.Errorf("it is %+v", task)
	}
	if _, all := s.View(10); len(s.events) != 1 || s.events[0].Type != "PullComplete" || all != 0 {
		t.Errorf("events are %+v, and there are %d files", s.events, all)
	}
	fileID, taskID := s.Fetch("https://example.com/a.mp4", "", s.now)
	if fileID != "" || s.detail(taskID).PullUploadTask.ErrCode != 60000 {
		t.Errorf("Fetch makes %s", fileID)
	}
	s.rules.Failures = []library.Failure{{Code: "InternalError"}} // of any result of a task flow
	if fileID, _ := s.Fetch("https://example.com/a.mp4", "", s.now); fileID == "" {
		t.Error("a pull fails though only task flows are to")
	}
}

func TestThePullOfTheControlPanelTakesAnyURL(t *testing.T) {
	s := newShelf(t)
	for url, want := range map[string]string{
		"":                                       ".mp4",
		"%zz":                                    ".mp4",
		"clip.mov":                               "clip.mov",
		"https://example.com/watch.php":          "watch.mp4",
		"https://me:secret@example.com?t=secret": "example.com.mp4",
		"https://example.com/a%2Fb.mp4":          "b.mp4",
	} {
		fetched, _ := s.Fetch(url, "", s.now)
		if got := s.media(fetched).BasicInfo; got.Name+"."+got.Type != want {
			t.Errorf("%s is called %q, of the type %q", url, got.Name, got.Type)
		}
	}
}

func TestThePullOfTheControlPanelIsOverAtOnce(t *testing.T) {
	s := newShelf(t)
	fileID, taskID := s.Fetch("http://127.0.0.1:1/clip?x=.mov", "order 43", s.now)
	d := s.detail(taskID)
	if task := d.PullUploadTask; d.Status != "FINISH" || task.FileId != fileID || task.SessionContext != "order 43" ||
		task.MediaBasicInfo.Name != "clip" || task.MediaBasicInfo.Type != "mp4" {
		t.Errorf("it is %+v, %+v", d, d.PullUploadTask)
	}
	if s.pass(0); len(s.events) != 1 {
		t.Errorf("events are %+v", s.events)
	}
}
