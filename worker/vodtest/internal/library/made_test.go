package library

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestTheViewListsAllThatWasMadeOfAFile(t *testing.T) {
	m := &media{
		transcoded: []api.MediaTranscodeItem{{Definition: 10, Url: "transcoded"}, {Definition: 20, Url: "again"}},
		animated:   []api.MediaAnimatedGraphicsItem{{Definition: 20000, Url: "animated"}},
		snapshots: []api.MediaSnapshotByTimeOffsetItem{
			{Definition: 10, PicInfoSet: []api.MediaSnapshotByTimePicInfoItem{{Url: "at 1"}, {Url: "at 2"}}}},
		samples:  []api.MediaSampleSnapshotItem{{Definition: 10, ImageUrlSet: []string{"sample 1", "sample 2"}}},
		sprites:  []api.MediaImageSpriteItem{{Definition: 10, ImageUrlSet: []string{"sprite"}}},
		adaptive: []api.AdaptiveDynamicStreamingInfoItem{{Definition: 12, Url: "adaptive"}},
	}
	want := []MadeView{
		{"Transcode", 10, "transcoded"}, {"Transcode", 20, "again"}, {"AnimatedGraphics", 20000, "animated"},
		{"SnapshotByTimeOffset", 10, "at 1"}, {"SampleSnapshot", 10, "sample 1"},
		{"ImageSprites", 10, "sprite"}, {"AdaptiveDynamicStreaming", 12, "adaptive"},
	}
	if got := m.made(); !slices.Equal(got, want) {
		t.Errorf("it lists %+v, want %+v", got, want)
	}
}

func TestTwoInputsOfOneTemplateAreTwoFiles(t *testing.T) {
	r := newRig(t)
	in := &api.MediaProcessTaskInput{AnimatedGraphicTaskSet: []api.AnimatedGraphicTaskInput{
		{Definition: 20000, EndTimeOffset: 5}, {Definition: 20001}, {Definition: 20000, StartTimeOffset: 5},
	}}
	r.made(in)
	var urls []string
	for _, result := range r.made(in) {
		urls = append(urls, strings.TrimPrefix(result.AnimatedGraphicTask.Output.Url, at))
	}
	want := []string{
		"animatedGraphics/animatedGraphics_20000_0.gif", "animatedGraphics/animatedGraphics_20001_0.webp",
		"1/animatedGraphics/animatedGraphics_20000_0.gif",
	}
	if !slices.Equal(urls, want) {
		t.Errorf("URLs %q, want %q", urls, want)
	}
	if kept := r.info().AnimatedGraphicsInfo.AnimatedGraphicsSet; len(kept) != 3 {
		t.Errorf("kept after two requests are %d, want 3", len(kept))
	}
}

func TestASecondRunOfATemplateTakesThePlaceOfTheFirst(t *testing.T) {
	r := newRig(t)
	for _, end := range []float64{20, 40} {
		in := []api.TranscodeTaskInput{{Definition: 20}, {Definition: 10, EndTimeOffset: end}}
		r.made(&api.MediaProcessTaskInput{TranscodeTaskSet: in})
		set := r.media[r.file].transcoded
		if len(set) != 2 || set[0].Duration != 60 || set[1].Duration != end {
			t.Errorf("after the one that ends at %v s, kept is %+v", end, set)
		}
	}
}

// As files in a directory would be: a task replaces no more than what has the name of what it makes.
func TestWhatOneTaskMadeTwiceWithATemplateAnotherReplacesOnce(t *testing.T) {
	r := newRig(t)
	r.made(&api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{
		{Definition: 10, EndTimeOffset: 20}, {Definition: 10, EndTimeOffset: 30}}})
	r.made(oneTranscode())
	set := r.media[r.file].transcoded
	if len(set) != 2 || set[0].Url != at+"v.f10.mp4" || set[0].Duration != 60 ||
		set[1].Url != at+"1/v.f10.mp4" || set[1].Duration != 30 {
		t.Errorf("kept is %+v", set)
	}
}
