package vodtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// eventContent returns an event as VOD writes it: with every payload key, all but one of them null.
func eventContent(eventType, key, payload string) []byte {
	var content bytes.Buffer
	fmt.Fprintf(&content, `{"EventType":%q`, eventType)
	for _, k := range payloadKeys {
		content.WriteString(`,"` + k + `":`)
		if k != key {
			content.WriteString("null")
			continue
		}
		if err := json.Compact(&content, []byte(payload)); err != nil {
			panic("vodtest: " + err.Error()) // the payloads are ours, and what they quote is quoted
		}
	}
	content.WriteByte('}')
	return content.Bytes()
}

// media returns the MediaBasicInfo of a file.
func media(subAppID uint64, fileID, name, source string) string {
	base, extension := splitName(name)
	return fmt.Sprintf(mediaPayload, quote(base), timestamp(), quote(extension),
		quote(originalURL(subAppID, fileID, name)), quote(source))
}

func splitName(name string) (base, extension string) {
	dotted := path.Ext(name)
	extension = strings.TrimPrefix(dotted, ".")
	if extension == "" {
		extension = "mp4"
	}
	return strings.TrimSuffix(name, dotted), extension
}

// originalURL is where the file itself is, as it was uploaded.
func originalURL(subAppID uint64, fileID, name string) string {
	_, extension := splitName(name)
	return mediaURL(subAppID, fileID, "f0."+extension)
}

func mediaURL(subAppID uint64, fileID, name string) string {
	return fmt.Sprintf("https://%d.vod2.example.com/vod/%s/%s", subAppID, fileID, name)
}

func timestamp() string { return time.Now().UTC().Format(time.RFC3339) }

// payloadKeys are the keys of EventContent that carry a payload, in the order in which the API lists them.
var payloadKeys = [...]string{
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
