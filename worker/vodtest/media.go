package vodtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// Upload does what uploading a video does: it queues a NewFileUpload, unless ModifyEventConfig has switched that
// event off. name is the file's name, such as "lighthouse.mp4". The FileId is new and often fits no int64.
func (e *Emulator) Upload(subAppID uint64, name string) (fileID string) {
	fileID = e.ids.file()
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	a.files[fileID] = name
	if a.settings.upload != "ON" {
		return fileID
	}
	base, extension := splitName(name)
	payload := fmt.Sprintf(uploadPayload, quote(fileID), quote(base), timestamp(), quote(extension),
		quote(mediaURL(subAppID, fileID, "f0."+extension)))
	a.queue.send(eventContent("NewFileUpload", "FileUploadEvent", payload), time.Now())
	e.serve(a)
	return fileID
}

// Process does what processing a video with transcoding template 10 (MP4-LD-FLU) and a cover does, though at once:
// it queues a ProcedureStateChanged with the Status FINISH and both results. sessionContext is passed through to the
// event; it may be empty. fileID need not be known.
func (e *Emulator) Process(subAppID uint64, fileID, sessionContext string) (taskID string) {
	taskID = e.ids.task(subAppID)
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	base, extension := splitName(a.files[fileID])
	payload := fmt.Sprintf(procedurePayload, quote(taskID), quote(fileID), quote(base),
		quote(mediaURL(subAppID, fileID, "f0."+extension)), quote(mediaURL(subAppID, fileID, "v.f10.mp4")),
		quote(mediaURL(subAppID, fileID, "cover.100_0.jpg")), timestamp(), quote(sessionContext))
	a.queue.send(eventContent("ProcedureStateChanged", "ProcedureStateChangeEvent", payload), time.Now())
	e.serve(a)
	return taskID
}

// eventContent returns an event as VOD writes it: with every payload key, all but one of them null.
func eventContent(eventType, key, payload string) []byte {
	var content bytes.Buffer
	fmt.Fprintf(&content, `{"EventType":%q`, eventType)
	for _, k := range payloadKeys {
		if k != key {
			fmt.Fprintf(&content, `,%q:null`, k)
			continue
		}
		fmt.Fprintf(&content, `,%q:`, k)
		if err := json.Compact(&content, []byte(payload)); err != nil {
			panic("vodtest: " + err.Error()) // the payloads are ours, and what they quote is quoted
		}
	}
	content.WriteByte('}')
	return content.Bytes()
}

func splitName(name string) (base, extension string) {
	dotted := path.Ext(name)
	extension = strings.TrimPrefix(dotted, ".")
	if extension == "" {
		extension = "mp4"
	}
	return strings.TrimSuffix(name, dotted), extension
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
