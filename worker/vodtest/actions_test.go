package vodtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

// A sdkRequest is a request of the official SDK, which reads it from JSON, and refuses what its type does not have.
type sdkRequest interface {
	tchttp.Request
	FromJsonString(string) error
}

// sdkActions make the SDK's requests and responses of all actions.
var sdkActions = map[string]func() (sdkRequest, tchttp.Response){
	"PullEvents":              typesOf(vod.NewPullEventsRequest, vod.NewPullEventsResponse),
	"ConfirmEvents":           typesOf(vod.NewConfirmEventsRequest, vod.NewConfirmEventsResponse),
	"DescribeEventsState":     typesOf(vod.NewDescribeEventsStateRequest, vod.NewDescribeEventsStateResponse),
	"DescribeEventConfig":     typesOf(vod.NewDescribeEventConfigRequest, vod.NewDescribeEventConfigResponse),
	"ModifyEventConfig":       typesOf(vod.NewModifyEventConfigRequest, vod.NewModifyEventConfigResponse),
	"ProcessMedia":            typesOf(vod.NewProcessMediaRequest, vod.NewProcessMediaResponse),
	"ProcessMediaByProcedure": typesOf(vod.NewProcessMediaByProcedureRequest, vod.NewProcessMediaByProcedureResponse),
	"PullUpload":              typesOf(vod.NewPullUploadRequest, vod.NewPullUploadResponse),
	"ApplyUpload":             typesOf(vod.NewApplyUploadRequest, vod.NewApplyUploadResponse),
	"CommitUpload":            typesOf(vod.NewCommitUploadRequest, vod.NewCommitUploadResponse),
	"DescribeMediaInfos":      typesOf(vod.NewDescribeMediaInfosRequest, vod.NewDescribeMediaInfosResponse),
	"SearchMedia":             typesOf(vod.NewSearchMediaRequest, vod.NewSearchMediaResponse),
	"ModifyMediaInfo":         typesOf(vod.NewModifyMediaInfoRequest, vod.NewModifyMediaInfoResponse),
	"DeleteMedia":             typesOf(vod.NewDeleteMediaRequest, vod.NewDeleteMediaResponse),
	"DescribeTaskDetail":      typesOf(vod.NewDescribeTaskDetailRequest, vod.NewDescribeTaskDetailResponse),
	"DescribeTasks":           typesOf(vod.NewDescribeTasksRequest, vod.NewDescribeTasksResponse),
}

func typesOf[Q sdkRequest, P tchttp.Response](request func() Q, response func() P) func() (sdkRequest, tchttp.Response) {
	return func() (sdkRequest, tchttp.Response) { return request(), response() }
}

// A told is a request, as an example, and the code of its answer. In its parameters FILE is one that is there.
type told struct{ action, parameters, code string }

func times(n int, element string) string { return strings.Repeat(element+",", n-1) + element }

func long(n int) string { return `"` + strings.Repeat("ä", n) + `"` }

// numbers returns the elements of a list, each another.
func numbers(n int, format string) string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(elements, ",")
}

const (
	file  = `"FileId":"FILE",`
	cover = `"MediaProcessTask":{"CoverBySnapshotTaskSet":[{"Definition":10,"PositionType":"Time","PositionValue":1.5}]}`
)

// examples are of the actions that are about media, right ones and wrong ones.
var examples = []told{
	{"ProcessMedia", file + cover + `,"TasksPriority":10,"TasksNotifyMode":"Change"`, ""},
	{"ProcessMedia", file + `"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10},{"Definition":20}]}`, ""},
	{"ProcessMedia", file + `"MediaProcessTask":{"SnapshotByTimeOffsetTaskSet":[{"Definition":10,"ExtTimeOffsetSet":["1s","50%"]}]}`, ""},
	{"ProcessMedia", cover, "MissingParameter"},
	{"ProcessMedia", `"FileId":"1",` + cover, "InvalidParameterValue.FileId"},
	{"ProcessMedia", file + `"MediaProcessTask":{}`, "InvalidParameterValue"},
	{"ProcessMedia", file + `"MediaProcessTask":{"ImageSpriteTaskSet":[{}]}`, "MissingParameter"},
	{"ProcessMedia", file + cover + `,"TasksPriority":11`, "InvalidParameterValue"},
	{"ProcessMedia", file + cover + `,"TasksNotifyMode":"Always"`, "InvalidParameterValue"},
	{"ProcessMedia", file + cover + `,"SessionContext":` + long(1001), "InvalidParameterValue.SessionContextTooLong"},
	{"ProcessMedia", file + cover + `,"SessionId":` + long(51), "InvalidParameterValue.SessionIdTooLong"},
	{"ProcessMedia", file + cover + `,"SessionId":"used"`, "InvalidParameterValue.SessionId"},
	{"ProcessMedia", file + `"AiAnalysisTask":{"Definition":10}`, "UnsupportedOperation"},

	{"ProcessMediaByProcedure", file + `"ProcedureName":"LongVideoPreset"`, ""},
	{"ProcessMediaByProcedure", file + `"ProcedureName":"MyProcedure"`, "InvalidParameterValue.ProcedureName"},
	{"ProcessMediaByProcedure", file + `"SubAppId":0`, "MissingParameter"},
	{"ProcessMediaByProcedure", `"FileId":"1","ProcedureName":"LongVideoPreset"`, "InvalidParameterValue.FileId"},
	{"ProcessMediaByProcedure", file + `"ProcedureName":"LongVideoPreset","SessionId":"used"`, "InvalidParameterValue.SessionId"},

	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","Procedure":"LongVideoPreset","ExpireTime":"2999-01-01T00:00:00Z"`, ""},
	{"PullUpload", `"MediaUrl":"example.com/a.mp4"`, "InvalidParameterValue.MediaUrl"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.doc"`, "FailedOperation.MediaType"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","CoverUrl":"a.jpg"`, "InvalidParameterValue.CoverUrl"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","CoverUrl":"https://example.com/a.mp4"`, "FailedOperation.CoverType"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","ExpireTime":"2001-01-01"`, "InvalidParameterValue.ExpireTime"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","SessionId":"used"`, "InvalidParameterValue.SessionId"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","SessionId":` + long(51), "InvalidParameterValue.SessionIdTooLong"},
	{"PullUpload", `"MediaUrl":"https://example.com/a.mp4","SessionContext":` + long(1001),
		"InvalidParameterValue.SessionContextTooLong"},

	{"ApplyUpload", `"MediaType":"mp4","MediaName":"lighthouse","CoverType":"jpg","Procedure":"LongVideoPreset","ClassId":7`, ""},
	{"ApplyUpload", `"MediaType":"MOV","ExpireTime":"2999-01-01T00:00:00Z","StorageRegion":"ap-singapore","ExtInfo":"x"`, ""},
	{"ApplyUpload", `"MediaType":"doc"`, "InvalidParameterValue.MediaType"},
	{"ApplyUpload", `"MediaType":"mp4","CoverType":"mp4"`, "InvalidParameterValue.CoverType"},
	{"ApplyUpload", `"MediaType":"mp4","ExpireTime":"2001-01-01"`, "InvalidParameterValue.ExpireTime"},
	{"ApplyUpload", `"MediaType":"mp4","Procedure":"MyProcedure"`, "InvalidParameterValue.ProcedureName"},
	{"ApplyUpload", `"MediaType":"mp4","StorageRegion":"mars"`, "InvalidParameterValue"},
	{"ApplyUpload", `"MediaType":"mp4","ClassId":-1`, "InvalidParameterValue"},
	{"ApplyUpload", `"MediaType":"mp4","SourceContext":` + long(250), ""},
	{"ApplyUpload", `"MediaType":"mp4","SourceContext":` + long(251), "InvalidParameterValue"},
	{"ApplyUpload", `"MediaType":"mp4","SessionContext":` + long(1001), "InvalidParameterValue.SessionContextTooLong"},
	{"ApplyUpload", `"MediaType":"mp4","MediaStoragePath":"/a.mp4"`, "UnsupportedOperation"},
	{"ApplyUpload", `"SubAppId":0`, "MissingParameter"},

	{"CommitUpload", `"VodSessionKey":"UPLOADED"`, ""},
	{"CommitUpload", `"VodSessionKey":"APPLIED"`, "ResourceNotFound"},
	{"CommitUpload", `"VodSessionKey":"1"`, "InvalidParameterValue.VodSessionKey"},
	{"CommitUpload", `"SubAppId":0`, "MissingParameter"},

	{"DescribeMediaInfos", `"FileIds":["FILE","1"],"Filters":["basicInfo","metaData"]`, ""},
	{"DescribeMediaInfos", `"SubAppId":0`, "MissingParameter"},
	{"DescribeMediaInfos", `"FileIds":[]`, "InvalidParameterValue.FileIdsEmpty"},
	{"DescribeMediaInfos", `"FileIds":[` + times(21, `"1"`) + `]`, "InvalidParameterValue.FileIdsOverLimit"},
	{"DescribeMediaInfos", `"FileIds":[""]`, "InvalidParameterValue.FileIds"},

	{"SearchMedia", `"Names":["light"],"Sort":{"Field":"CreateTime","Order":"Asc"},"Offset":4990,"Limit":10`, ""},
	{"SearchMedia", `"CreateTime":{"After":"2018-10-01T10:00:00+08:00"},"Filters":["basicInfo"]`, ""},
	{"SearchMedia", `"FileIds":[` + times(11, `"1"`) + `]`, "InvalidParameterValue.FileIds"},
	{"SearchMedia", `"Names":[` + times(11, `"a"`) + `]`, "InvalidParameterValue.Names"},
	{"SearchMedia", `"NamePrefixes":[` + long(101) + `]`, "InvalidParameterValue.NamePrefixes"},
	{"SearchMedia", `"Tags":[` + times(17, `"a"`) + `]`, "InvalidParameterValue.Tags"},
	{"SearchMedia", `"ClassIds":[` + times(11, `1`) + `]`, "InvalidParameterValue.ClassIds"},
	{"SearchMedia", `"Categories":["Text"]`, "InvalidParameterValue.Categories"},
	{"SearchMedia", `"SourceTypes":["Import"]`, "InvalidParameterValue.SourceTypes"},
	{"SearchMedia", `"SourceType":"Import"`, "InvalidParameterValue.SourceType"},
	{"SearchMedia", `"StorageRegions":[` + times(21, `"ap-chongqing"`) + `]`, "InvalidParameterValue.StorageRegions"},
	{"SearchMedia", `"StreamIds":[` + times(11, `"a"`) + `]`, "InvalidParameterValue.StreamIds"},
	{"SearchMedia", `"MediaTypes":[` + times(11, `"mp4"`) + `]`, "InvalidParameterValue.Types"},
	{"SearchMedia", `"Text":` + long(65), "InvalidParameterValue.Text"},
	{"SearchMedia", `"Sort":{"Field":"Name","Order":"Asc"}`, "InvalidParameterValue.Sort"},
	{"SearchMedia", `"Offset":4991`, "InvalidParameterValue.Offset"},
	{"SearchMedia", `"StartTime":"2018-10-01"`, "InvalidParameterValue.StartTime"},
	{"SearchMedia", `"CreateTime":{"Before":"2018-10-01T10:00:00"}`, "InvalidParameterValue.EndTime"},

	{"ModifyMediaInfo", file + `"Name":"a","Description":"","AddTags":["a","b"],"DeleteTags":["c"]`, ""},
	{"ModifyMediaInfo", file + `"AddKeyFrameDescs":[{"TimeOffset":1.5,"Content":"a"}],"DeleteKeyFrameDescs":[2]`, ""},
	{"ModifyMediaInfo", `"FileId":"1"`, "ResourceNotFound.FileNotExist"},
	{"ModifyMediaInfo", file + `"Name":` + long(65), "InvalidParameterValue.Name"},
	{"ModifyMediaInfo", file + `"Description":` + long(129), "InvalidParameterValue.Description"},
	{"ModifyMediaInfo", file + `"ExpireTime":"tomorrow"`, "InvalidParameterValue.ExpireTime"},
	{"ModifyMediaInfo", file + `"CoverData":"a"`, "InvalidParameterValue.ImageDecodeError"},
	{"ModifyMediaInfo", file + `"AddTags":["a"],"DeleteTags":["a"]`, "InvalidParameterValue.AddTagsAndDeleteTagsConflict"},
	{"ModifyMediaInfo", file + `"AddTags":["a"],"ClearTags":1`, "InvalidParameterValue.AddTagsAndClearTagsConflict"},
	{"ModifyMediaInfo", file + `"AddTags":[` + long(33) + `]`, "InvalidParameterValue.TagTooLong"},
	{"ModifyMediaInfo", file + `"AddTags":[` + numbers(17, `"t%d"`) + `]`, "LimitExceeded.TagCountReachMax"},
	{"ModifyMediaInfo", file + `"AddKeyFrameDescs":[{"TimeOffset":1,"Content":"a"}],"DeleteKeyFrameDescs":[1]`,
		"InvalidParameterValue.AddKeyFrameDescsAndDeleteKeyFrameDescsConflict"},
	{"ModifyMediaInfo", file + `"AddKeyFrameDescs":[{"TimeOffset":1,"Content":"a"}],"ClearKeyFrameDescs":1`,
		"InvalidParameterValue.AddKeyFrameDescsAndClearKeyFrameDescsConflict"},
	{"ModifyMediaInfo", file + `"AddKeyFrameDescs":[{"TimeOffset":1,"Content":` + long(129) + `}]`,
		"InvalidParameterValue.KeyFrameDescContentTooLong"},
	{"ModifyMediaInfo", file + `"AddKeyFrameDescs":[` + numbers(101, `{"TimeOffset":%d,"Content":"a"}`) + `]`,
		"LimitExceeded.KeyFrameDescCountReachMax"},

	{"DeleteMedia", file + `"DeleteParts":[]`, ""},
	{"DeleteMedia", file + `"DeleteParts":[{"Type":"TranscodeFiles","Definition":10}]`, ""},
	{"DeleteMedia", file + `"DeleteParts":[{"Type":"Everything"}]`, "InvalidParameterValue"},
	{"DeleteMedia", `"FileId":"1"`, "ResourceNotFound"},
	{"DeleteMedia", `"SubAppId":0`, "MissingParameter"},

	{"DescribeTaskDetail", `"TaskId":"TASK"`, ""},
	{"DescribeTaskDetail", `"TaskId":"1"`, "InvalidParameterValue.TaskId"},

	{"DescribeTasks", `"Status":"WAITING","FinishTime":{"After":"2018-10-01T10:00:00Z"},"Limit":100`, ""},
	{"DescribeTasks", `"Status":"DONE"`, "InvalidParameterValue.Status"},
	{"DescribeTasks", `"Limit":101`, "InvalidParameterValue"},
	{"DescribeTasks", `"ScrollToken":"x"`, "InvalidParameterValue"},
	{"DescribeTasks", `"Sort":{"Field":"Name","Order":"Asc"}`, "InvalidParameterValue"},
}

// shop returns an emulator whose default application has a file, a task that has used a SessionId, and two uploads, one of
// which is to be committed; and what puts those into the parameters of an example.
func shop(t *testing.T, cfg Config) (e *Emulator, there *strings.Replacer) {
	t.Helper()
	e = New(cfg)
	fileID := e.Upload(0, "lighthouse.mp4")
	task := answered[struct{ TaskId string }](t, e, request("ProcessMedia",
		fmt.Sprintf(`{"FileId":%q,%s,"SessionId":"used"}`, fileID, cover)))
	begun, uploaded := apply(t, e, `"MediaType":"mp4"`), apply(t, e, `"MediaType":"mp4","Procedure":"LongVideoPreset"`)
	upload(t, e, uploaded, "content")
	return e, strings.NewReplacer("FILE", fileID, "TASK", task.TaskId, "APPLIED", *begun.VodSessionKey,
		"UPLOADED", *uploaded.VodSessionKey)
}

func TestWrongParametersAreRefusedWithTheCodesOfTheDocumentation(t *testing.T) {
	for _, test := range examples {
		t.Run(test.action+" "+test.code, func(t *testing.T) {
			e, there := shop(t, Config{Hold: -1})
			defer e.Close()
			client := sdkClient(t, DefaultSecretID, DefaultSecretKey, "vod.example.com", "POST")
			client.WithHttpTransport(pipe.Serve(t, e))
			r, answer := sdkActions[test.action]()
			if err := r.FromJsonString(there.Replace("{" + test.parameters + "}")); err != nil {
				t.Fatalf("the SDK's type is another: %v", err)
			}
			if err := client.Send(r, answer); sdkCode(err) != test.code || test.code == "" && err != nil {
				t.Errorf("%.200s is answered %v, want %q", test.parameters, err, test.code)
			}
		})
	}
}

func TestThereAreExamplesOfEachAction(t *testing.T) {
	for _, action := range Actions() {
		if sdkActions[action] == nil {
			t.Errorf("%s has no types of the SDK", action)
		}
		about := func(t told) bool { return t.action == action }
		if !strings.Contains(action, "Event") && !slices.ContainsFunc(examples, about) {
			t.Errorf("%s has no example", action)
		}
	}
}
