package library

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestTheSDKKnowsEveryMemberOfATaskFlow(t *testing.T) {
	r := newRig(t)
	in := &api.MediaProcessTaskInput{
		TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: 10, WatermarkSet: watermark, MosaicSet: make([]api.MosaicInput, 1),
			HeadTailSet: make([]api.HeadTailTaskInput, 1), TraceWatermark: &api.TraceWatermarkInput{Switch: "OFF"},
			CopyRightWatermark: &api.CopyRightWatermarkInput{}, BlindWatermark: &api.BlindWatermarkInput{}}},
		AnimatedGraphicTaskSet:          []api.AnimatedGraphicTaskInput{{Definition: 20000}},
		SnapshotByTimeOffsetTaskSet:     []api.SnapshotByTimeOffsetTaskInput{{Definition: 10, TimeOffsetSet: []float64{0}}},
		SampleSnapshotTaskSet:           []api.SampleSnapshotTaskInput{{Definition: 10}},
		ImageSpriteTaskSet:              []api.ImageSpriteTaskInput{{Definition: 10}},
		CoverBySnapshotTaskSet:          []api.CoverBySnapshotTaskInput{{Definition: 10, PositionType: "Time"}},
		AdaptiveDynamicStreamingTaskSet: []api.AdaptiveDynamicStreamingTaskInput{{Definition: 10}},
	}
	id := r.ask(&api.ProcessMedia{MediaProcessTask: in})
	r.pass(time.Minute)
	for name, pair := range map[string][2]any{
		"the task":  {r.shown(id), &vod.ProcedureTask{}},
		"the media": {r.info(), &vod.MediaInfo{}},
	} {
		text, err := json.Marshal(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(pair[1]); err != nil {
			t.Errorf("%s: %v: %s", name, err, text)
		}
	}
}
