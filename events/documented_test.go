package events_test

import (
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/events"
)

// documented is what the fixture of each documented type says, and where.
var documented = map[events.Type]struct {
	key     string      // of the payload
	payload payloadTest // decodes it
	file    string
	task    string
	status  string
	context string
	repeats bool // a second one with the same content can be a new event
}{
	events.NewFileUpload: {
		key: "FileUploadEvent", payload: sdk[vod.FileUploadTask],
		file: "14508071098244959037",
	},
	events.ProcedureStateChanged: {
		key: "ProcedureStateChangeEvent", payload: sdk[vod.ProcedureTask],
		file: "14508071098244959037", task: "1500000001-Procedure-2e1af2456351812be963e309cc133403t0",
		status: "FINISH", context: `{"order":"A&B"}`,
	},
	events.AigcHunyuan3DTaskComplete: {
		key: "AigcHunyuan3DCompleteEvent", payload: newest,
		file: "14508071098244959061", task: "1500000001-AigcHunyuan3DTask-5c0d7f1ab2e94d1c8f6a3b9e7d201f44t0",
		status: "FINISH", context: "exhibit-4",
	},
	events.AigcImageTaskComplete: {
		key: "AigcImageCompleteEvent", payload: sdk[vod.AigcImageTask],
		file: "14508071098244959042", task: "1500000001-AigcImageTask-097d07e774bbe298c361eca4f84e34det0",
		status: "FINISH", context: "postcard-12",
	},
	events.AigcVideoTaskComplete: {
		key: "AigcVideoCompleteEvent", payload: sdk[vod.AigcVideoTask],
		file: "5285890784273533176", task: "1500000001-AigcVideoTask-a2f6ddda8dcc83aa56196f14d4951044t0",
		status: "FINISH", context: "teaser-12",
	},
	events.ClipComplete: {
		key: "ClipCompleteEvent", payload: sdk[vod.ClipTask2017],
		file: "5285890784273533182", task: "1500000001-Clip-6adac929b615be2e0d213eb9d1ad15bat0",
	},
	events.ComplexAdaptiveDynamicStreamingComplete: {
		key: "ComplexAdaptiveDynamicStreamingCompleteEvent", payload: sdk[vod.ComplexAdaptiveDynamicStreamingTask],
		task: "1500000001-ComplexAdaptiveDynamicStreaming-4c396e1c25d189b74743148dd05d2ca0t0", status: "FINISH",
	},
	events.ComposeMediaComplete: {
		key: "ComposeMediaCompleteEvent", payload: sdk[vod.ComposeMediaTask],
		file: "14508071098244959101", task: "1500000001-ComposeMedia-5fa2d19f25fb5505ef91020a46595369t0",
		status: "FINISH", context: "opening-v3",
	},
	events.ConcatComplete: {
		key: "ConcatCompleteEvent", payload: sdk[vod.ConcatTask2017],
		file: "14508071098244959047", task: "1500000001-Concat-e20f0f2826a6549809f050b86274567ft0",
	},
	events.CreateAigcAdvancedCustomElementComplete: {
		key: "CreateAigcAdvancedCustomElementCompleteEvent", payload: newest,
		task: "1500000001-CreateAigcAdvancedCustomElement-0b81bd2adfbfbcfad82430a03792000et0", status: "FINISH",
		context: "cast-sheet-1",
	},
	events.CreateAigcCustomVoiceComplete: {
		key: "CreateAigcCustomVoiceCompleteEvent", payload: newest,
		task: "1500000001-CreateAigcCustomVoice-0971082f61f4c5dc0871e2bc007cbce9t0", status: "FINISH",
		context: "cast-sheet-2",
	},
	events.CreateImageSpriteComplete: {
		key: "CreateImageSpriteCompleteEvent", payload: sdk[vod.CreateImageSpriteTask2017],
		file: "5285890784273533183", task: "1500000001-ImageSprites-24f53859e950b96fd4b4464749298a02t0",
	},
	events.CreateSnapshotByTimeOffsetComplete: {
		key: "SnapshotByTimeOffsetCompleteEvent", payload: sdk[vod.SnapshotByTimeOffsetTask2017],
		file: "14508071098244959049", task: "1500000001-SnapshotByTimeOffset-3c28bfa7697f6d2be9bb07f19fb65504t0",
	},
	events.DescribeAigcFaceInfoAsyncComplete: {
		key: "DescribeAigcFaceInfoAsyncCompleteEvent", payload: newest,
		file: "14508071098244959046",
		task: "1500000001-DescribeAigcFaceInfoAsync-f0e33cb67bdb12c92050e2be1a0abc21t0", status: "FINISH",
		context: "lip-sync-3",
	},
	events.DescribeFileAttributesComplete: {
		key: "DescribeFileAttributesCompleteEvent", payload: sdk[vod.DescribeFileAttributesTask],
		file: "14508071098244959040", task: "1500000001-DescribeFileAttributes-8e5e23ae1b55aad9fe598c2855fc5a18t0",
		status: "SUCCESS", context: "checksum-run-5",
	},
	events.EditMediaComplete: {
		key: "EditMediaCompleteEvent", payload: sdk[vod.EditMediaTask],
		file: "5285890784273533167", task: "1500000001-EditMedia-d7df7b061459725e8d1ac09b6b2f9ddft0",
		status: "FINISH", context: `{"order":"A-1041","user":"赵敏"}`,
	},
	events.ExtractBlindWatermarkComplete: {
		key: "ExtractBlindWatermarkComplete", payload: sdk[vod.ExtractBlindWatermarkTask],
		file: "5285890784273533177", task: "1500000001-ExtractBlindWatermark-a96369bf1110b6ee163462525bca21b9t0",
		status: "FINISH", context: "blind:17",
	},
	events.ExtractCopyRightWatermarkComplete: {
		key: "ExtractCopyRightWatermarkCompleteEvent", payload: sdk[vod.ExtractCopyRightWatermarkTask],
		task: "1500000001-ExtractCopyRightWatermark-aed7eebffc7ae00dd39f27d02fd441b6t0", status: "FINISH",
		context: "claim-204",
	},
	events.ExtractTraceWatermarkComplete: {
		key: "ExtractTraceWatermarkCompleteEvent", payload: sdk[vod.ExtractTraceWatermarkTask],
		file: "5285890784273533172", task: "1500000001-ExtractTraceWatermark-b7bf33635c64db3d87656a1facc72e35t0",
		status: "FINISH", context: "leak-case-17",
	},
	events.FileDeleted: {
		key: "FileDeleteEvent", payload: sdk[vod.FileDeleteTask],
		file: "14508071098244959037", repeats: true,
	},
	events.MediaCastStatusChanged: {
		key: "MediaCastStatusChangedEvent", payload: sdk[vod.MediaCastEvent],
		status: "Working", repeats: true,
	},
	events.PersistenceComplete: {
		key: "PersistenceCompleteEvent", payload: sdk[vod.PersistenceCompleteTask],
		file: "14508071098244959041",
	},
	events.ProcessImageAsyncComplete: {
		key: "ProcessImageAsyncCompleteEvent", payload: sdk[vod.ProcessImageAsync],
		file: "5285890784273533179", task: "1500000001-ProcessImageAsync-62f99430b641b7630d69de1d5bffd1fat0",
		status: "FINISH", context: "sku-5522",
	},
	events.ProcessMediaByMPSComplete: {
		key: "ProcessMediaByMPSCompleteEvent", payload: sdk[vod.ProcessMediaByMPS],
		file: "5285890784309470176", task: "1500000001-ProcessMediaByMPS-36ea24c176c6514693a3867b2868d2dct0",
		status: "FINISH",
	},
	events.PullComplete: {
		key: "PullCompleteEvent", payload: sdk[vod.PullUploadTask],
		file: "5285890784363430543", task: "1500000001-PullUpload-ae27eee371ae12fbea11b333c4835c6et0",
		status: "FINISH", context: "lecture-07",
	},
	events.QualityEnhanceComplete: {
		key: "QualityEnhanceCompleteEvent", payload: sdk[vod.QualityEnhanceTask],
		file: "5285890784273533175", task: "1500000001-QualityEnhance-2825fb5e6bf7a6862593d6b3a7b015e1t0",
		status: "FINISH", context: "uhd-remaster",
	},
	events.QualityInspectComplete: {
		key: "QualityInspectCompleteEvent", payload: sdk[vod.QualityInspectTask],
		file: "5285890784273533174", task: "1500000001-QualityInspect-7034af425261f8283bab76fe13639169t0",
		status: "FINISH", context: "ingest-gate",
	},
	events.RebuildMediaComplete: {
		key: "RebuildMediaCompleteEvent", payload: sdk[vod.RebuildMediaTask],
		file: "5285890784273533171", task: "1500000001-RebuildMedia-3d8c4084a77657c7be20fdbeb5eb8e91t0",
		status: "FINISH", context: "archive/1987/reel-4",
	},
	events.ReduceMediaBitrateComplete: {
		key: "ReduceMediaBitrateCompleteEvent", payload: sdk[vod.ReduceMediaBitrateTask],
		file: "5285890784273533173", task: "1500000001-ReduceMediaBitrate-ad255ed04020ffae961e15dd68199da7t0",
		status: "FINISH", context: "cdn-costs",
	},
	events.RemoveWatermark: {
		key: "RemoveWatermarkCompleteEvent", payload: sdk[vod.RemoveWatermarkTask],
		file: "5285890784273533170", task: "1500000001-RemoveWatermark-c43d4ae78a95a2b092ac6707163167a5t0",
		status: "FINISH", context: "campaign=spring&step=2",
	},
	events.RestoreMediaComplete: {
		key: "RestoreMediaCompleteEvent", payload: sdk[vod.RestoreMediaTask],
		file: "5285890784273533168", status: "0", repeats: true,
	},
	events.ReviewAudioVideoComplete: {
		key: "ReviewAudioVideoCompleteEvent", payload: sdk[vod.ReviewAudioVideoTask],
		file: "14508071098244959039", task: "1500000001-ReviewAudioVideo-657a220a935cb8b1b85106c12998eb8dt0",
		status: "FINISH", context: "ugc-88213",
	},
	events.SceneAigcImageComplete: {
		key: "SceneAigcImageCompleteEvent", payload: sdk[vod.SceneAigcImageTask],
		file: "5285890784273533178", task: "1500000001-SceneAigcImage-6fa82a15d83c562d436117de8ac82287t0",
		status: "FINISH", context: "sku-5521",
	},
	events.SplitMediaComplete: {
		key: "SplitMediaCompleteEvent", payload: sdk[vod.SplitMediaTask],
		file: "14508071098244959037", task: "1500000001-SplitMedia-5532642c4cefeafa08b43b2a60a5043at0",
		status: "FINISH", context: "split:7001",
	},
	events.TranscodeComplete: {
		key: "TranscodeCompleteEvent", payload: sdk[vod.TranscodeTask2017],
		file: "5285890784273533180", task: "1500000001-Transcode-b5219083b81bc537808bd236ce3cb529t0",
	},
	events.WechatMiniProgramPublishComplete: {
		key: "WechatMiniProgramPublishCompleteEvent", payload: sdk[vod.WechatMiniProgramPublishTask],
		file: "14508071098244959038",
		task: "1500000001-WechatMiniProgramPublish-d870ad77c075a2de93f9767231e23200t0", status: "FINISH",
	},
	events.WechatPublishComplete: {
		key: "WechatPublishCompleteEvent", payload: sdk[vod.WechatPublishTask],
		file: "5285890784273533169", task: "1500000001-WechatPublish-1a08373ec9fa730d9e7de3c1525cbf20t0",
		status: "FINISH",
	},
}
