package api

// A MediaInfo is all that is known of a file. What one has not asked for, or was not made, is null.
type MediaInfo struct {
	BasicInfo                    *MediaBasicInfo
	MetaData                     *MediaMetaData
	TranscodeInfo                *MediaTranscodeInfo
	AnimatedGraphicsInfo         *MediaAnimatedGraphicsInfo
	SampleSnapshotInfo           *MediaSampleSnapshotInfo
	ImageSpriteInfo              *MediaImageSpriteInfo
	SnapshotByTimeOffsetInfo     *MediaSnapshotByTimeOffsetInfo
	KeyFrameDescInfo             *MediaKeyFrameDescInfo
	AdaptiveDynamicStreamingInfo *MediaAdaptiveDynamicStreamingInfo
	MiniProgramReviewInfo        *Unfilled
	SubtitleInfo                 *Unfilled
	FileId                       string
	ReviewInfo                   *Unfilled
	MPSAiMediaInfo               *Unfilled
	ImageUnderstandingInfo       *Unfilled
	KnowledgeBasesInfo           *Unfilled
	FaceRecognitionInfo          *Unfilled
}

type MediaBasicInfo struct {
	Name          string
	Description   string
	CreateTime    string
	UpdateTime    string
	ExpireTime    string
	ClassId       int64
	ClassName     string
	ClassPath     string
	CoverUrl      string
	Type          string
	MediaUrl      string
	SourceInfo    *MediaSourceData
	StorageRegion string
	StoragePath   string
	TagSet        []string
	Vid           string
	Category      string
	Status        string
	StorageClass  string
}

type MediaSourceData struct {
	SourceType        string
	SourceContext     string
	LiveRecordInfo    *Unfilled
	TrtcRecordInfo    *Unfilled
	WebPageRecordInfo *Unfilled
}

type MediaMetaData struct {
	Size           int64
	Container      string
	Bitrate        int64
	Height         int64
	Width          int64
	Duration       float64
	Rotate         int64
	VideoStreamSet []MediaVideoStreamItem
	AudioStreamSet []MediaAudioStreamItem
	VideoDuration  float64
	AudioDuration  float64
	Md5            string
}

type MediaVideoStreamItem struct {
	Bitrate          int64
	Height           int64
	Width            int64
	Codec            string
	Fps              int64
	CodecTag         string
	DynamicRangeInfo *Unfilled
}

type MediaAudioStreamItem struct {
	Bitrate      int64
	SamplingRate int64
	Codec        string
}

type MediaTranscodeInfo struct {
	TranscodeSet []MediaTranscodeItem
}

type MediaAnimatedGraphicsInfo struct {
	AnimatedGraphicsSet []MediaAnimatedGraphicsItem
}

type MediaSampleSnapshotInfo struct {
	SampleSnapshotSet []MediaSampleSnapshotItem
}

type MediaImageSpriteInfo struct {
	ImageSpriteSet []MediaImageSpriteItem
}

type MediaSnapshotByTimeOffsetInfo struct {
	SnapshotByTimeOffsetSet []MediaSnapshotByTimeOffsetItem
}

type MediaKeyFrameDescInfo struct {
	KeyFrameDescSet []MediaKeyFrameDescItem
}

type MediaAdaptiveDynamicStreamingInfo struct {
	AdaptiveDynamicStreamingSet []AdaptiveDynamicStreamingInfoItem
}
