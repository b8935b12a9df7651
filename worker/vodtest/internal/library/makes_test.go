package library

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

const at = "https://7.vod2.example.com/vod/1/" // where files are that are made of the first one

// watermark is of the template 5.
var watermark = []api.WatermarkInput{{Definition: 5}}

func TestEachKindMakesWhatTheAPIHasForIt(t *testing.T) {
	for _, test := range []struct {
		name string
		in   api.MediaProcessTaskInput
		want string // the only member of the result, as JSON: its Input and Output
	}{
		{"Transcode", api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{{
			Definition: 10, StartTimeOffset: 10, EndTimeOffset: -20, CopyRightWatermark: &api.CopyRightWatermarkInput{Text: "me"},
			BlindWatermark: &api.BlindWatermarkInput{Definition: 3},
		}}}, `"TranscodeTask":{
			"Input":{"Definition":10,"WatermarkSet":[],"TraceWatermark":null,"CopyRightWatermark":{"Text":"me"},
				"BlindWatermark":{"Definition":3},"MosaicSet":[],"HeadTailSet":[],"StartTimeOffset":10,"EndTimeOffset":-20,
				"SubtitleInfoSet":[]},
			"Output":{"Url":"AT/v.f10.mp4","Definition":10,"Bitrate":304000,"Height":240,"Width":320,"Size":1140000,"Duration":30,
				"Md5":"e32bb0698ead91a8c4ec3dead19454f7","Container":"mov,mp4,m4a,3gp,3g2,mj2",
				"VideoStreamSet":[{"Bitrate":256000,"Height":240,"Width":320,"Codec":"h264","Fps":24,"CodecTag":"avc1",
					"DynamicRangeInfo":null}],
				"AudioStreamSet":[{"Bitrate":48000,"SamplingRate":44100,"Codec":"aac"}],
				"DigitalWatermarkType":"CopyRight","CopyRightWatermarkText":"me","BlindWatermarkDefinition":3,"FileId":""}`},
		{"AnimatedGraphics", api.MediaProcessTaskInput{AnimatedGraphicTaskSet: []api.AnimatedGraphicTaskInput{{
			Definition: 20001, StartTimeOffset: -30,
		}}}, `"AnimatedGraphicTask":{
			"Input":{"Definition":20001,"StartTimeOffset":-30,"EndTimeOffset":0},
			"Output":{"Url":"AT/animatedGraphics/animatedGraphics_20001_0.webp","Definition":20001,"Container":"webp",
				"Height":480,"Width":640,"Bitrate":320000,"Size":1200000,"Md5":"e99e6f1803eb73385dfbb93c8867f888",
				"StartTimeOffset":30,"EndTimeOffset":60}`},
		{"SnapshotByTimeOffset", api.MediaProcessTaskInput{SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{{
			Definition: 10, ExtTimeOffsetSet: []string{"2.4s", "50%"}, TimeOffsetSet: []float64{60000}, WatermarkSet: watermark,
		}}}, `"SnapshotByTimeOffsetTask":{
			"Input":{"Definition":10,"ExtTimeOffsetSet":["2.4s","50%"],"TimeOffsetSet":[60000],"WatermarkSet":[
				{"Definition":5,"TextContent":"","SvgContent":"","StartTimeOffset":0,"EndTimeOffset":0}]},
			"Output":{"Definition":10,"PicInfoSet":[
				{"TimeOffset":2400,"Url":"AT/snapshotByTimeOffset/snapshotByTimeOffset_10_0.jpg","WaterMarkDefinition":[5]},
				{"TimeOffset":30000,"Url":"AT/snapshotByTimeOffset/snapshotByTimeOffset_10_1.jpg","WaterMarkDefinition":[5]},
				{"TimeOffset":60000,"Url":"AT/snapshotByTimeOffset/snapshotByTimeOffset_10_2.jpg","WaterMarkDefinition":[5]}]}`},
		{"SampleSnapshot", api.MediaProcessTaskInput{SampleSnapshotTaskSet: []api.SampleSnapshotTaskInput{{
			Definition: 10,
		}}}, `"SampleSnapshotTask":{
			"Input":{"Definition":10,"WatermarkSet":[]},
			"Output":{"Definition":10,"SampleType":"Percent","Interval":10,"ImageUrlSet":[
				"AT/sampleSnapshot/sampleSnapshot_10_0.jpg","AT/sampleSnapshot/sampleSnapshot_10_1.jpg",
				"AT/sampleSnapshot/sampleSnapshot_10_2.jpg","AT/sampleSnapshot/sampleSnapshot_10_3.jpg",
				"AT/sampleSnapshot/sampleSnapshot_10_4.jpg","AT/sampleSnapshot/sampleSnapshot_10_5.jpg",
				"AT/sampleSnapshot/sampleSnapshot_10_6.jpg","AT/sampleSnapshot/sampleSnapshot_10_7.jpg",
				"AT/sampleSnapshot/sampleSnapshot_10_8.jpg","AT/sampleSnapshot/sampleSnapshot_10_9.jpg"],
				"WaterMarkDefinition":[]}`},
		{"ImageSprites", api.MediaProcessTaskInput{ImageSpriteTaskSet: []api.ImageSpriteTaskInput{{
			Definition: 10,
		}}}, `"ImageSpriteTask":{
			"Input":{"Definition":10},
			"Output":{"Definition":10,"Height":80,"Width":142,"TotalCount":6,
				"ImageUrlSet":["AT/imageSprite/imageSprite_10_0.jpg"],"WebVttUrl":"AT/imageSprite/imageSprite_10.vtt"}`},
		{"CoverBySnapshot", api.MediaProcessTaskInput{CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{{
			Definition: 10, PositionType: "Percent", PositionValue: 100,
		}}}, `"CoverBySnapshotTask":{
			"Input":{"Definition":10,"PositionType":"Percent","PositionValue":100,"WatermarkSet":[]},
			"Output":{"CoverUrl":"AT/coverBySnapshot/coverBySnapshot_10_0.jpg"}`},
		{"AdaptiveDynamicStreaming", api.MediaProcessTaskInput{
			AdaptiveDynamicStreamingTaskSet: []api.AdaptiveDynamicStreamingTaskInput{
				{Definition: 12, TraceWatermark: &api.TraceWatermarkInput{Switch: "ON"}},
			},
		}, `"AdaptiveDynamicStreamingTask":{
			"Input":{"Definition":12,"WatermarkSet":[],"TraceWatermark":{"Switch":"ON","Definition":0},"CopyRightWatermark":null,
				"BlindWatermark":null,"SubtitleSet":[],"SubtitleInfoSet":[],"DrmInfo":null},
			"Output":{"Definition":12,"Package":"HLS","DrmType":"SimpleAES","Url":"AT/adp.12.m3u8","Size":6480000,
				"DigitalWatermarkType":"Trace","SubStreamSet":[
					{"Type":"video","Width":320,"Height":240,"Size":2280000},{"Type":"video","Width":640,"Height":480,"Size":4200000}],
				"CopyRightWatermarkText":"","BlindWatermarkDefinition":0,"SubtitleSet":[],"DefaultSubtitleId":"","DrmEncryptType":""}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			results := r.made(&test.in)
			if len(results) != 1 || results[0].Type != test.name {
				t.Fatalf("results %+v", results)
			}
			member, rest, _ := strings.Cut(test.want, ":{")
			want := `{` + member + `:{"Status":"SUCCESS","ErrCodeExt":"","ErrCode":0,"Message":"SUCCESS",` + rest +
				`,"Progress":100,"BeginProcessTime":"2026-03-09T08:00:00Z","FinishTime":"2026-03-09T08:01:00Z"}}`
			got, wanted := plain(t, results[0]), plain(t, json.RawMessage(strings.ReplaceAll(want, "AT/", at)))
			if got != wanted {
				t.Errorf("made\n%s\nwant\n%s", got, wanted)
			}
		})
	}
}

// plain returns a result as JSON, without its Type and the members of other types.
func plain(t *testing.T, result any) string {
	t.Helper()
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	for name, member := range members {
		if _, is := member.(map[string]any); !is {
			delete(members, name)
		}
	}
	text, err = json.MarshalIndent(members, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestATranscodingTemplateSaysWhatTheFileIs(t *testing.T) {
	for _, test := range []struct {
		definition                     uint64
		url, container                 string
		width, height, bitrate, videos int64
		codec                          string
	}{
		{100010, "v.f100010.mp4", "mov,mp4,m4a,3gp,3g2,mj2", 480, 360, 464000, 1, "h264"},
		{100240, "v.f100240.m3u8", "hls", 1440, 1080, 2628000, 1, "h264"},
		{10047, "v.f10047.flv", "flv", 640, 480, 560000, 1, "h264"},
		{540, "v.f540.mp4", "mov,mp4,m4a,3gp,3g2,mj2", 1440, 1080, 1448000, 1, "hevc"},
		{1020, "v.f1020.mp3", "mp3", 0, 0, 320000, 0, ""},
		{1100, "v.f1100.m4a", "mov,mp4,m4a,3gp,3g2,mj2", 0, 0, 24000, 0, ""},
		{876, "v.f876.m3u8", "hls", 640, 480, 1021028, 1, "h264"},
		{1234567, "v.f1234567.mp4", "mov,mp4,m4a,3gp,3g2,mj2", 640, 480, 576000, 1, "h264"}, // somebody's own
	} {
		in := &api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: test.definition}}}
		got := newRig(t).made(in)[0].TranscodeTask.Output
		if got.Url != at+test.url || got.Container != test.container || got.Width != test.width || got.Height != test.height ||
			got.Bitrate != test.bitrate || got.Size != test.bitrate*60/8 || got.Duration != 60 || got.DigitalWatermarkType != "None" {
			t.Errorf("template %d makes %+v", test.definition, got)
		}
		if got.VideoStreamSet == nil || len(got.VideoStreamSet) != int(test.videos) || len(got.AudioStreamSet) != 1 {
			t.Errorf("template %d has the streams %+v and %+v", test.definition, got.VideoStreamSet, got.AudioStreamSet)
		}
		for _, stream := range got.VideoStreamSet {
			if stream.Codec != test.codec {
				t.Errorf("template %d has the codec %s", test.definition, stream.Codec)
			}
		}
	}
}

func TestEveryPresetIsAFileThatCanBe(t *testing.T) {
	for definition, e := range encodings {
		if e.extension() == "" || e.audioCodec != "" && e.audioKbps == 0 || (e.codec == "") != (e.kbps == 0) || e.width*e.height != 0 {
			t.Errorf("template %d is %+v", definition, e)
		}
	}
}

func TestStreamsAreOnlyEnlargedByTheTemplateThatDoes(t *testing.T) {
	for definition, want := range map[uint64]struct {
		url, packaging, drm string
		streams             int
	}{
		10:    {"adp.10.m3u8", "HLS", "", 2},
		20:    {"adp.20.mpd", "DASH", "", 6},
		21:    {"adp.21.mpd", "DASH", "Widevine", 6},
		54321: {"adp.54321.m3u8", "HLS", "", 2},
	} {
		in := &api.MediaProcessTaskInput{
			AdaptiveDynamicStreamingTaskSet: []api.AdaptiveDynamicStreamingTaskInput{{Definition: definition}},
		}
		got := newRig(t).made(in)[0].AdaptiveDynamicStreamingTask.Output
		if got.Url != at+want.url || got.Package != want.packaging || got.DrmType != want.drm || len(got.SubStreamSet) != want.streams {
			t.Errorf("template %d makes %+v", definition, got)
		}
	}
}

func TestWhatTheFileHasNothingAtFails(t *testing.T) {
	type in = api.MediaProcessTaskInput
	for name, test := range map[string]in{
		"a start beyond the end":   {TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, StartTimeOffset: 60}}},
		"an end beyond the end":    {TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, EndTimeOffset: 60.5}}},
		"a start before the start": {AnimatedGraphicTaskSet: []api.AnimatedGraphicTaskInput{{Definition: 10, StartTimeOffset: -61}}},
		"an end before the start": {AnimatedGraphicTaskSet: []api.AnimatedGraphicTaskInput{
			{Definition: 10, StartTimeOffset: 9, EndTimeOffset: 8}}},
		"a picture beyond the end": shots("1s", "60.001s"),
		"a negative picture":       shots("-1s"),
		"a percentage above 100":   shots("101%"),
		"a point without a unit":   shots("1"),
		"a point that is none":     shots("NaNs"),
		"a point that is no point": shots("s"),
		"milliseconds beyond the end": {SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{
			{Definition: 10, TimeOffsetSet: []float64{60001}}}},
		"a cover beyond the end": {CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{
			{Definition: 10, PositionType: "Time", PositionValue: 61}}},
		"a cover beyond 100 %": {CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{
			{Definition: 10, PositionType: "Percent", PositionValue: 101}}},
	} {
		r := newRig(t)
		got := stateOf(r.made(&test)[0])
		if got.Status != "FAIL" || got.ErrCodeExt != "InvalidInput.InvalidTimeOffset" || got.ErrCode != 40000 ||
			got.Message == "" || got.Progress != 100 {
			t.Errorf("%s: %+v", name, got)
		}
		if file := r.media[r.file]; len(file.made()) > 0 || file.basic.CoverUrl != "" {
			t.Errorf("%s: kept is %+v, and the cover %q", name, file.made(), file.basic.CoverUrl)
		}
	}
}

func shots(at ...string) api.MediaProcessTaskInput {
	return api.MediaProcessTaskInput{
		SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{{Definition: 10, ExtTimeOffsetSet: at}},
	}
}

func TestWhatWasMadeIsKeptWithTheFile(t *testing.T) {
	r := newRig(t)
	for range 2 { // and the second run takes the place of the first
		r.everything()
		info := r.info()
		if len(info.TranscodeInfo.TranscodeSet) != 2 || // the original is one
			len(info.AnimatedGraphicsInfo.AnimatedGraphicsSet) != 1 ||
			len(info.SnapshotByTimeOffsetInfo.SnapshotByTimeOffsetSet) != 1 || len(info.SampleSnapshotInfo.SampleSnapshotSet) != 1 ||
			len(info.ImageSpriteInfo.ImageSpriteSet) != 1 || info.BasicInfo.CoverUrl == "" ||
			len(info.AdaptiveDynamicStreamingInfo.AdaptiveDynamicStreamingSet) != 1 {
			t.Fatalf("kept is %+v", info)
		}
		if want := format(r.now); info.BasicInfo.UpdateTime != want {
			t.Errorf("the file was changed at %s, want %s", info.BasicInfo.UpdateTime, want)
		}
	}
}
