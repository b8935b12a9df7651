package events

import "slices"

// A Type is an EventType. The constants are the types that VOD documents; a value that is none of them is an
// event of a newer type, and just as valid.
type Type string

// The types of today's API. Those off by default are switched on with ModifyEventConfig or in the console.
const (
	NewFileUpload                           Type = "NewFileUpload"         // a file was uploaded; off by default
	ProcedureStateChanged                   Type = "ProcedureStateChanged" // a task flow made progress or finished
	FileDeleted                             Type = "FileDeleted"           // files were deleted; off by default
	PullComplete                            Type = "PullComplete"          // a file was fetched from a URL
	EditMediaComplete                       Type = "EditMediaComplete"
	SplitMediaComplete                      Type = "SplitMediaComplete"
	ComposeMediaComplete                    Type = "ComposeMediaComplete"
	RestoreMediaComplete                    Type = "RestoreMediaComplete" // a file came back from archive storage
	WechatPublishComplete                   Type = "WechatPublishComplete"
	WechatMiniProgramPublishComplete        Type = "WechatMiniProgramPublishComplete"
	RemoveWatermark                         Type = "RemoveWatermark"
	RebuildMediaComplete                    Type = "RebuildMediaComplete"
	ReviewAudioVideoComplete                Type = "ReviewAudioVideoComplete"
	ExtractTraceWatermarkComplete           Type = "ExtractTraceWatermarkComplete"
	ExtractCopyRightWatermarkComplete       Type = "ExtractCopyRightWatermarkComplete"
	DescribeFileAttributesComplete          Type = "DescribeFileAttributesComplete"
	QualityInspectComplete                  Type = "QualityInspectComplete"
	QualityEnhanceComplete                  Type = "QualityEnhanceComplete"
	PersistenceComplete                     Type = "PersistenceComplete" // a clip was made permanent; off by default
	MediaCastStatusChanged                  Type = "MediaCastStatusChanged"
	ComplexAdaptiveDynamicStreamingComplete Type = "ComplexAdaptiveDynamicStreamingComplete"
	ProcessMediaByMPSComplete               Type = "ProcessMediaByMPSComplete"
	AigcImageTaskComplete                   Type = "AigcImageTaskComplete"
	AigcVideoTaskComplete                   Type = "AigcVideoTaskComplete"
	ExtractBlindWatermarkComplete           Type = "ExtractBlindWatermarkComplete"
	AigcHunyuan3DTaskComplete               Type = "AigcHunyuan3DTaskComplete"
	DescribeAigcFaceInfoAsyncComplete       Type = "DescribeAigcFaceInfoAsyncComplete"
	ReduceMediaBitrateComplete              Type = "ReduceMediaBitrateComplete" // no longer sent
)

// The official SDKs' comments end the names of these types in "Event", unlike all others. Whether VOD's JSON does too is
// not documented, so both spellings are taken for one type: see [Type.Alias].
const (
	SceneAigcImageComplete                  Type = "SceneAigcImageCompleteEvent"
	ProcessImageAsyncComplete               Type = "ProcessImageAsyncCompleteEvent"
	CreateAigcAdvancedCustomElementComplete Type = "CreateAigcAdvancedCustomElementCompleteEvent"
	CreateAigcCustomVoiceComplete           Type = "CreateAigcCustomVoiceCompleteEvent"
)

// The types of the 2017 API, sent for tasks that were started through it; each has a switch of its own in the
// console, off by default.
const (
	TranscodeComplete                  Type = "TranscodeComplete"
	ConcatComplete                     Type = "ConcatComplete"
	ClipComplete                       Type = "ClipComplete"
	CreateImageSpriteComplete          Type = "CreateImageSpriteComplete"
	CreateSnapshotByTimeOffsetComplete Type = "CreateSnapshotByTimeOffsetComplete"
)

// payloads maps each documented type to the key under which its EventContent carries the payload.
var payloads = map[Type]string{
	NewFileUpload:                           "FileUploadEvent",
	ProcedureStateChanged:                   "ProcedureStateChangeEvent",
	FileDeleted:                             "FileDeleteEvent",
	PullComplete:                            "PullCompleteEvent",
	EditMediaComplete:                       "EditMediaCompleteEvent",
	SplitMediaComplete:                      "SplitMediaCompleteEvent",
	ComposeMediaComplete:                    "ComposeMediaCompleteEvent",
	RestoreMediaComplete:                    "RestoreMediaCompleteEvent",
	WechatPublishComplete:                   "WechatPublishCompleteEvent",
	WechatMiniProgramPublishComplete:        "WechatMiniProgramPublishCompleteEvent",
	RemoveWatermark:                         "RemoveWatermarkCompleteEvent",
	RebuildMediaComplete:                    "RebuildMediaCompleteEvent",
	ReviewAudioVideoComplete:                "ReviewAudioVideoCompleteEvent",
	ExtractTraceWatermarkComplete:           "ExtractTraceWatermarkCompleteEvent",
	ExtractCopyRightWatermarkComplete:       "ExtractCopyRightWatermarkCompleteEvent",
	DescribeFileAttributesComplete:          "DescribeFileAttributesCompleteEvent",
	QualityInspectComplete:                  "QualityInspectCompleteEvent",
	QualityEnhanceComplete:                  "QualityEnhanceCompleteEvent",
	PersistenceComplete:                     "PersistenceCompleteEvent",
	MediaCastStatusChanged:                  "MediaCastStatusChangedEvent",
	ComplexAdaptiveDynamicStreamingComplete: "ComplexAdaptiveDynamicStreamingCompleteEvent",
	ProcessMediaByMPSComplete:               "ProcessMediaByMPSCompleteEvent",
	AigcImageTaskComplete:                   "AigcImageCompleteEvent",
	AigcVideoTaskComplete:                   "AigcVideoCompleteEvent",
	ExtractBlindWatermarkComplete:           "ExtractBlindWatermarkComplete",
	AigcHunyuan3DTaskComplete:               "AigcHunyuan3DCompleteEvent",
	DescribeAigcFaceInfoAsyncComplete:       "DescribeAigcFaceInfoAsyncCompleteEvent",
	ReduceMediaBitrateComplete:              "ReduceMediaBitrateCompleteEvent",
	SceneAigcImageComplete:                  "SceneAigcImageCompleteEvent",
	ProcessImageAsyncComplete:               "ProcessImageAsyncCompleteEvent",
	CreateAigcAdvancedCustomElementComplete: "CreateAigcAdvancedCustomElementCompleteEvent",
	CreateAigcCustomVoiceComplete:           "CreateAigcCustomVoiceCompleteEvent",
	TranscodeComplete:                       "TranscodeCompleteEvent",
	ConcatComplete:                          "ConcatCompleteEvent",
	ClipComplete:                            "ClipCompleteEvent",
	CreateImageSpriteComplete:               "CreateImageSpriteCompleteEvent",
	CreateSnapshotByTimeOffsetComplete:      "SnapshotByTimeOffsetCompleteEvent",
}

// aliases maps both spellings of the types that may end in "Event" to each other.
var aliases = map[Type]Type{}

func init() {
	for _, t := range []Type{
		SceneAigcImageComplete, ProcessImageAsyncComplete,
		CreateAigcAdvancedCustomElementComplete, CreateAigcCustomVoiceComplete,
	} {
		short := t[:len(t)-len("Event")]
		aliases[t], aliases[short] = short, t
	}
}

// Alias returns the other spelling of a type whose documented name is doubtful, and "" for every other type.
// Handlers are matched by either.
func (t Type) Alias() Type { return aliases[t] }

// PayloadKey returns the documented key under which an EventContent of this type has its payload, such as FileUploadEvent for
// [NewFileUpload], and "" if the type is not documented.
func (t Type) PayloadKey() string {
	if key, ok := payloads[t]; ok {
		return key
	}
	return payloads[t.Alias()]
}

// Types returns every documented type, in alphabetical order and in its documented spelling.
func Types() []Type {
	types := make([]Type, 0, len(payloads))
	for t := range payloads {
		types = append(types, t)
	}
	slices.Sort(types)
	return types
}
