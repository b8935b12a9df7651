package library

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestARequestForATaskFlowThatVODRefusesIsRefused(t *testing.T) {
	type in = api.MediaProcessTaskInput
	long := strings.Repeat("灯", 1001)
	for _, test := range []struct {
		name, code, says string
		ask              api.ProcessMedia
	}{
		{"no FileId", "MissingParameter", "FileId", api.ProcessMedia{FileId: "-"}},
		{"an unknown file", "InvalidParameterValue.FileId", `"99"`, api.ProcessMedia{FileId: "99"}},
		{"a path", "UnsupportedOperation", "MediaStoragePath", api.ProcessMedia{FileId: "-", MediaStoragePath: "/a.mp4"}},
		{"a URL", "UnsupportedOperation", "Url", api.ProcessMedia{FileId: "-", Url: "https://example.com/a.mp4"}},
		{"a file of its own", "UnsupportedOperation", "OutputAsIndependentMedia", api.ProcessMedia{OutputAsIndependentMedia: "ON"}},
		{"a misspelt switch", "InvalidParameterValue", `"on"`, api.ProcessMedia{OutputAsIndependentMedia: "on"}},
		{"a review", "UnsupportedOperation", "AiContentReviewTask", api.ProcessMedia{AiContentReviewTask: &api.AiTaskInput{}}},
		{"an analysis", "UnsupportedOperation", "AiAnalysisTask", api.ProcessMedia{AiAnalysisTask: &api.AiTaskInput{}}},
		{"a recognition", "UnsupportedOperation", "AiRecognitionTask", api.ProcessMedia{AiRecognitionTask: &api.AiTaskInput{}}},
		{"nothing", "InvalidParameterValue", "asks for nothing", api.ProcessMedia{MediaProcessTask: &in{}}},
		{"nothing, of an unknown file", "InvalidParameterValue", "asks for nothing",
			api.ProcessMedia{FileId: "99", MediaProcessTask: &in{}}},
		{"a priority that is too high", "InvalidParameterValue", "11", api.ProcessMedia{TasksPriority: 11}},
		{"a priority that is too low", "InvalidParameterValue", "-11", api.ProcessMedia{TasksPriority: -11}},
		{"an unknown mode", "InvalidParameterValue", `"finish"`, api.ProcessMedia{TasksNotifyMode: "finish"}},
		{"a long SessionId", "InvalidParameterValue.SessionIdTooLong", "50", api.ProcessMedia{SessionId: long[:3*51]}},
		{"a long SessionContext", "InvalidParameterValue.SessionContextTooLong", "1000", api.ProcessMedia{SessionContext: long}},

		{"no template", "InvalidParameterValue", "MediaProcessTask.ImageSpriteTaskSet.1.Definition is 0",
			api.ProcessMedia{MediaProcessTask: &in{ImageSpriteTaskSet: []api.ImageSpriteTaskInput{{Definition: 10}, {}}}}},
		{"a template that cannot be", "InvalidParameterValue", "Definition is 2147483648",
			api.ProcessMedia{MediaProcessTask: &in{ImageSpriteTaskSet: []api.ImageSpriteTaskInput{{Definition: 1 << 31}}}}},
		{"too much", "InvalidParameterValue", "101 things",
			api.ProcessMedia{MediaProcessTask: &in{ImageSpriteTaskSet: slices.Repeat([]api.ImageSpriteTaskInput{{Definition: 10}}, 101)}}},
		{"too many watermarks", "InvalidParameterValue", "MediaProcessTask.TranscodeTaskSet.0.WatermarkSet has 11 elements",
			api.ProcessMedia{MediaProcessTask: &in{TranscodeTaskSet: []api.TranscodeTaskInput{
				{Definition: 10, WatermarkSet: make([]api.WatermarkInput, 11)}}}}},
		{"a long watermark", "InvalidParameterValue", "SampleSnapshotTaskSet.0.WatermarkSet.0.TextContent",
			api.ProcessMedia{MediaProcessTask: &in{SampleSnapshotTaskSet: []api.SampleSnapshotTaskInput{
				{Definition: 10, WatermarkSet: []api.WatermarkInput{{TextContent: long[:3*101]}}}}}}},
		{"a watermark that is too large", "InvalidParameterValue", "WatermarkSet.1.SvgContent",
			api.ProcessMedia{MediaProcessTask: &in{CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{
				{Definition: 10, PositionType: "Time", WatermarkSet: []api.WatermarkInput{
					{}, {SvgContent: strings.Repeat("x", 2_000_001)}}}}}}},
		{"too many mosaics", "InvalidParameterValue", "MosaicSet", api.ProcessMedia{MediaProcessTask: &in{
			TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, MosaicSet: make([]api.MosaicInput, 11)}}}}},
		{"too many heads", "InvalidParameterValue", "HeadTailSet", api.ProcessMedia{MediaProcessTask: &in{
			TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, HeadTailSet: make([]api.HeadTailTaskInput, 11)}}}}},
		{"a switch that is neither", "InvalidParameterValue", "TraceWatermark.Switch", api.ProcessMedia{MediaProcessTask: &in{
			TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, TraceWatermark: &api.TraceWatermarkInput{Switch: "on"}}}}}},
		{"a long copyright", "InvalidParameterValue", "CopyRightWatermark.Text", api.ProcessMedia{MediaProcessTask: &in{
			TranscodeTaskSet: []api.TranscodeTaskInput{
				{Definition: 10, CopyRightWatermark: &api.CopyRightWatermarkInput{Text: long[:3*201]}}}}}},
		{"subtitles", "UnsupportedOperation", "SubtitleInfoSet", api.ProcessMedia{MediaProcessTask: &in{
			TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, SubtitleInfoSet: make([]api.SubtitleInfoInput, 1)}}}}},
		{"subtitles of streams", "UnsupportedOperation", "SubtitleSet", api.ProcessMedia{MediaProcessTask: &in{
			AdaptiveDynamicStreamingTaskSet: []api.AdaptiveDynamicStreamingTaskInput{{Definition: 10, SubtitleSet: []string{"s"}}}}}},
		{"somebody else's DRM", "UnsupportedOperation", "DrmInfo", api.ProcessMedia{MediaProcessTask: &in{
			AdaptiveDynamicStreamingTaskSet: []api.AdaptiveDynamicStreamingTaskInput{
				{Definition: 10, DrmInfo: &api.ThirdPartyDrmInfo{}}}}}},
		{"no point in time", "InvalidParameterValue", "ExtTimeOffsetSet is missing", api.ProcessMedia{MediaProcessTask: &in{
			SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{{Definition: 10}}}}},
		{"too many points in time", "InvalidParameterValue", "TimeOffsetSet has 101", api.ProcessMedia{MediaProcessTask: &in{
			SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{{Definition: 10, TimeOffsetSet: make([]float64, 101)}}}}},
		{"an unknown position", "InvalidParameterValue", `PositionType is "time"`, api.ProcessMedia{MediaProcessTask: &in{
			CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{{Definition: 10, PositionType: "time"}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			if test.ask.FileId == "" {
				test.ask.FileId = r.file
			}
			test.ask.FileId = strings.TrimPrefix(test.ask.FileId, "-")
			if test.ask.MediaProcessTask == nil {
				test.ask.MediaProcessTask = oneTranscode()
			}
			_, err := r.ProcessMedia(&test.ask, r.now)
			if codeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("refused with %v, want %s: … %s", err, test.code, test.says)
			}
			if held := r.Held(); len(held) > 0 || len(r.tasks) > 0 {
				t.Errorf("there is a task nevertheless: %q", held)
			}
		})
	}
}

func TestAFileWithoutItsOriginalIsNotProcessed(t *testing.T) {
	r := newRig(t)
	r.media[r.file].basic.MediaUrl = ""
	_, err := r.ProcessMedia(&api.ProcessMedia{FileId: r.file, MediaProcessTask: oneTranscode()}, r.now)
	if codeOf(err) != "InvalidParameterValue.FileId" {
		t.Errorf("refused with %v", err)
	}
}

func TestWhatIsBesideAFileIdIsNotLookedAt(t *testing.T) {
	r := newRig(t)
	r.ask(&api.ProcessMedia{
		Url: "https://example.com/other.mp4", MediaStoragePath: "/other.mp4", OutputAsIndependentMedia: "OFF",
		MediaProcessTask: oneTranscode(),
	})
}

func TestASessionIdIsTakenOnceInThreeDays(t *testing.T) {
	r := newRig(t)
	ask := func() error {
		_, err := r.ProcessMediaByProcedure(
			&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "LongVideoPreset", SessionId: "one"}, r.now)
		return err
	}
	refused := &api.ProcessMedia{FileId: r.file, SessionId: "one", TasksPriority: 11, MediaProcessTask: oneTranscode()}
	if _, err := r.ProcessMedia(refused, r.now); err == nil {
		t.Fatal("a priority of 11 was taken")
	}
	if err := ask(); err != nil {
		t.Fatalf("a SessionId that only a refused request had: %v", err)
	}
	r.now = r.now.Add(3*24*time.Hour - 1)
	if err := ask(); codeOf(err) != "InvalidParameterValue.SessionId" {
		t.Errorf("just before three days were over: %v", err)
	}
	r.now = r.now.Add(1)
	if err := ask(); err != nil {
		t.Errorf("after three days: %v", err)
	}
	if n := len(r.sessions.used); n != 1 || len(r.sessions.ordered) != 1 {
		t.Errorf("%d SessionIds are remembered, want 1", n)
	}
}

func TestATaskFlowShowsWhatTheRequestSaid(t *testing.T) {
	r := newRig(t)
	p := &api.ProcessMedia{
		MediaProcessTask: oneTranscode(), TasksPriority: -10, TasksNotifyMode: "Change", SessionContext: "context", SessionId: "id",
	}
	got := r.shown(r.ask(p))
	if got.TasksPriority != -10 || got.TasksNotifyMode != "Change" || got.SessionContext != "context" || got.SessionId != "id" ||
		got.FileId != r.file || got.FileName != "lighthouse" || got.FileUrl == "" || got.MetaData == nil {
		t.Errorf("shown as %+v", got)
	}
	r.pass(time.Second)
	if got := r.shown(r.ask(&api.ProcessMedia{MediaProcessTask: oneTranscode()})); got.TasksNotifyMode != "Finish" {
		t.Errorf("by default the mode is %q", got.TasksNotifyMode)
	}
	if got := r.info().BasicInfo.UpdateTime; got != "2026-03-09T08:00:01Z" {
		t.Errorf("the file was changed at %s, want the time of the last request", got)
	}
}

func TestATaskFlowOfAProcedureShowsWhatTheRequestSaid(t *testing.T) {
	r := newRig(t)
	answer, err := r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{
		FileId: r.file, ProcedureName: "LongVideoPreset", MediaStoragePath: "/not/looked/at.mp4",
		TasksPriority: 10, TasksNotifyMode: "None", SessionContext: "context", SessionId: "id",
	}, r.now)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.shown(answer.TaskId); got.TasksPriority != 10 || got.TasksNotifyMode != "None" ||
		got.SessionContext != "context" || got.SessionId != "id" {
		t.Errorf("shown as %+v", got)
	}
}

func TestResultsAreUnderWayUntilTheyAreThere(t *testing.T) {
	r := newRig(t)
	asked, err := r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "LongVideoPreset"}, r.now)
	if err != nil {
		t.Fatal(err)
	}
	check := func(when, status string, over int, begin, finish string) {
		t.Helper()
		shown := r.shown(asked.TaskId)
		if shown.Status != status {
			t.Errorf("%s: the task is %s, want %s", when, shown.Status, status)
		}
		for i, result := range shown.MediaProcessResultSet {
			got := stateOf(result)
			want := state{Status: "PROCESSING", BeginProcessTime: begin}
			if i < over {
				want = state{Status: "SUCCESS", Message: "SUCCESS", Progress: 100, BeginProcessTime: begin, FinishTime: got.FinishTime}
			}
			if i == over-1 {
				want.FinishTime = finish
			}
			if got != want {
				t.Errorf("%s: result %d is %+v, want %+v", when, i, got, want)
			}
		}
	}
	r.now = r.now.Add(time.Second)
	check("before it begins", "PROCESSING", 0, "", "")
	r.Start(r.Held(), r.now)
	check("when it begins", "PROCESSING", 0, "2026-03-09T08:00:01Z", "")
	r.pass(39 * time.Second)
	check("when 39 of 60 s are over", "PROCESSING", 1, "2026-03-09T08:00:01Z", "2026-03-09T08:00:21Z")
	r.pass(21 * time.Second)
	check("at the end", "FINISH", 3, "2026-03-09T08:00:01Z", "2026-03-09T08:01:01Z")
}

func TestEventsAreAsManyAsTheModeSays(t *testing.T) {
	for mode, want := range map[string][]string{
		"":       {"FINISH"},
		"Finish": {"FINISH"},
		"Change": {"PROCESSING", "PROCESSING", "FINISH"},
		"None":   nil,
	} {
		r := newRig(t)
		_, err := r.ProcessMediaByProcedure(
			&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "SimpleAesEncryptPreset", TasksNotifyMode: mode}, r.now)
		if err != nil {
			t.Fatal(err)
		}
		r.Start(r.Held(), r.now)
		var got []string
		for i, e := range r.pass(time.Minute) {
			task := r.stateOf(e)
			got = append(got, task.Status)
			over := 0
			for _, result := range task.MediaProcessResultSet {
				over += int(stateOf(result).Progress) / 100
			}
			if mode == "Change" && over != i+1 {
				t.Errorf("event %d has %d results that are over", i, over)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in the mode %q there are events with %q, want %q", mode, got, want)
		}
	}
}

func TestAnUnknownProcedureIsRefused(t *testing.T) {
	r := newRig(t)
	_, err := r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "LongVideo"}, r.now)
	if codeOf(err) != "InvalidParameterValue.ProcedureName" {
		t.Errorf("refused with %v", err)
	}
	_, err = r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: "99", ProcedureName: "LongVideoPreset"}, r.now)
	if codeOf(err) != "InvalidParameterValue.FileId" {
		t.Errorf("an unknown file is refused with %v", err)
	}
}
