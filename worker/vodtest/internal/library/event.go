package library

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// An Event is one that the library has made, as VOD writes it.
type Event struct {
	Type    string // such as NewFileUpload
	FileID  string
	Content []byte // an EventContent without an EventHandle
}

// emit makes an event: with every payload key, all but one of them null.
func (l *Library) emit(eventType, key, fileID string, payload any) {
	var content bytes.Buffer
	fmt.Fprintf(&content, `{"EventType":%q`, eventType)
	for _, k := range PayloadKeys {
		content.WriteString(`,"` + k + `":`)
		if k != key {
			content.WriteString("null")
			continue
		}
		text, err := json.Marshal(payload)
		if err != nil {
			panic("library: " + err.Error()) // the payloads are ours, and numbers were checked when they came
		}
		content.Write(text)
	}
	content.WriteByte('}')
	l.events = append(l.events, Event{Type: eventType, FileID: fileID, Content: content.Bytes()})
}

// PayloadKeys are the keys of EventContent that carry a payload, in the order in which the API lists them.
var PayloadKeys = [...]string{
	"FileUploadEvent", "ProcedureStateChangeEvent", "FileDeleteEvent", "PullCompleteEvent", "EditMediaCompleteEvent",
	"SplitMediaCompleteEvent", "ComposeMediaCompleteEvent", "ClipCompleteEvent", "TranscodeCompleteEvent",
	"CreateImageSpriteCompleteEvent", "ConcatCompleteEvent", "SnapshotByTimeOffsetCompleteEvent",
	"WechatPublishCompleteEvent", "WechatMiniProgramPublishCompleteEvent", "RemoveWatermarkCompleteEvent",
	"RestoreMediaCompleteEvent", "RebuildMediaCompleteEvent", "ExtractTraceWatermarkCompleteEvent",
	"ExtractCopyRightWatermarkCompleteEvent", "ReviewAudioVideoCompleteEvent", "ReduceMediaBitrateCompleteEvent",
	"DescribeFileAttributesCompleteEvent", "QualityInspectCompleteEvent", "QualityEnhanceCompleteEvent",
	"MediaCastStatusChangedEvent", "PersistenceCompleteEvent", "ComplexAdaptiveDynamicStreamingCompleteEvent",
	"ProcessMediaByMPSCompleteEvent", "AigcImageCompleteEvent", "AigcVideoCompleteEvent",
	"ExtractBlindWatermarkComplete", "SceneAigcImageCompleteEvent", "ProcessImageAsyncCompleteEvent",
	"CreateAigcAdvancedCustomElementCompleteEvent", "CreateAigcCustomVoiceCompleteEvent",
	"DescribeAigcFaceInfoAsyncCompleteEvent",
}
