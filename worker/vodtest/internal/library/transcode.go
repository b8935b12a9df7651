package library

import (
	"cmp"
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

var transcode = &kindOf[api.TranscodeTaskInput, api.MediaTranscodeItem]{
	name:       "Transcode",
	set:        "TranscodeTaskSet",
	definition: func(in *api.TranscodeTaskInput) uint64 { return in.Definition },
	inputs:     func(in *api.MediaProcessTaskInput) []api.TranscodeTaskInput { return in.TranscodeTaskSet },
	only:       func(definition uint64) api.TranscodeTaskInput { return api.TranscodeTaskInput{Definition: definition} },
	check: func(path string, in *api.TranscodeTaskInput) error {
		return cmp.Or(
			checkWatermarks(path, in.WatermarkSet),
			checkDigital(path, in.TraceWatermark, in.CopyRightWatermark),
			atMost(path+"MosaicSet", in.MosaicSet, 10),
			atMost(path+"HeadTailSet", in.HeadTailSet, 10),
			lacking(path+"SubtitleInfoSet", len(in.SubtitleInfoSet) > 0),
		)
	},
	fill: func(in *api.TranscodeTaskInput) {
		in.WatermarkSet, in.MosaicSet, in.HeadTailSet = filled(in.WatermarkSet), filled(in.MosaicSet), filled(in.HeadTailSet)
		in.SubtitleInfoSet = filled(in.SubtitleInfoSet)
	},
	make: func(at target, in *api.TranscodeTaskInput) (*api.MediaTranscodeItem, *Failure) {
		from, to, failure := section(in.StartTimeOffset, in.EndTimeOffset)
		if failure != nil {
			return nil, failure
		}
		f := encodingOf(in.Definition)
		out := &api.MediaTranscodeItem{
			Url: at.url(fmt.Sprintf("v.f%d.%s", in.Definition, f.extension())), Definition: int64(in.Definition),
			Duration: to - from, Container: f.name(), VideoStreamSet: f.video(), AudioStreamSet: f.audio(),
		}
		for _, v := range out.VideoStreamSet {
			out.Bitrate, out.Height, out.Width = out.Bitrate+v.Bitrate, v.Height, v.Width
		}
		for _, a := range out.AudioStreamSet {
			out.Bitrate += a.Bitrate
		}
		out.Size, out.Md5 = int64(float64(out.Bitrate)*out.Duration/8), sum(out.Url)
		out.DigitalWatermarkType, out.CopyRightWatermarkText, out.BlindWatermarkDefinition =
			digital(in.TraceWatermark, in.CopyRightWatermark, in.BlindWatermark)
		return out, nil
	},
	keep: func(m *media, out api.MediaTranscodeItem) { m.transcoded = put(m.transcoded, out, viewTranscoded) },
	kept: func(m *media) []MadeView { return views(m.transcoded, viewTranscoded) },
	member: func(r *api.MediaProcessTaskResult, made *api.Result[api.TranscodeTaskInput, api.MediaTranscodeItem]) {
		r.TranscodeTask = made
	},
}

func viewTranscoded(i api.MediaTranscodeItem) MadeView {
	return MadeView{"Transcode", i.Definition, i.Url}
}
