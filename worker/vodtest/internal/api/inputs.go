package api

// A MediaProcessTaskInput is what one is asked to make of a file: of each kind any number.
type MediaProcessTaskInput struct {
	TranscodeTaskSet                []TranscodeTaskInput
	AnimatedGraphicTaskSet          []AnimatedGraphicTaskInput
	SnapshotByTimeOffsetTaskSet     []SnapshotByTimeOffsetTaskInput
	SampleSnapshotTaskSet           []SampleSnapshotTaskInput
	ImageSpriteTaskSet              []ImageSpriteTaskInput
	CoverBySnapshotTaskSet          []CoverBySnapshotTaskInput
	AdaptiveDynamicStreamingTaskSet []AdaptiveDynamicStreamingTaskInput
}

// A TranscodeTaskInput asks for another file. Definition, here and below, is the number of a template.
type TranscodeTaskInput struct {
	Definition         uint64 `api:"required"`
	WatermarkSet       []WatermarkInput
	TraceWatermark     *TraceWatermarkInput
	CopyRightWatermark *CopyRightWatermarkInput
	BlindWatermark     *BlindWatermarkInput
	MosaicSet          []MosaicInput
	HeadTailSet        []HeadTailTaskInput
	StartTimeOffset    float64
	EndTimeOffset      float64
	SubtitleInfoSet    []SubtitleInfoInput
}

type AnimatedGraphicTaskInput struct {
	Definition      uint64  `api:"required"`
	StartTimeOffset float64 `api:"required"`
	EndTimeOffset   float64 `api:"required"`
}

type SnapshotByTimeOffsetTaskInput struct {
	Definition       uint64 `api:"required"`
	ExtTimeOffsetSet []string
	TimeOffsetSet    []float64
	WatermarkSet     []WatermarkInput
}

type SampleSnapshotTaskInput struct {
	Definition   uint64 `api:"required"`
	WatermarkSet []WatermarkInput
}

type ImageSpriteTaskInput struct {
	Definition uint64 `api:"required"`
}

type CoverBySnapshotTaskInput struct {
	Definition    uint64  `api:"required"`
	PositionType  string  `api:"required"`
	PositionValue float64 `api:"required"`
	WatermarkSet  []WatermarkInput
}

type AdaptiveDynamicStreamingTaskInput struct {
	Definition         uint64 `api:"required"`
	WatermarkSet       []WatermarkInput
	TraceWatermark     *TraceWatermarkInput
	CopyRightWatermark *CopyRightWatermarkInput
	BlindWatermark     *BlindWatermarkInput
	SubtitleSet        []string
	SubtitleInfoSet    []SubtitleInfoInput
	DrmInfo            *ThirdPartyDrmInfo
}

// What inputs have in common.

type WatermarkInput struct {
	Definition      uint64 `api:"required"`
	TextContent     string
	SvgContent      string
	StartTimeOffset float64
	EndTimeOffset   float64
}

type TraceWatermarkInput struct {
	Switch     string `api:"required"`
	Definition uint64
}

type CopyRightWatermarkInput struct {
	Text string `api:"required"`
}

type BlindWatermarkInput struct {
	Definition uint64 `api:"required"`
}

type MosaicInput struct {
	CoordinateOrigin string
	XPos             string
	YPos             string
	Width            string
	Height           string
	StartTimeOffset  float64
	EndTimeOffset    float64
}

type HeadTailTaskInput struct {
	Definition int64 `api:"required"`
}

type SubtitleInfoInput struct {
	Id           string `api:"required"`
	FontType     string
	FontSize     string
	FontColor    string
	FontAlpha    float64
	YPos         string
	BoardY       string
	BoardWidth   string
	BoardHeight  string
	BoardColor   string
	BoardAlpha   float64
	Alignment    string
	OutlineWidth string
	OutlineColor string
	OutlineAlpha float64
	ShadowWidth  string
	ShadowColor  string
	ShadowAlpha  float64
	LineSpacing  string
}

type ThirdPartyDrmInfo struct {
	DrmTypes []string `api:"required"`
	SPEKEDrm *SPEKEDrm
}

type SPEKEDrm struct {
	ResourceId       string `api:"required"`
	KeyServerUrl     string `api:"required"`
	Vector           string `api:"required"`
	EncryptionMethod string
	EncryptionPreset string
	KeyAcquireMode   string
}
