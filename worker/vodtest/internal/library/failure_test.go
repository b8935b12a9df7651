package library

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestFailuresAreReadAndWritten(t *testing.T) {
	got, err := ParseFailures(" Transcode:100020 = InternalError , *:10=SourceFileError.NoVideoMedia,*=InternalError.Transcode," +
		"PullUpload=SourceFileError.DownloadNotAccessible")
	want := []Failure{
		{"Transcode", 100020, "InternalError"}, {"", 10, "SourceFileError.NoVideoMedia"}, {"", 0, "InternalError.Transcode"},
		{"PullUpload", 0, "SourceFileError.DownloadNotAccessible"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("read %+v, %v", got, err)
	}
	if text := Format(got); text != "Transcode:100020=InternalError,*:10=SourceFileError.NoVideoMedia,*=InternalError.Transcode,"+
		"PullUpload=SourceFileError.DownloadNotAccessible" {
		t.Errorf("written as %s", text)
	}
	if got, err := ParseFailures(" "); got != nil || err != nil {
		t.Errorf("nothing is read as %+v, %v", got, err)
	}
}

func TestAFailureThatCannotBeSaysWhatThereIs(t *testing.T) {
	for text, says := range map[string][]string{
		"Transcode":                {`"Transcode"`, "TYPE:DEFINITION=CODE"},
		"Transcode=InternalError,": {`""`, "TYPE=CODE"},
		"transcode=InternalError": {
			`"transcode"`, "Transcode, AnimatedGraphics, ", "AdaptiveDynamicStreaming, * for any", "and PullUpload"},
		"PullUpload:1=InternalError":      {`"PullUpload"`, "which has no template"},
		"=InternalError":                  {`""`, "Transcode, "},
		"Transcode:0=InternalError":       {`"0"`, "from 1"},
		"Transcode:x=InternalError":       {`"x"`, "from 1"},
		"Transcode:4294967296=x":          {`"4294967296"`, "2147483647"},
		"Transcode=":                      {`""`, "InvalidInput, InvalidInput.InvalidTimeOffset, ", "InternalError"},
		"Transcode=internalerror":         {`"internalerror"`, "InternalError"},
		"Transcode=InternalErrorX":        {`"InternalErrorX"`, "InternalError"},
		"Transcode=InternalError.":        {`"InternalError."`, "InternalError"},
		"Transcode=InternalError.a b":     {`"InternalError.a b"`, "InternalError"},
		"Transcode=SourceFileError.a.b":   {`"SourceFileError.a.b"`, "SourceFileError"},
		"*=ResourceNotFound,ImageSprites": {`"ResourceNotFound"`, "SourceFileError"},
	} {
		_, err := ParseFailures(text)
		for _, part := range says {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q is refused with %v, want … %s", text, err, part)
			}
		}
	}
}

func TestResultsFailAsTheRulesSay(t *testing.T) {
	r := newRig(t)
	var err error
	r.rules.Failures, err = ParseFailures(
		"ImageSprites:20=InvalidInput.DefinitionNotExist,ImageSprites=InternalError.Sprite,*:11=SourceFileError")
	if err != nil {
		t.Fatal(err)
	}
	id := r.ask(&api.ProcessMedia{MediaProcessTask: &api.MediaProcessTaskInput{
		TranscodeTaskSet:       []api.TranscodeTaskInput{{Definition: 10}, {Definition: 11}},
		ImageSpriteTaskSet:     []api.ImageSpriteTaskInput{{Definition: 20}, {Definition: 11}},
		CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{{Definition: 20, PositionType: "Time"}},
	}})
	r.pass(time.Minute)
	task := r.shown(id)
	if task.Status != "FINISH" || task.ErrCode != 0 || task.Message != "" {
		t.Errorf("the task flow itself is %s, %d %q", task.Status, task.ErrCode, task.Message)
	}
	type outcome struct {
		status, code string
		number       int64
	}
	var got []outcome
	for _, result := range task.MediaProcessResultSet {
		s := stateOf(result)
		got = append(got, outcome{s.Status, s.ErrCodeExt, s.ErrCode})
		if s.Status == "FAIL" && s.Message == "" || s.Progress != 100 || s.FinishTime == "" {
			t.Errorf("%+v", s)
		}
	}
	want := []outcome{
		{"SUCCESS", "", 0}, {"FAIL", "SourceFileError", 60000},
		{"FAIL", "InvalidInput.DefinitionNotExist", 40000}, {"FAIL", "InternalError.Sprite", 70000}, {"SUCCESS", "", 0},
	}
	if !slices.Equal(got, want) {
		t.Errorf("results %+v, want %+v", got, want)
	}
	file := r.media[r.file]
	failed := task.MediaProcessResultSet[1].TranscodeTask
	if failed.Output != nil || len(file.transcoded) != 1 || len(file.sprites) > 0 {
		t.Errorf("what failed has left something: %+v", file.made())
	}
}

func TestEveryDocumentedFailureSaysSomethingOfItsOwn(t *testing.T) {
	said := map[string]bool{}
	for _, known := range failures {
		if !fails(known.code) {
			t.Errorf("%s cannot be asked for", known.code)
		}
		said[(&Failure{Code: known.code}).message()] = true
	}
	if len(said) != len(failures) || said[""] {
		t.Errorf("messages %v", said)
	}
	if got := (&Failure{Code: "InternalError.Transcode"}).message(); got != (&Failure{Code: "InternalError"}).message() {
		t.Errorf("an undocumented code says %q", got)
	}
}

func TestWhatIsNotMadeWhenAFileIsDeletedFails(t *testing.T) {
	r := newRig(t)
	_, err := r.ProcessMediaByProcedure(
		&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "LongVideoPreset", TasksNotifyMode: "Change"}, r.now)
	if err != nil {
		t.Fatal(err)
	}
	r.Start(r.Held(), r.now)
	r.pass(20 * time.Second)
	if _, err := r.DeleteMedia(&api.DeleteMedia{FileId: r.file}, r.now); err != nil {
		t.Fatal(err)
	}
	events := r.pass(40 * time.Second)
	last := r.stateOf(events[len(events)-1])
	var got []string
	for _, result := range last.MediaProcessResultSet {
		got = append(got, stateOf(result).Status+stateOf(result).ErrCodeExt)
	}
	want := []string{"SUCCESS", "FAILSourceFileError", "FAILSourceFileError"}
	if !slices.Equal(got, want) || last.Status != "FINISH" {
		t.Errorf("%s with %q, want FINISH with %q", last.Status, got, want)
	}
}

func TestWhatNeedsPicturesFailsForSoundsAndImages(t *testing.T) {
	const noPictures = "SourceFileError.NoVideoMedia"
	in := &api.MediaProcessTaskInput{
		TranscodeTaskSet:       []api.TranscodeTaskInput{{Definition: 1010}, {Definition: 100010}, {Definition: 1234567}},
		ImageSpriteTaskSet:     []api.ImageSpriteTaskInput{{Definition: 10}},
		CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{{Definition: 10, PositionType: "Time"}},
	}
	for name, wants := range map[string][5]string{ // of the encodings, the last of which is unknown, the sprites and the cover
		"a.mp4": {"", "", "", "", ""},
		"a.mp3": {"", noPictures, noPictures, noPictures, noPictures},
		"a.png": {noPictures, noPictures, noPictures, noPictures, noPictures},
	} {
		r := newRig(t)
		r.file = r.Upload(name, r.now)
		results := r.made(in)
		got := [5]string{results[0].TranscodeTask.ErrCodeExt, results[1].TranscodeTask.ErrCodeExt,
			results[2].TranscodeTask.ErrCodeExt, results[3].ImageSpriteTask.ErrCodeExt, results[4].CoverBySnapshotTask.ErrCodeExt}
		if got != wants {
			t.Errorf("the results for %s fail with %q, want %q", name, got, wants)
		}
	}
}
