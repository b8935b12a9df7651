package library

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestATaskFlowTakesTheMostThatMayBe(t *testing.T) {
	long := func(n int) string { return strings.Repeat("灯", n) }
	points := slices.Repeat([]string{"1s"}, maxPictures)
	watermarks := slices.Repeat([]api.WatermarkInput{{Definition: maxTemplate, TextContent: long(100)}}, 10)
	r := newRig(t)
	r.ask(&api.ProcessMedia{
		SessionContext: long(1000), SessionId: long(50), TasksPriority: 10,
		MediaProcessTask: &api.MediaProcessTaskInput{
			TranscodeTaskSet: []api.TranscodeTaskInput{{
				Definition: maxTemplate, WatermarkSet: watermarks, MosaicSet: make([]api.MosaicInput, 10),
				HeadTailSet: make([]api.HeadTailTaskInput, 10), CopyRightWatermark: &api.CopyRightWatermarkInput{Text: long(200)},
			}},
			SnapshotByTimeOffsetTaskSet: []api.SnapshotByTimeOffsetTaskInput{
				{Definition: 10, ExtTimeOffsetSet: points, TimeOffsetSet: make([]float64, maxPictures), WatermarkSet: watermarks},
			},
			CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{
				{Definition: 10, PositionType: "Time", WatermarkSet: []api.WatermarkInput{{SvgContent: strings.Repeat("x", 2_000_000)}}},
			},
			ImageSpriteTaskSet: slices.Repeat([]api.ImageSpriteTaskInput{{Definition: 10}}, maxJobs-3),
		},
	})
	r.ask(&api.ProcessMedia{TasksPriority: -10, MediaProcessTask: oneTranscode()})
}

func TestAPullTakesTheMostThatMayBe(t *testing.T) {
	r := newRig(t)
	if _, err := r.PullUpload(&api.PullUpload{
		MediaUrl: "https://example.com/a.mp4", SourceContext: strings.Repeat("灯", 250),
		SessionContext: strings.Repeat("灯", 1000), SessionId: strings.Repeat("灯", 50), TasksPriority: -10,
	}, r.now); err != nil {
		t.Error(err)
	}
}

func TestAProcedureTakesTheMostThatMayBe(t *testing.T) {
	most := strings.TrimSuffix(strings.Repeat("Transcode:2147483647+", maxJobs), "+")
	if p, err := ParseProcedure(most); err != nil || len(p) != maxJobs {
		t.Errorf("%d things are read, %v", len(p), err)
	}
	if _, err := ParseProcedure(most + "+Transcode:10"); err == nil {
		t.Error("one more is read")
	}
}
