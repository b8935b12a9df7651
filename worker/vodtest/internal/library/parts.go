package library

import (
	"maps"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// shown returns what is known of a file: those parts that the filters name, or all if there are none. It stays as it is, whatever
// happens to the file.
func (m *media) shown(filters []string) api.MediaInfo {
	info := api.MediaInfo{FileId: m.id}
	if len(filters) == 0 {
		for _, show := range parts {
			show(m, &info)
		}
	}
	for _, name := range filters {
		parts[name](m, &info)
	}
	return info
}

// parts copy what there is of a file by the names that Filters has for it. No file here has any of those that do nothing.
var parts = map[string]func(*media, *api.MediaInfo){
	"basicInfo": func(m *media, to *api.MediaInfo) {
		basic := m.basic
		basic.TagSet = slices.Clone(basic.TagSet)
		to.BasicInfo = &basic
	},
	"metaData": func(m *media, to *api.MediaInfo) { to.MetaData = m.metaData },
	"transcodeInfo": func(m *media, to *api.MediaInfo) {
		if files := m.files(); len(files) > 0 {
			to.TranscodeInfo = &api.MediaTranscodeInfo{TranscodeSet: files}
		}
	},
	"animatedGraphicsInfo": func(m *media, to *api.MediaInfo) {
		if len(m.animated) > 0 {
			to.AnimatedGraphicsInfo = &api.MediaAnimatedGraphicsInfo{AnimatedGraphicsSet: slices.Clone(m.animated)}
		}
	},
	"imageSpriteInfo": func(m *media, to *api.MediaInfo) {
		if len(m.sprites) > 0 {
			to.ImageSpriteInfo = &api.MediaImageSpriteInfo{ImageSpriteSet: slices.Clone(m.sprites)}
		}
	},
	"snapshotByTimeOffsetInfo": func(m *media, to *api.MediaInfo) {
		if len(m.snapshots) > 0 {
			to.SnapshotByTimeOffsetInfo = &api.MediaSnapshotByTimeOffsetInfo{SnapshotByTimeOffsetSet: slices.Clone(m.snapshots)}
		}
	},
	"sampleSnapshotInfo": func(m *media, to *api.MediaInfo) {
		if len(m.samples) > 0 {
			to.SampleSnapshotInfo = &api.MediaSampleSnapshotInfo{SampleSnapshotSet: slices.Clone(m.samples)}
		}
	},
	"keyFrameDescInfo": func(m *media, to *api.MediaInfo) {
		if len(m.keyFrames) > 0 {
			to.KeyFrameDescInfo = &api.MediaKeyFrameDescInfo{KeyFrameDescSet: slices.Clone(m.keyFrames)}
		}
	},
	"adaptiveDynamicStreamingInfo": func(m *media, to *api.MediaInfo) {
		if len(m.adaptive) > 0 {
			to.AdaptiveDynamicStreamingInfo = &api.MediaAdaptiveDynamicStreamingInfo{AdaptiveDynamicStreamingSet: slices.Clone(m.adaptive)}
		}
	},
	"miniProgramReviewInfo": func(*media, *api.MediaInfo) {},
	"subtitleInfo":          func(*media, *api.MediaInfo) {},
	"reviewInfo":            func(*media, *api.MediaInfo) {},
	"mpsAiMediaInfo":        func(*media, *api.MediaInfo) {},
}

func checkFilters(filters []string) error {
	for _, name := range filters {
		if parts[name] == nil {
			return api.Refuse("InvalidParameter", "Filters has %.60q, and there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(parts)), ", "))
		}
	}
	return nil
}

// files returns the file as it came, with the Definition 0, and all that it was transcoded to.
func (m *media) files() []api.MediaTranscodeItem {
	var files []api.MediaTranscodeItem
	if m.hasOriginal() {
		d := m.metaData
		files = append(files, api.MediaTranscodeItem{
			Url: m.basic.MediaUrl, Bitrate: d.Bitrate, Height: d.Height, Width: d.Width, Size: d.Size, Duration: d.Duration,
			Md5: d.Md5, Container: d.Container, VideoStreamSet: d.VideoStreamSet, AudioStreamSet: d.AudioStreamSet,
			DigitalWatermarkType: "None",
		})
	}
	return append(files, m.transcoded...)
}
