package library

import (
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// The categories of files, as the API calls them.
const (
	video = "Video"
	audio = "Audio"
	image = "Image"
)

// What VOD takes as video, audio and images, by their extensions (document 266/9760). An ogg can be audio or video.
var (
	videoExtensions = strings.Fields(
		"wmv rm mov mpeg mp4 3gp flv avi rmvb ts asf mpg webm mkv m3u8 wm asx ram mpe vob dat mp4v m4v f4v mxf qt")
	audioExtensions = []string{"mp3", "m4a", "flac", "ogg", "wav", "ra", "aac", "amr"}
	imageExtensions = []string{"jpg", "jpeg", "png", "gif", "bmp", "tiff", "ai", "cdr", "eps", "tif", "heif", "webp"}
)

// mediaTypes are what can be uploaded.
var mediaTypes = slices.Concat(videoExtensions, audioExtensions, imageExtensions)

// coverTypes are what a cover can be that is fetched.
var coverTypes = []string{"gif", "jpeg", "jpg", "png"}

// categoryOf returns the category of files with an extension. What VOD would not take is taken for video here.
func categoryOf(extension string) string {
	switch extension = strings.ToLower(extension); {
	case slices.Contains(audioExtensions, extension):
		return audio
	case slices.Contains(imageExtensions, extension):
		return image
	default:
		return video
	}
}

// fit makes the size of a file, and its bitrates, fit what was uploaded.
func fit(d *api.MediaMetaData, size int64) {
	d.Size = size
	if d.Duration == 0 {
		return // it is an image
	}
	old := float64(d.Bitrate)
	d.Bitrate = int64(8 * float64(size) / d.Duration)
	share := float64(d.Bitrate) / old
	for i := range d.VideoStreamSet {
		d.VideoStreamSet[i].Bitrate = int64(share * float64(d.VideoStreamSet[i].Bitrate))
	}
	for i := range d.AudioStreamSet {
		d.AudioStreamSet[i].Bitrate = int64(share * float64(d.AudioStreamSet[i].Bitrate))
	}
}

// metaDataOf is that of every file of a category: of a video, without what the others lack.
func metaDataOf(category, extension string) *api.MediaMetaData {
	d := metaData()
	switch category {
	case audio:
		d.Container, d.Bitrate, d.Height, d.Width, d.VideoDuration = extension, d.AudioStreamSet[0].Bitrate, 0, 0, 0
		d.VideoStreamSet = []api.MediaVideoStreamItem{}
	case image:
		d.Container, d.Bitrate, d.Duration, d.VideoDuration, d.AudioDuration = extension, 0, 0, 0, 0
		d.VideoStreamSet, d.AudioStreamSet = []api.MediaVideoStreamItem{}, []api.MediaAudioStreamItem{}
	}
	return d
}
