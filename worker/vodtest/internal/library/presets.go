package library

import "github.com/vodworker/vodworker/worker/vodtest/internal/api"

// The templates that every application has, as VOD documents them (document 266/33932). A template with another number is one
// that somebody has made: the emulator does not know what is in it, and takes it for a plain one.

// An encoding is what a template for transcoding makes.
type encoding struct {
	container     string // which is its extension, but for hls
	width, height int64  // if one is 0, in proportion to the other; if both are, as the file has them
	kbps, fps     int64
	codec         string // "" if there are no pictures
	audioKbps     int64
	audioCodec    string // "" for a file that is only packed anew
}

var plainEncoding = encoding{"mp4", 0, 0, 512, 25, "h264", 64, "aac"}

var encodings = map[uint64]encoding{
	100010: {"mp4", 0, 360, 400, 25, "h264", 64, "aac"},
	100020: {"mp4", 0, 540, 1000, 25, "h264", 64, "aac"},
	100030: {"mp4", 0, 720, 1800, 25, "h264", 128, "aac"},
	100040: {"mp4", 0, 1080, 2500, 25, "h264", 128, "aac"},
	100070: {"mp4", 0, 1440, 3000, 25, "h264", 160, "aac"},
	100080: {"mp4", 0, 2160, 6000, 25, "h264", 160, "aac"},

	100210: {"hls", 0, 360, 400, 25, "h264", 64, "aac"},
	100220: {"hls", 0, 540, 1000, 25, "h264", 64, "aac"},
	100230: {"hls", 0, 720, 1800, 25, "h264", 128, "aac"},
	100240: {"hls", 0, 1080, 2500, 25, "h264", 128, "aac"},
	100270: {"hls", 0, 1440, 3000, 25, "h264", 160, "aac"},
	100280: {"hls", 0, 2160, 6000, 25, "h264", 160, "aac"},

	// Of Top Speed Codec, which documents no bitrate.
	100800: {"mp4", 0, 0, 512, 25, "h264", 128, "aac"},
	100810: {"mp4", 0, 360, 256, 25, "h264", 64, "aac"},
	100820: {"mp4", 0, 540, 512, 25, "h264", 64, "aac"},
	100830: {"mp4", 0, 720, 1024, 25, "h264", 128, "aac"},
	100840: {"mp4", 0, 1080, 1536, 25, "h264", 128, "aac"},

	1010: {"mp3", 0, 0, 0, 0, "", 128, "mp3"},
	1020: {"mp3", 0, 0, 0, 0, "", 320, "mp3"},
	1100: {"m4a", 0, 0, 0, 0, "", 24, "aac"},
	1110: {"m4a", 0, 0, 0, 0, "", 48, "aac"},
	1120: {"m4a", 0, 0, 0, 0, "", 96, "aac"},
	1130: {"m4a", 0, 0, 0, 0, "", 192, "aac"},
	1140: {"m4a", 0, 0, 0, 0, "", 256, "aac"},

	875: {"mp4", 0, 0, 0, 0, "", 0, ""},
	876: {"hls", 0, 0, 0, 0, "", 0, ""},

	// Older ones, which still work.
	10: {"mp4", 320, 0, 256, 24, "h264", 48, "aac"},
	20: {"mp4", 640, 0, 512, 24, "h264", 48, "aac"},
	30: {"mp4", 1280, 0, 1024, 24, "h264", 48, "aac"},
	40: {"mp4", 1920, 0, 2500, 24, "h264", 48, "aac"},
	70: {"mp4", 0, 1440, 3072, 30, "h264", 48, "aac"},
	80: {"mp4", 0, 2160, 6144, 30, "h264", 48, "aac"},

	210: {"hls", 320, 0, 256, 24, "h264", 48, "aac"},
	220: {"hls", 640, 0, 512, 24, "h264", 48, "aac"},
	230: {"hls", 1280, 0, 1024, 24, "h264", 48, "aac"},
	240: {"hls", 1920, 0, 2500, 24, "h264", 48, "aac"},
	270: {"hls", 0, 1440, 3072, 30, "h264", 48, "aac"},
	280: {"hls", 0, 2160, 6144, 30, "h264", 48, "aac"},

	10046: {"flv", 320, 0, 256, 24, "h264", 48, "mp3"},
	10047: {"flv", 640, 0, 512, 24, "h264", 48, "mp3"},
	10048: {"flv", 1280, 0, 1024, 24, "h264", 48, "mp3"},
	10049: {"flv", 1920, 0, 2500, 24, "h264", 48, "mp3"},
	370:   {"flv", 0, 1440, 3072, 30, "h264", 48, "mp3"},
	380:   {"flv", 0, 2160, 6144, 30, "h264", 48, "mp3"},

	510: {"mp4", 0, 240, 250, 15, "hevc", 48, "aac"},
	520: {"mp4", 0, 480, 600, 24, "hevc", 48, "aac"},
	530: {"mp4", 0, 720, 800, 25, "hevc", 48, "aac"},
	540: {"mp4", 0, 1080, 1400, 30, "hevc", 48, "aac"},
	570: {"mp4", 0, 1440, 2048, 30, "hevc", 48, "aac"},
	580: {"mp4", 0, 2160, 4096, 30, "hevc", 48, "aac"},

	610: {"hls", 0, 240, 250, 15, "hevc", 48, "aac"},
	620: {"hls", 0, 480, 600, 24, "hevc", 48, "aac"},
	630: {"hls", 0, 720, 800, 25, "hevc", 48, "aac"},
	640: {"hls", 0, 1080, 1400, 30, "hevc", 48, "aac"},
	670: {"hls", 0, 1440, 2048, 30, "hevc", 48, "aac"},
	680: {"hls", 0, 2160, 4096, 30, "hevc", 48, "aac"},

	710: {"flv", 0, 240, 250, 15, "hevc", 48, "aac"},
	720: {"flv", 0, 480, 600, 24, "hevc", 48, "aac"},
	730: {"flv", 0, 720, 800, 25, "hevc", 48, "aac"},
	740: {"flv", 0, 1080, 1400, 30, "hevc", 48, "aac"},
	770: {"flv", 0, 1440, 2048, 30, "hevc", 48, "aac"},
	780: {"flv", 0, 2160, 4096, 30, "hevc", 48, "aac"},
}

func encodingOf(definition uint64) encoding {
	if f, known := encodings[definition]; known {
		return f
	}
	return plainEncoding
}

func (f encoding) extension() string {
	if f.container == "hls" {
		return "m3u8"
	}
	return f.container
}

// name returns the container as VOD writes it.
func (f encoding) name() string {
	if f.container == "mp4" || f.container == "m4a" {
		return container
	}
	return f.container
}

func (f encoding) video() []api.MediaVideoStreamItem {
	switch {
	case f.audioCodec == "":
		return metaData().VideoStreamSet
	case f.codec == "":
		return []api.MediaVideoStreamItem{}
	}
	width, height := scaled(f.width, f.height)
	tag := map[string]string{"h264": "avc1", "hevc": "hvc1"}[f.codec]
	return []api.MediaVideoStreamItem{
		{Bitrate: f.kbps * 1000, Height: height, Width: width, Codec: f.codec, Fps: f.fps, CodecTag: tag},
	}
}

func (f encoding) audio() []api.MediaAudioStreamItem {
	if f.audioCodec == "" {
		return metaData().AudioStreamSet
	}
	return []api.MediaAudioStreamItem{{Bitrate: f.audioKbps * 1000, SamplingRate: 44100, Codec: f.audioCodec}}
}

// scaled returns the size of pictures, of which at most one side is given.
func scaled(width, height int64) (int64, int64) {
	file := metaData()
	switch {
	case width > 0:
		return width, width * file.Height / file.Width
	case height > 0:
		return height * file.Width / file.Height, height
	default:
		return file.Width, file.Height
	}
}

// A streaming is what a template for adaptive streaming makes.
type streaming struct {
	packaging, drm string
	enlarges       bool
}

var streamings = map[uint64]streaming{
	10: {"HLS", "", false},
	11: {"HLS", "FairPlay", false}, // no longer documented, nor is 21
	12: {"HLS", "SimpleAES", false},
	20: {"DASH", "", true},
	21: {"DASH", "Widevine", true},
}

func streamingOf(definition uint64) streaming {
	if s, known := streamings[definition]; known {
		return s
	}
	return streamings[10]
}

func (s streaming) extension() string {
	if s.packaging == "DASH" {
		return "mpd"
	}
	return "m3u8"
}

// streams returns the streams, of which none has larger pictures than the file unless it enlarges them.
func (s streaming) streams() []api.MediaSubStreamInfoItem {
	const audioKbps = 48
	levels := []struct{ height, kbps int64 }{{240, 256}, {480, 512}, {720, 512}, {1080, 1024}, {1440, 3072}, {2160, 6144}}
	var streams []api.MediaSubStreamInfoItem
	for _, level := range levels {
		if width, height := scaled(0, level.height); s.enlarges || height <= metaData().Height {
			size := (level.kbps + audioKbps) * 1000 / 8 * duration
			streams = append(streams, api.MediaSubStreamInfoItem{
				Type: "video", Width: uint64(width), Height: uint64(height), Size: uint64(size),
			})
		}
	}
	return streams
}

// animationOf returns the container.
func animationOf(definition uint64) string {
	if definition == 20001 {
		return "webp"
	}
	return "gif"
}

// What the preset templates for sampled snapshots and for sprites make, of which there is one each, and here every other one too.
const (
	samplePercent = 10 // from one picture to the next

	spriteWidth, spriteHeight = 142, 80
	spriteSeconds             = 10
)
