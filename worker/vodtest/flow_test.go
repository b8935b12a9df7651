package vodtest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"
)

// An application uses VOD by the official SDK.
type application struct {
	t      *testing.T
	server *Server
	*vod.Client
	events []*vod.EventContent // pulled, and not looked at yet
}

// eachApplication runs f with each way of signing, so that nested parameters come as JSON and flattened.
func eachApplication(t *testing.T, f func(app *application)) {
	eachSignature(t, func(t *testing.T, signature, method string) {
		server := NewServer(t, Config{TaskTime: time.Millisecond})
		client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), method)
		client.WithSignatureMethod(signature)
		f(&application{t: t, server: server, Client: client})
	})
}

// must returns the answer of a call that succeeds.
func must[R any](app *application, answer R, err error) R {
	app.t.Helper()
	if err != nil {
		app.t.Fatal(err)
	}
	return answer
}

// event returns the next event, and waits for it if there is none yet.
func (app *application) event(eventType string) *vod.EventContent {
	app.t.Helper()
	if len(app.events) == 0 {
		app.pull()
	}
	next := app.events[0]
	app.events = app.events[1:]
	if *next.EventType != eventType {
		app.t.Fatalf("the next event is %s, want a %s", jsonOf(next), eventType)
	}
	return next
}

// pull pulls events and confirms them.
func (app *application) pull() {
	app.t.Helper()
	pull, confirm := vod.NewPullEventsRequest(), vod.NewConfirmEventsRequest()
	pull.SubAppId, confirm.SubAppId = common.Uint64Ptr(appID), common.Uint64Ptr(appID)
	pulled, err := app.PullEvents(pull)
	app.events = must(app, pulled, err).Response.EventSet
	for _, event := range app.events {
		confirm.EventHandles = append(confirm.EventHandles, event.EventHandle)
	}
	_, err = app.ConfirmEvents(confirm)
	must(app, 0, err)
}

// info returns what VOD knows of a file, nil if it knows none.
func (app *application) info(fileID string, filters ...string) *vod.MediaInfo {
	app.t.Helper()
	describe := vod.NewDescribeMediaInfosRequest()
	describe.SubAppId = common.Uint64Ptr(appID)
	describe.FileIds, describe.Filters = common.StringPtrs([]string{fileID}), common.StringPtrs(filters)
	answer, err := app.DescribeMediaInfos(describe)
	switch r := must(app, answer, err).Response; {
	case len(r.MediaInfoSet) == 1 && *r.MediaInfoSet[0].FileId == fileID:
		return r.MediaInfoSet[0]
	case len(r.MediaInfoSet) == 0 && len(r.NotExistFileIdSet) == 1 && *r.NotExistFileIdSet[0] == fileID:
		return nil
	}
	app.t.Fatalf("infos are %s", answer.ToJsonString())
	return nil
}

// transcoded returns the templates of the files that were made of one. 0 is itself.
func (app *application) transcoded(fileID string) (templates []int64) {
	app.t.Helper()
	if made := app.info(fileID, "transcodeInfo").TranscodeInfo; made != nil {
		for _, item := range made.TranscodeSet {
			templates = append(templates, *item.Definition)
		}
	}
	slices.Sort(templates)
	return templates
}

func jsonOf(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

func TestTheOfficialSDKProcessesAFile(t *testing.T) {
	eachApplication(t, func(app *application) {
		t := app.t
		app.server.Upload(appID, "lighthouse.mp4")
		fileID := *app.event("NewFileUpload").FileUploadEvent.FileId
		if got := app.info(fileID); *got.BasicInfo.Name != "lighthouse" || *got.BasicInfo.CoverUrl != "" {
			t.Errorf("at first the file is %s", jsonOf(got))
		}

		process := vod.NewProcessMediaRequest()
		process.SubAppId, process.FileId = common.Uint64Ptr(appID), &fileID
		process.SessionContext = common.StringPtr(`{"order":"A&B = ü+ %2B"}`)
		process.MediaProcessTask = &vod.MediaProcessTaskInput{
			TranscodeTaskSet: []*vod.TranscodeTaskInput{
				{Definition: common.Uint64Ptr(100010), StartTimeOffset: common.Float64Ptr(1.5),
					WatermarkSet: []*vod.WatermarkInput{{Definition: common.Uint64Ptr(7), TextContent: common.StringPtr("ours")}}},
				{Definition: common.Uint64Ptr(100020)},
			},
			CoverBySnapshotTaskSet: []*vod.CoverBySnapshotTaskInput{{
				Definition: common.Uint64Ptr(10), PositionType: common.StringPtr("Percent"), PositionValue: common.Float64Ptr(50)}},
		}
		answer, err := app.ProcessMedia(process)
		taskID := must(app, answer, err).Response.TaskId

		task := app.event("ProcedureStateChanged").ProcedureStateChangeEvent
		if *task.TaskId != *taskID || *task.FileId != fileID || *task.Status != "FINISH" ||
			*task.SessionContext != *process.SessionContext {
			t.Errorf("event is %s", jsonOf(task))
		}
		results := task.MediaProcessResultSet
		if len(results) != 3 {
			t.Fatalf("results are %s", jsonOf(results))
		}
		first, cover := results[0].TranscodeTask, results[2].CoverBySnapshotTask
		if in := first.Input; *first.Status != "SUCCESS" || *first.Output.Definition != 100010 || *in.StartTimeOffset != 1.5 ||
			*in.WatermarkSet[0].TextContent != "ours" || *results[1].TranscodeTask.Input.Definition != 100020 ||
			*cover.Input.PositionValue != 50 || *cover.Output.CoverUrl == "" {
			t.Errorf("results are %s", jsonOf(results))
		}

		describe := vod.NewDescribeTaskDetailRequest()
		describe.SubAppId, describe.TaskId = common.Uint64Ptr(appID), taskID
		detail, err := app.DescribeTaskDetail(describe)
		if r := must(app, detail, err).Response; *r.TaskType != "Procedure" || *r.Status != "FINISH" ||
			!reflect.DeepEqual(r.ProcedureTask, task) {
			t.Errorf("the task is %s, the event was %s", jsonOf(r), jsonOf(task))
		}
		if got := app.transcoded(fileID); !slices.Equal(got, []int64{0, 100010, 100020}) {
			t.Errorf("there are the files %v", got)
		}
		if got := app.info(fileID, "basicInfo"); *got.BasicInfo.CoverUrl != *cover.Output.CoverUrl || got.TranscodeInfo != nil {
			t.Errorf("the file is %s", jsonOf(got))
		}
		list := vod.NewDescribeTasksRequest()
		list.SubAppId, list.FileId, list.Status = common.Uint64Ptr(appID), &fileID, common.StringPtr("FINISH")
		list.Sort = &vod.SortBy{Field: common.StringPtr("FinishTime"), Order: common.StringPtr("Desc")}
		tasks, err := app.DescribeTasks(list)
		if set := must(app, tasks, err).Response.TaskSet; len(set) != 1 || *set[0].TaskId != *taskID ||
			*set[0].TaskType != "Procedure" {
			t.Errorf("tasks are %s", tasks.ToJsonString())
		}
	})
}

func TestTheOfficialSDKPullsAFileInAndProcessesItByAProcedure(t *testing.T) {
	eachApplication(t, func(app *application) {
		t := app.t
		pull := vod.NewPullUploadRequest()
		pull.SubAppId, pull.Procedure = common.Uint64Ptr(appID), common.StringPtr("LongVideoPreset")
		pull.MediaUrl = common.StringPtr("https://example.com/a/lighthouse.mp4?x=1&y=%20")
		pull.MediaName = common.StringPtr("Leuchtturm")
		answer, err := app.PullUpload(pull)
		taskID := must(app, answer, err).Response.TaskId
		pulled := app.event("PullComplete").PullCompleteEvent
		if *pulled.TaskId != *taskID || *pulled.MediaBasicInfo.Name != "Leuchtturm" {
			t.Errorf("event is %s", jsonOf(pulled))
		}
		first := app.event("ProcedureStateChanged").ProcedureStateChangeEvent
		if *first.TaskId != *pulled.ProcedureTaskId || *first.FileId != *pulled.FileId {
			t.Errorf("event is %s", jsonOf(first))
		}

		process := vod.NewProcessMediaByProcedureRequest()
		process.SubAppId, process.FileId, process.ProcedureName = common.Uint64Ptr(appID), pulled.FileId, pull.Procedure
		process.TasksPriority = common.Int64Ptr(-10)
		again, err := app.ProcessMediaByProcedure(process)
		second := must(app, again, err).Response.TaskId
		task := app.event("ProcedureStateChanged").ProcedureStateChangeEvent
		if *task.TaskId != *second || *task.TasksPriority != -10 {
			t.Errorf("event is %s", jsonOf(task))
		}
		var kinds []string
		for _, result := range task.MediaProcessResultSet {
			kinds = append(kinds, *result.Type)
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"AdaptiveDynamicStreaming", "CoverBySnapshot", "ImageSprites"}) {
			t.Errorf("the results are of %v", kinds)
		}
		if got := app.info(*pulled.FileId); len(got.AdaptiveDynamicStreamingInfo.AdaptiveDynamicStreamingSet) == 0 ||
			len(got.ImageSpriteInfo.ImageSpriteSet) == 0 || *got.BasicInfo.CoverUrl == "" {
			t.Errorf("the file is %s", jsonOf(got))
		}
		process.ProcedureName = common.StringPtr("NoSuchProcedure")
		if _, err := app.ProcessMediaByProcedure(process); sdkCode(err) != "InvalidParameterValue.ProcedureName" {
			t.Errorf("another procedure: %v", err)
		}
	})
}

func TestTheOfficialSDKFindsChangesAndDeletesAFile(t *testing.T) {
	eachApplication(t, func(app *application) {
		t := app.t
		other := app.server.Upload(appID, "other.mp4")
		app.event("NewFileUpload")
		fileID := app.server.Upload(appID, "lighthouse.mp4")
		app.event("NewFileUpload")

		modify := vod.NewModifyMediaInfoRequest()
		modify.SubAppId, modify.FileId = common.Uint64Ptr(appID), &fileID
		modify.Name, modify.AddTags = common.StringPtr("Leuchtturm & Möwe"), common.StringPtrs([]string{"sea", "bird"})
		modify.AddKeyFrameDescs = []*vod.MediaKeyFrameDescItem{{TimeOffset: common.Float64Ptr(2.5), Content: common.StringPtr("gull")}}
		_, err := app.ModifyMediaInfo(modify)
		must(app, 0, err)
		got := app.info(fileID, "basicInfo", "keyFrameDescInfo")
		if *got.BasicInfo.Name != *modify.Name || len(got.BasicInfo.TagSet) != 2 || got.MetaData != nil ||
			*got.KeyFrameDescInfo.KeyFrameDescSet[0].Content != "gull" {
			t.Errorf("the file is %s", jsonOf(got))
		}

		search := func(narrow func(*vod.SearchMediaRequest)) (found []string) {
			request := vod.NewSearchMediaRequest()
			request.SubAppId = common.Uint64Ptr(appID)
			narrow(request)
			answer, err := app.SearchMedia(request)
			for _, info := range must(app, answer, err).Response.MediaInfoSet {
				found = append(found, *info.FileId)
			}
			return found
		}
		both := []string{other, fileID}
		slices.Sort(both)
		all := search(func(*vod.SearchMediaRequest) {})
		slices.Sort(all)
		tagged := search(func(r *vod.SearchMediaRequest) { r.Tags = common.StringPtrs([]string{"bird", "fish"}) })
		recent := search(func(r *vod.SearchMediaRequest) {
			r.NamePrefixes = common.StringPtrs([]string{"Leuchtturm &"})
			r.CreateTime = &vod.TimeRange{After: common.StringPtr(utc(time.Now().Add(-time.Hour)))}
			r.Sort = &vod.SortBy{Field: common.StringPtr("CreateTime"), Order: common.StringPtr("Asc")}
		})
		old := search(func(r *vod.SearchMediaRequest) {
			r.CreateTime = &vod.TimeRange{Before: common.StringPtr(utc(time.Now().Add(-time.Hour)))}
		})
		if !slices.Equal(all, both) || !slices.Equal(tagged, []string{fileID}) || !slices.Equal(recent, tagged) || old != nil {
			t.Errorf("found are %v, tagged %v, recent %v and old %v", all, tagged, recent, old)
		}

		switches := vod.NewModifyEventConfigRequest()
		switches.SubAppId, switches.DeleteMediaCompleteEventSwitch = common.Uint64Ptr(appID), common.StringPtr("ON")
		_, err = app.ModifyEventConfig(switches)
		must(app, 0, err)
		remove := vod.NewDeleteMediaRequest()
		remove.SubAppId, remove.FileId = common.Uint64Ptr(appID), &fileID
		_, err = app.DeleteMedia(remove)
		must(app, 0, err)
		if gone := app.event("FileDeleted").FileDeleteEvent; len(gone.FileIdSet) != 1 || *gone.FileIdSet[0] != fileID {
			t.Errorf("event is %s", jsonOf(gone))
		}
		if got := app.info(fileID); got != nil {
			t.Errorf("there is still %s", jsonOf(got))
		}
		if _, err := app.DeleteMedia(remove); sdkCode(err) != "ResourceNotFound" {
			t.Errorf("a second time: %v", err)
		}
	})
}
