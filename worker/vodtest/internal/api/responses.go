package api

type DescribeMediaInfosResponse struct {
	MediaInfoSet      []MediaInfo
	NotExistFileIdSet []string
}

type SearchMediaResponse struct {
	TotalCount   uint64
	MediaInfoSet []MediaInfo
}

// A DescribeTaskDetailResponse has the task itself in the member of its TaskType.
type DescribeTaskDetailResponse struct {
	TaskType                            string
	Status                              string
	CreateTime                          string
	BeginProcessTime                    string
	FinishTime                          string
	ProcedureTask                       *ProcedureTask
	EditMediaTask                       *Unfilled
	WechatPublishTask                   *Unfilled
	ComposeMediaTask                    *Unfilled
	SplitMediaTask                      *Unfilled
	WechatMiniProgramPublishTask        *Unfilled
	PullUploadTask                      *PullUploadTask
	TranscodeTask                       *Unfilled
	ConcatTask                          *Unfilled
	ClipTask                            *Unfilled
	CreateImageSpriteTask               *Unfilled
	SnapshotByTimeOffsetTask            *Unfilled
	RemoveWatermarkTask                 *Unfilled
	RebuildMediaTask                    *Unfilled
	ExtractTraceWatermarkTask           *Unfilled
	ExtractCopyRightWatermarkTask       *Unfilled
	ReviewAudioVideoTask                *Unfilled
	ReduceMediaBitrateTask              *Unfilled
	DescribeFileAttributesTask          *Unfilled
	QualityInspectTask                  *Unfilled
	QualityEnhanceTask                  *Unfilled
	ComplexAdaptiveDynamicStreamingTask *Unfilled
	ProcessMediaByMPSTask               *Unfilled
	AigcImageTask                       *Unfilled
	AigcVideoTask                       *Unfilled
	ImportMediaKnowledge                *Unfilled
	SceneAigcImageTask                  *Unfilled
	SceneAigcVideoTask                  *Unfilled
	ProcessImageAsyncTask               *Unfilled
	ExtractBlindWatermarkTask           *Unfilled
	CreateAigcAdvancedCustomElementTask *Unfilled
	CreateAigcCustomVoiceTask           *Unfilled
	CreateAigcSubjectTask               *Unfilled
	AigcVideoRedrawTask                 *Unfilled
	AigcAudioTask                       *Unfilled
	CreateAigcAudioCloneTask            *Unfilled
}

type DescribeTasksResponse struct {
	TaskSet     []TaskSimpleInfo
	ScrollToken string
}

type ModifyMediaInfoResponse struct {
	CoverUrl         string
	AddedSubtitleSet []MediaSubtitleItem
}

type ProcessMediaResponse struct {
	TaskId string
}

type ProcessMediaByProcedureResponse struct {
	TaskId                 string
	ReviewAudioVideoTaskId string
}

type PullUploadResponse struct {
	TaskId string
}

type ApplyUploadResponse struct {
	StorageBucket    string
	StorageRegion    string
	VodSessionKey    string
	MediaStoragePath string
	CoverStoragePath string
	TempCertificate  *TempCertificate
}

type TempCertificate struct {
	SecretId    string
	SecretKey   string
	Token       string
	ExpiredTime uint64
}

type CommitUploadResponse struct {
	FileId   string
	MediaUrl string
	CoverUrl string
}

type DeleteMediaResponse struct {
}
