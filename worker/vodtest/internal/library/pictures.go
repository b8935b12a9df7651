package library

import (
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

var animated = &kindOf[api.AnimatedGraphicTaskInput, api.MediaAnimatedGraphicsItem]{
	name:       "AnimatedGraphics",
	set:        "AnimatedGraphicTaskSet",
	definition: func(in *api.AnimatedGraphicTaskInput) uint64 { return in.Definition },
	inputs:     func(in *api.MediaProcessTaskInput) []api.AnimatedGraphicTaskInput { return in.AnimatedGraphicTaskSet },
	only: func(definition uint64) api.AnimatedGraphicTaskInput {
		return api.AnimatedGraphicTaskInput{Definition: definition}
	},
	check: func(string, *api.AnimatedGraphicTaskInput) error { return nil },
	fill:  func(*api.AnimatedGraphicTaskInput) {},
	make: func(at target, in *api.AnimatedGraphicTaskInput) (*api.MediaAnimatedGraphicsItem, *Failure) {
		from, to, failure := section(in.StartTimeOffset, in.EndTimeOffset)
		if failure != nil {
			return nil, failure
		}
		container := animationOf(in.Definition)
		url := at.url(fmt.Sprintf("animatedGraphics/animatedGraphics_%d_0.%s", in.Definition, container))
		const bitrate = 2 * 8 * 20000 // two pictures a second
		file := metaData()
		return &api.MediaAnimatedGraphicsItem{
			Url: url, Definition: int64(in.Definition), Container: container, Height: file.Height, Width: file.Width,
			Bitrate: bitrate, Size: int64(bitrate * (to - from) / 8), Md5: sum(url), StartTimeOffset: from, EndTimeOffset: to,
		}, nil
	},
	keep: func(m *media, out api.MediaAnimatedGraphicsItem) { m.animated = put(m.animated, out, viewAnimated) },
	kept: func(m *media) []MadeView { return views(m.animated, viewAnimated) },
	member: func(r *api.MediaProcessTaskResult, made *api.Result[api.AnimatedGraphicTaskInput, api.MediaAnimatedGraphicsItem]) {
		r.AnimatedGraphicTask = made
	},
}

func viewAnimated(i api.MediaAnimatedGraphicsItem) MadeView {
	return MadeView{"AnimatedGraphics", i.Definition, i.Url}
}

var sample = &kindOf[api.SampleSnapshotTaskInput, api.MediaSampleSnapshotItem]{
	name:       "SampleSnapshot",
	set:        "SampleSnapshotTaskSet",
	definition: func(in *api.SampleSnapshotTaskInput) uint64 { return in.Definition },
	inputs:     func(in *api.MediaProcessTaskInput) []api.SampleSnapshotTaskInput { return in.SampleSnapshotTaskSet },
	only: func(definition uint64) api.SampleSnapshotTaskInput {
		return api.SampleSnapshotTaskInput{Definition: definition}
	},
	check: func(path string, in *api.SampleSnapshotTaskInput) error {
		return checkWatermarks(path, in.WatermarkSet)
	},
	fill: func(in *api.SampleSnapshotTaskInput) { in.WatermarkSet = filled(in.WatermarkSet) },
	make: func(at target, in *api.SampleSnapshotTaskInput) (*api.MediaSampleSnapshotItem, *Failure) {
		out := &api.MediaSampleSnapshotItem{
			Definition: int64(in.Definition), SampleType: "Percent", Interval: samplePercent,
			WaterMarkDefinition: templatesOf(in.WatermarkSet),
		}
		for i := range 100 / samplePercent {
			out.ImageUrlSet = append(out.ImageUrlSet, at.url(fmt.Sprintf("sampleSnapshot/sampleSnapshot_%d_%d.jpg", in.Definition, i)))
		}
		return out, nil
	},
	keep: func(m *media, out api.MediaSampleSnapshotItem) { m.samples = put(m.samples, out, viewSample) },
	kept: func(m *media) []MadeView { return views(m.samples, viewSample) },
	member: func(r *api.MediaProcessTaskResult, made *api.Result[api.SampleSnapshotTaskInput, api.MediaSampleSnapshotItem]) {
		r.SampleSnapshotTask = made
	},
}

func viewSample(i api.MediaSampleSnapshotItem) MadeView {
	return MadeView{"SampleSnapshot", i.Definition, i.ImageUrlSet[0]}
}

var sprite = &kindOf[api.ImageSpriteTaskInput, api.MediaImageSpriteItem]{
	name:       "ImageSprites",
	set:        "ImageSpriteTaskSet",
	definition: func(in *api.ImageSpriteTaskInput) uint64 { return in.Definition },
	inputs:     func(in *api.MediaProcessTaskInput) []api.ImageSpriteTaskInput { return in.ImageSpriteTaskSet },
	only: func(definition uint64) api.ImageSpriteTaskInput {
		return api.ImageSpriteTaskInput{Definition: definition}
	},
	check: func(string, *api.ImageSpriteTaskInput) error { return nil },
	fill:  func(*api.ImageSpriteTaskInput) {},
	make: func(at target, in *api.ImageSpriteTaskInput) (*api.MediaImageSpriteItem, *Failure) {
		return &api.MediaImageSpriteItem{
			Definition: int64(in.Definition), Height: spriteHeight, Width: spriteWidth, TotalCount: duration / spriteSeconds,
			ImageUrlSet: []string{at.url(fmt.Sprintf("imageSprite/imageSprite_%d_0.jpg", in.Definition))},
			WebVttUrl:   at.url(fmt.Sprintf("imageSprite/imageSprite_%d.vtt", in.Definition)),
		}, nil
	},
	keep: func(m *media, out api.MediaImageSpriteItem) { m.sprites = put(m.sprites, out, viewSprite) },
	kept: func(m *media) []MadeView { return views(m.sprites, viewSprite) },
	member: func(r *api.MediaProcessTaskResult, made *api.Result[api.ImageSpriteTaskInput, api.MediaImageSpriteItem]) {
		r.ImageSpriteTask = made
	},
}

func viewSprite(i api.MediaImageSpriteItem) MadeView {
	return MadeView{"ImageSprites", i.Definition, i.ImageUrlSet[0]}
}
