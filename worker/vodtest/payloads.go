package vodtest

// mediaPayload is a MediaBasicInfo. Its verbs are, in this order and quoted where they are strings: name, time, file
// type, URL, and where the file came from.
const mediaPayload = `{
	"Name": %[1]s,
	"Description": "",
	"CreateTime": "%[2]s",
	"UpdateTime": "%[2]s",
	"ExpireTime": "9999-12-31T23:59:59Z",
	"ClassId": 0,
	"ClassName": "Other",
	"ClassPath": "Other",
	"CoverUrl": "",
	"Type": %[3]s,
	"MediaUrl": %[4]s,
	"SourceInfo": {
		"SourceType": %[5]s,
		"SourceContext": "",
		"LiveRecordInfo": null,
		"TrtcRecordInfo": null,
		"WebPageRecordInfo": null
	},
	"StorageRegion": "ap-guangzhou",
	"StoragePath": "",
	"TagSet": [],
	"Vid": "",
	"Category": "Video",
	"Status": "Normal",
	"StorageClass": "STANDARD"
}`

// uploadPayload is a FileUploadTask: FileId, MediaBasicInfo.
const uploadPayload = `{
	"FileId": %[1]s,
	"MediaBasicInfo": %[2]s,
	"ProcedureTaskId": "",
	"ReviewAudioVideoTaskId": "",
	"MetaData": null
}`

// pullPayload is a PullUploadTask: TaskId, FileId, MediaBasicInfo, URL, SessionContext.
const pullPayload = `{
	"TaskId": %[1]s,
	"Status": "FINISH",
	"ErrCode": 0,
	"Message": "",
	"FileId": %[2]s,
	"MediaBasicInfo": %[3]s,
	"MetaData": null,
	"FileUrl": %[4]s,
	"ProcedureTaskId": "",
	"ReviewAudioVideoTaskId": "",
	"SessionContext": %[5]s,
	"SessionId": "",
	"Progress": 100
}`

// deletePayload is a FileDeleteTask: FileId.
const deletePayload = `{"FileIdSet": [%[1]s], "FileDeleteResultInfo": [{"FileId": %[1]s, "DeleteParts": []}]}`

// persistPayload is a PersistenceCompleteTask: FileId.
const persistPayload = `{"FileId": %s, "PersistenceSource": "LiveRealTimeClip"}`

// procedurePayload is a ProcedureTask: TaskId, FileId, name, URLs of the file, of the transcoded file and of the
// cover, time, SessionContext.
const procedurePayload = `{
	"TaskId": %[1]s,
	"Status": "FINISH",
	"ErrCode": 0,
	"Message": "",
	"FileId": %[2]s,
	"FileName": %[3]s,
	"FileUrl": %[4]s,
	"MetaData": {
		"Size": 7700180,
		"Container": "mov,mp4,m4a,3gp,3g2,mj2",
		"Bitrate": 1021028,
		"Height": 480,
		"Width": 640,
		"Duration": 60,
		"Rotate": 0,
		"VideoStreamSet": [
			{"Bitrate": 637174, "Height": 480, "Width": 640, "Codec": "h264", "Fps": 23, "CodecTag": "avc1", "DynamicRangeInfo": null}
		],
		"AudioStreamSet": [{"Bitrate": 383854, "SamplingRate": 48000, "Codec": "aac"}],
		"VideoDuration": 60,
		"AudioDuration": 59.990001678467,
		"Md5": ""
	},
	"MediaProcessResultSet": [
		{
			"Type": "Transcode",
			"TranscodeTask": {
				"Status": "SUCCESS",
				"ErrCodeExt": "",
				"ErrCode": 0,
				"Message": "SUCCESS",
				"Input": {
					"Definition": 10,
					"WatermarkSet": [],
					"TraceWatermark": null,
					"CopyRightWatermark": null,
					"BlindWatermark": null,
					"MosaicSet": [],
					"HeadTailSet": [],
					"StartTimeOffset": 0,
					"EndTimeOffset": 0,
					"SubtitleInfoSet": null
				},
				"Output": {
					"Url": %[5]s,
					"Definition": 10,
					"Bitrate": 304491,
					"Height": 240,
					"Width": 320,
					"Size": 2285873,
					"Duration": 60.04700088501,
					"Md5": "eff7031ad7877865f9a3240e9ab165ad",
					"Container": "mov,mp4,m4a,3gp,3g2,mj2",
					"VideoStreamSet": [
						{"Bitrate": 256000, "Height": 240, "Width": 320, "Codec": "h264", "Fps": 24, "CodecTag": "avc1", "DynamicRangeInfo": null}
					],
					"AudioStreamSet": [{"Bitrate": 48491, "SamplingRate": 44100, "Codec": "aac"}],
					"DigitalWatermarkType": "",
					"CopyRightWatermarkText": "",
					"BlindWatermarkDefinition": 0,
					"FileId": ""
				},
				"Progress": 100,
				"BeginProcessTime": "%[7]s",
				"FinishTime": "%[7]s"
			},
			"AnimatedGraphicTask": null,
			"SnapshotByTimeOffsetTask": null,
			"SampleSnapshotTask": null,
			"ImageSpriteTask": null,
			"CoverBySnapshotTask": null,
			"AdaptiveDynamicStreamingTask": null
		},
		{
			"Type": "CoverBySnapshot",
			"TranscodeTask": null,
			"AnimatedGraphicTask": null,
			"SnapshotByTimeOffsetTask": null,
			"SampleSnapshotTask": null,
			"ImageSpriteTask": null,
			"CoverBySnapshotTask": {
				"Status": "SUCCESS",
				"ErrCodeExt": "",
				"ErrCode": 0,
				"Message": "SUCCESS",
				"Input": {"Definition": 10, "PositionType": "Time", "PositionValue": 0, "WatermarkSet": []},
				"Output": {"CoverUrl": %[6]s},
				"Progress": 100,
				"BeginProcessTime": "%[7]s",
				"FinishTime": "%[7]s"
			},
			"AdaptiveDynamicStreamingTask": null
		}
	],
	"AiContentReviewResultSet": [],
	"AiAnalysisResultSet": [],
	"AiRecognitionResultSet": [],
	"TasksPriority": 0,
	"TasksNotifyMode": "Finish",
	"SessionContext": %[8]s,
	"SessionId": "",
	"Operator": "",
	"OperationType": ""
}`
