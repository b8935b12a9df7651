package api

// A MediaTranscodeItem is a file that was made of another, or the file itself, with the Definition 0.
type MediaTranscodeItem struct {
	Url                      string
	Definition               int64
	Bitrate                  int64
	Height                   int64
	Width                    int64
	Size                     int64
	Duration                 float64
	Md5                      string
	Container                string
	VideoStreamSet           []MediaVideoStreamItem
	AudioStreamSet           []MediaAudioStreamItem
	DigitalWatermarkType     string
	CopyRightWatermarkText   string
	BlindWatermarkDefinition int64
	FileId                   string
}

type MediaAnimatedGraphicsItem struct {
	Url             string
	Definition      int64
	Container       string
	Height          int64
	Width           int64
	Bitrate         int64
	Size            int64
	Md5             string
	StartTimeOffset float64
	EndTimeOffset   float64
}

type MediaSnapshotByTimeOffsetItem struct {
	Definition int64
	PicInfoSet []MediaSnapshotByTimePicInfoItem
}

type MediaSnapshotByTimePicInfoItem struct {
	TimeOffset          float64
	Url                 string
	WaterMarkDefinition []int64
}

type MediaSampleSnapshotItem struct {
	Definition          int64
	SampleType          string
	Interval            int64
	ImageUrlSet         []string
	WaterMarkDefinition []int64
}

type MediaImageSpriteItem struct {
	Definition  int64
	Height      int64
	Width       int64
	TotalCount  int64
	ImageUrlSet []string
	WebVttUrl   string
}

type CoverBySnapshotTaskOutput struct {
	CoverUrl string
}

type AdaptiveDynamicStreamingInfoItem struct {
	Definition               int64
	Package                  string
	DrmType                  string
	Url                      string
	Size                     int64
	DigitalWatermarkType     string
	SubStreamSet             []MediaSubStreamInfoItem
	CopyRightWatermarkText   string
	BlindWatermarkDefinition int64
	SubtitleSet              []MediaSubtitleItem
	DefaultSubtitleId        string
	DrmEncryptType           string
}

type MediaSubStreamInfoItem struct {
	Type   string
	Width  uint64
	Height uint64
	Size   uint64
}

type MediaSubtitleItem struct {
	Id       string
	Name     string
	Language string
	Format   string
	Url      string
	Source   string
}
