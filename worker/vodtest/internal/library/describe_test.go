package library

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestFilesAreDescribedInTheOrderAskedForAndOnce(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4")
	r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{"f2", "none", "f1", "f2", "none"}}, t0)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.MediaInfoSet) != 2 || r.MediaInfoSet[0].FileId != "f2" || r.MediaInfoSet[1].FileId != "f1" {
		t.Errorf("described %v", r.MediaInfoSet)
	}
	if !slices.Equal(r.NotExistFileIdSet, []string{"none"}) {
		t.Errorf("NotExistFileIdSet is %q", r.NotExistFileIdSet)
	}
}

func TestDescribeMediaInfosRefuses(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	for _, c := range []struct {
		p    api.DescribeMediaInfos
		code string
	}{
		{api.DescribeMediaInfos{FileIds: []string{}}, "InvalidParameterValue.FileIdsEmpty"},
		{api.DescribeMediaInfos{FileIds: make([]string, 21)}, "InvalidParameterValue.FileIdsOverLimit"},
		{api.DescribeMediaInfos{FileIds: slices.Repeat([]string{"f1"}, 20)}, ""},
		{api.DescribeMediaInfos{FileIds: []string{"f1", ""}}, "InvalidParameterValue.FileIds"},
		{api.DescribeMediaInfos{FileIds: []string{"f1"}, Filters: []string{"basicinfo"}}, "InvalidParameter"},
	} {
		if _, err := s.DescribeMediaInfos(&c.p, t0); refusal(t, err) != c.code {
			t.Errorf("%+v: %v, want %q", c.p, err, c.code)
		}
	}
}

// fill gives a file one of each thing that can be made of it.
func fill(m *media) {
	m.transcoded = []api.MediaTranscodeItem{{Definition: 10}, {Definition: 20}}
	m.animated = []api.MediaAnimatedGraphicsItem{{Definition: 20000}}
	m.samples = []api.MediaSampleSnapshotItem{{Definition: 10}}
	m.sprites = []api.MediaImageSpriteItem{{Definition: 10}}
	m.snapshots = []api.MediaSnapshotByTimeOffsetItem{{Definition: 10}}
	m.keyFrames = []api.MediaKeyFrameDescItem{{Content: "first"}}
	m.adaptive = []api.AdaptiveDynamicStreamingInfoItem{{Definition: 10}, {Definition: 12}}
}

func TestAFilterShowsItsPartAndNoOther(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	fill(s.media["f1"])
	whole := asJSON(t, s.info("f1", t0))
	for filter, key := range map[string]string{
		"basicInfo": "BasicInfo", "metaData": "MetaData", "transcodeInfo": "TranscodeInfo",
		"animatedGraphicsInfo": "AnimatedGraphicsInfo", "imageSpriteInfo": "ImageSpriteInfo",
		"snapshotByTimeOffsetInfo": "SnapshotByTimeOffsetInfo", "sampleSnapshotInfo": "SampleSnapshotInfo",
		"keyFrameDescInfo": "KeyFrameDescInfo", "adaptiveDynamicStreamingInfo": "AdaptiveDynamicStreamingInfo",
		"miniProgramReviewInfo": "", "subtitleInfo": "", "reviewInfo": "", "mpsAiMediaInfo": "",
	} {
		r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{"f1"}, Filters: []string{filter}}, t0)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		got := asJSON(t, r.MediaInfoSet[0])
		if n := strings.Count(got, "Info\":{") + strings.Count(got, "MetaData\":{"); key == "" && n != 0 {
			t.Errorf("%s shows %s", filter, got)
		}
		if key != "" && (!strings.Contains(got, `"`+key+`":{`) || !strings.Contains(got, `"FileId":"f1"`)) {
			t.Errorf("%s shows %s", filter, got)
		}
		for _, other := range []string{"BasicInfo", "MetaData", "TranscodeInfo", "AnimatedGraphicsInfo", "ImageSpriteInfo",
			"SnapshotByTimeOffsetInfo", "SampleSnapshotInfo", "KeyFrameDescInfo", "AdaptiveDynamicStreamingInfo"} {
			if other != key && !strings.Contains(got, `"`+other+`":null`) {
				t.Errorf("%s shows %s too", filter, other)
			}
			if !strings.Contains(whole, `"`+other+`":{`) {
				t.Errorf("without Filters there is no %s: %s", other, whole)
			}
		}
	}
}

func TestTranscodeInfoHasTheOriginalFirst(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	files := s.info("f1", t0).TranscodeInfo.TranscodeSet
	if len(files) != 1 || files[0].Definition != 0 || files[0].Url != s.media["f1"].basic.MediaUrl ||
		files[0].Size != s.media["f1"].metaData.Size || files[0].DigitalWatermarkType != "None" {
		t.Errorf("a new file has %+v", files)
	}
	fill(s.media["f1"])
	files = s.info("f1", t0).TranscodeInfo.TranscodeSet
	if len(files) != 3 || files[0].Definition != 0 || files[1].Definition != 10 || files[2].Definition != 20 {
		t.Errorf("there are %+v", files)
	}
}

func TestAnAnswerStaysAsItIsWhateverHappensToTheFile(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	m := s.media["f1"]
	fill(m)
	m.basic.TagSet = []string{"old"}
	shown := s.info("f1", t0)
	before := asJSON(t, shown)

	m.basic.Name, m.basic.TagSet[0] = "new", "new"
	m.transcoded[0].Url = "new"
	m.animated[0].Url = "new"
	m.samples[0].SampleType = "new"
	m.sprites[0].WebVttUrl = "new"
	m.snapshots[0].Definition = 99
	m.keyFrames[0].Content = "new"
	m.adaptive[0].Url = "new"
	if after := asJSON(t, shown); after != before {
		t.Errorf("it was %s\nand is %s", before, after)
	}
}

func TestAFileIsOfTheCategoryOfItsExtension(t *testing.T) {
	s := newArchive(t)
	for name, want := range map[string][3]string{ // Name, Type, Category
		"holiday.mp4":  {"holiday", "mp4", "Video"},
		"a.b.MOV":      {"a.b", "MOV", "Video"},
		"song.mp3":     {"song", "mp3", "Audio"},
		"SONG.FLAC":    {"SONG", "FLAC", "Audio"},
		"photo.jpeg":   {"photo", "jpeg", "Image"},
		"unnamed":      {"unnamed", "mp4", "Video"},
		"what.unknown": {"what", "unknown", "Video"},
	} {
		info := s.info(s.Upload(name, t0), t0)
		if got := [3]string{info.BasicInfo.Name, info.BasicInfo.Type, info.BasicInfo.Category}; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
		hasVideo, hasAudio := len(info.MetaData.VideoStreamSet) > 0, len(info.MetaData.AudioStreamSet) > 0
		if hasVideo != (want[2] == "Video") || hasAudio != (want[2] != "Image") {
			t.Errorf("%s has video %v, audio %v", name, hasVideo, hasAudio)
		}
	}
}
