package sink_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/sink"
)

const procedureJSON = `{"EventHandle":"h2","EventType":"ProcedureStateChanged","FileUploadEvent":null,"ProcedureStateChangeEvent":{
	"TaskId":"1400195-procedurev2-acd4","Status":"FINISH","ErrCode":0,"Message":"SUCCESS","FileId":"5285890784273533167",
	"FileName":"demo","FileUrl":"http://example.com/demo.mp4","MetaData":{"Size":1,"VideoStreamSet":[{"Bitrate":1}]},
	"MediaProcessResultSet":[
		{"Type":"Transcode","TranscodeTask":{"Status":"SUCCESS","ErrCode":0,"ErrCodeExt":"","Message":"SUCCESS",
			"Input":{"Definition":10,"WatermarkSet":[]},"Output":{"Url":"http://example.com/v.f10.mp4","Definition":10}},
			"CoverBySnapshotTask":null},
		{"Type":"CoverBySnapshot","TranscodeTask":null,"CoverBySnapshotTask":{"Status":"SUCCESS","ErrCodeExt":"","Message":"",
			"Input":{"Definition":10},"Output":{"CoverUrl":"http://example.com/cover.jpg"}}},
		{"Type":"Transcode","TranscodeTask":{"Status":"FAIL","ErrCode":60000,"ErrCodeExt":"SourceFileError",
			"Message":"no \"moov\" found","Input":{"Definition":100010},"Output":null}},
		{"Type":"ImageSprites","ImageSpriteTask":{"Status":"SUCCESS","ErrCode":0,"Output":{"Definition":20,
			"ImageUrlSet":["http://example.com/1.jpg","http://example.com/2.jpg","http://example.com/3.jpg",
			"http://example.com/4.jpg","http://example.com/5.jpg"],"WebVttUrl":"http://example.com/s.vtt"}}},
		{"Type":"SnapshotByTimeOffset","SnapshotByTimeOffsetTask":{"Status":"PROCESSING","Output":{"PicInfoSet":[{"TimeOffset":0.5,
			"Url":"http://example.com/p.jpg"}]}}}],
	"AiContentReviewResultSet":[{"Type":"Porn","PornTask":{"Status":"SUCCESS","ErrCode":0,"Input":{"Definition":30},
		"Output":{"Confidence":1,"SegmentSetFileUrl":"http://example.com/seg","SegmentSetFileUrlExpireTime":"2030-01-01"}}}],
	"AiAnalysisResultSet":null,"AiRecognitionResultSet":[],"TasksPriority":0}}`

func TestTextTellsWhatHappened(t *testing.T) {
	for _, test := range []struct {
		name  string
		event events.Event
		want  string
	}{
		{
			"upload",
			event(`{"EventHandle":"h","EventType":"NewFileUpload","FileUploadEvent":{"FileId":"5285890784273533167","MediaBasicInfo":{
				"Name":"my holiday","MediaUrl":"http://example.com/x.mp4"},"MetaData":{"Size":12582912,"Duration":72.344},
				"ProcedureTaskId":""},"ProcedureStateChangeEvent":null}`),
			"NewFileUpload           file 5285890784273533167  \"my holiday\"  1m12.3s  12.6 MB\n",
		},
		{
			"upload without details", event(uploadJSON),
			"NewFileUpload           file 5285890784273533167\n",
		},
		{
			"task flow", event(procedureJSON), `
ProcedureStateChanged   file 5285890784273533167  task 1400195-procedurev2-acd4  status FINISH
  Transcode             template 10      SUCCESS     http://example.com/v.f10.mp4
  CoverBySnapshot       template 10      SUCCESS     http://example.com/cover.jpg
  Transcode             template 100010  FAIL        error 60000 SourceFileError "no \"moov\" found"
  ImageSprites          template 20      SUCCESS     http://example.com/1.jpg  http://example.com/2.jpg  http://example.com/3.jpg  http://example.com/4.jpg  +2 more
  SnapshotByTimeOffset                   PROCESSING  http://example.com/p.jpg
  Porn                  template 30      SUCCESS     http://example.com/seg
`,
		},
		{
			"task that made a file",
			event(`{"EventType":"EditMediaComplete","EditMediaCompleteEvent":{"TaskId":"t1","Status":"FINISH","ErrCode":0,
				"Input":{"FileInfoSet":[{"FileId":"1"}]},"Output":{"FileId":"2","FileUrl":"http://example.com/e.mp4"}}}`),
			"EditMediaComplete       file 1  task t1  status FINISH  http://example.com/e.mp4\n",
		},
		{
			"task that failed",
			event(`{"EventType":"PullComplete","PullCompleteEvent":{"TaskId":"t1","Status":"FINISH","ErrCode":40000,"Message":"403"}}`),
			"PullComplete            task t1  status FINISH  error 40000 \"403\"\n",
		},
		{
			"failure without a code",
			event(`{"EventType":"DescribeFileAttributesComplete","P":{"TaskId":"t1","Status":"FAIL","ErrCodeExt":"","Message":"gone"}}`),
			"DescribeFileAttributesComplete  task t1  status FAIL  error \"gone\"\n",
		},
		{
			"failure without anything",
			event(`{"EventType":"DescribeFileAttributesComplete","P":{"Status":"FAIL"}}`),
			"DescribeFileAttributesComplete  status FAIL\n",
		},
		{
			"subtasks with codes as words",
			event(`{"EventType":"ProcessMediaByMPSComplete","ProcessMediaByMPSCompleteEvent":{"TaskId":"t1","Status":"FINISH","SubTaskSet":[
				{"TaskType":"AiMedia","Status":"SUCCESS","ErrCode":"Success","Message":"ok","Input":"{}",
					"Output":{"OutputFiles":[{"FileId":"9","Url":"http://example.com/o"}]}},
				{"TaskType":"AiMedia","Status":"FAIL","ErrCode":"BadInput","Message":""}]}}`), `
ProcessMediaByMPSComplete  file 9  task t1  status FINISH
  AiMedia                                SUCCESS     http://example.com/o
  AiMedia                                FAIL        error BadInput
`,
		},
		{
			"results that name no type",
			event(`{"EventType":"X","P":{"FlowTaskResultSet":[{"Status":"SUCCESS","Input":{"Url":"http://example.com/in"}},{"CoverTask":{"Status":"FAIL"}}],"Set":[{}]}}`), `
X
  Flow                                   SUCCESS
  Cover                                  FAIL
  ?
`,
		},
		{
			"several files",
			event(`{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["1","2","3"],"FileDeleteResultInfo":[{"FileId":"1"}]}}`),
			"FileDeleted             file 1  +2 more\n",
		},
		{
			"application",
			events.Event{SubAppID: 1500012345, Type: "FileDeleted", Raw: []byte(`{"FileDeleteEvent":{"FileIdSet":["1"]}}`)},
			"FileDeleted             app 1500012345  file 1\n",
		},
		{
			"unknown type",
			event(`{"EventType":"HologramComplete","HologramCompleteEvent":{"TaskId":"t9","FileId":"7","Status":"FINISH"}}`),
			"HologramComplete        file 7  task t9  status FINISH\n",
		},
		{"no payload", event(`{"EventType":"NewFileUpload","FileUploadEvent":null}`), "NewFileUpload\n"},
		{"no type", event(`{"EventHandle":"h"}`), "(no type)\n"},
		{"not an object", event(`[1,"x"]`), "(no type)\n"},
		{"nothing", events.Event{}, "(no type)\n"},
		{
			"mistyped upload",
			event(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":5285890784246869930,"MediaBasicInfo":{"Name":["x"]},
				"MetaData":{"Size":"big","Duration":-1}}}`),
			"NewFileUpload           file 5285890784246869930\n",
		},
		{
			"sizes and lengths that cannot be",
			event(`{"EventType":"NewFileUpload","FileUploadEvent":{"MetaData":{"Size":1e300,"Duration":1e300}}}`),
			"NewFileUpload\n",
		},
		{
			"mistyped task flow",
			event(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":{},"Status":3,"ErrCode":[],"FileId":null,
				"MediaProcessResultSet":[5,null,"x",{"Type":7,"TranscodeTask":"broken"},
				{"Type":"Transcode","TranscodeTask":{"Status":[],"Input":"x","Output":["http://example.com",{"Url":5}]}}],
				"AiAnalysisResultSet":"none"}}`), `
ProcedureStateChanged   status 3
  7
  Transcode
`,
		},
		{
			"hostile strings",
			event(`{"EventType":"New\u001b[2J\nFileDeleted","P":{"FileId":"1\u0007\r\n2","TaskId":"\u202egnp.exe","Status":"a b",
				"ErrCodeExt":"\u009b31m","Message":"line\nline\u0000\u2028","Output":{"Url":"http://x/\u001b]8;;http://evil\u001b\\"},
				"ResultSet":[{"Type":"  fake\tline","Status":"\u007f\ud800","Definition":"\"q\""}]}}`), `
"New\x1b[2J\nFileDeleted"  file "1\a\r\n2"  task "\u202egnp.exe"  status "a b"  error "\u009b31m" "line\nline\x00\u2028"  "http://x/\x1b]8;;http://evil\x1b\\"
  "  fake\tline"        template "\"q\""  "\x7f�"
`,
		},
		{
			"bytes that are no UTF-8", event("{\"EventType\":\"a\xff\x9bb\"}"),
			`"a\xff\x9bb"` + "\n",
		},
		{
			"URLs deep down",
			event(`{"EventType":"X","P":{"Output":` + strings.Repeat(`{"a":`, 6) + `{"Url":"http://x/7","b":{"Url":"http://x/8"}}` +
				strings.Repeat("}", 6) + `}}`),
			"X                       http://x/7\n",
		},
		{
			"endless string",
			event(`{"EventType":"X","P":{"FileId":"1","TaskId":"x` + strings.Repeat("é", 1500) + `"}}`),
			"X                       file 1  task x" + strings.Repeat("é", 999) + "…\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), render(t, test.event)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTextShowsSizesInDecimalUnits(t *testing.T) {
	for size, want := range map[string]string{
		"1": "1 B", "999": "999 B", "1000": "1 kB", "12345": "12.3 kB", "999999": "1 MB", "1500000000": "1.5 GB", "2e12": "2.0 TB",
		"0": "", "-5": "",
	} {
		got := render(t, event(`{"EventType":"NewFileUpload","FileUploadEvent":{"MetaData":{"Size":`+size+`}}}`))
		if got := strings.TrimSpace(strings.TrimPrefix(got, "NewFileUpload")); got != want {
			t.Errorf("%s: got %q, want %q", size, got, want)
		}
	}
}

func render(t testing.TB, e events.Event) string {
	t.Helper()
	var buf bytes.Buffer
	if err := newStdout(t, &buf, sink.StdoutText).Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}
