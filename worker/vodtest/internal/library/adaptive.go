package library

import (
	"cmp"
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

var adaptive = &kindOf[api.AdaptiveDynamicStreamingTaskInput, api.AdaptiveDynamicStreamingInfoItem]{
	name:       "AdaptiveDynamicStreaming",
	set:        "AdaptiveDynamicStreamingTaskSet",
	definition: func(in *api.AdaptiveDynamicStreamingTaskInput) uint64 { return in.Definition },
	inputs: func(in *api.MediaProcessTaskInput) []api.AdaptiveDynamicStreamingTaskInput {
		return in.AdaptiveDynamicStreamingTaskSet
	},
	only: func(definition uint64) api.AdaptiveDynamicStreamingTaskInput {
		return api.AdaptiveDynamicStreamingTaskInput{Definition: definition}
	},
	check: func(path string, in *api.AdaptiveDynamicStreamingTaskInput) error {
		return cmp.Or(
			checkWatermarks(path, in.WatermarkSet),
			checkDigital(path, in.TraceWatermark, in.CopyRightWatermark),
			lacking(path+"SubtitleSet", len(in.SubtitleSet) > 0),
			lacking(path+"SubtitleInfoSet", len(in.SubtitleInfoSet) > 0),
			lacking(path+"DrmInfo", in.DrmInfo != nil),
		)
	},
	fill: func(in *api.AdaptiveDynamicStreamingTaskInput) {
		in.WatermarkSet, in.SubtitleSet = filled(in.WatermarkSet), filled(in.SubtitleSet)
		in.SubtitleInfoSet = filled(in.SubtitleInfoSet)
	},
	make: func(at target, in *api.AdaptiveDynamicStreamingTaskInput) (*api.AdaptiveDynamicStreamingInfoItem, *Failure) {
		s := streamingOf(in.Definition)
		out := &api.AdaptiveDynamicStreamingInfoItem{
			Definition: int64(in.Definition), Package: s.packaging, DrmType: s.drm,
			Url:          at.url(fmt.Sprintf("adp.%d.%s", in.Definition, s.extension())),
			SubStreamSet: s.streams(), SubtitleSet: []api.MediaSubtitleItem{},
		}
		for _, stream := range out.SubStreamSet {
			out.Size += int64(stream.Size)
		}
		out.DigitalWatermarkType, out.CopyRightWatermarkText, out.BlindWatermarkDefinition =
			digital(in.TraceWatermark, in.CopyRightWatermark, in.BlindWatermark)
		return out, nil
	},
	keep: func(m *media, out api.AdaptiveDynamicStreamingInfoItem) {
		m.adaptive = put(m.adaptive, out, viewAdaptive)
	},
	kept: func(m *media) []MadeView { return views(m.adaptive, viewAdaptive) },
	member: func(r *api.MediaProcessTaskResult,
		made *api.Result[api.AdaptiveDynamicStreamingTaskInput, api.AdaptiveDynamicStreamingInfoItem]) {
		r.AdaptiveDynamicStreamingTask = made
	},
}

func viewAdaptive(i api.AdaptiveDynamicStreamingInfoItem) MadeView {
	return MadeView{"AdaptiveDynamicStreaming", i.Definition, i.Url}
}
