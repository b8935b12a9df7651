package api

// A ProcedureTask is a task flow: what is done with one file, for one request.
type ProcedureTask struct {
	TaskId                   string
	Status                   string
	ErrCode                  int64
	Message                  string
	FileId                   string
	FileName                 string
	FileUrl                  string
	MetaData                 *MediaMetaData
	MediaProcessResultSet    []MediaProcessTaskResult
	AiContentReviewResultSet []Unfilled
	AiAnalysisResultSet      []Unfilled
	AiRecognitionResultSet   []Unfilled
	TasksPriority            int64
	TasksNotifyMode          string
	SessionContext           string
	SessionId                string
	Operator                 string
	OperationType            string
}

// A MediaProcessTaskResult is one of these, by its Type: that member is not null.
type MediaProcessTaskResult struct {
	Type                         string
	TranscodeTask                *Result[TranscodeTaskInput, MediaTranscodeItem]
	AnimatedGraphicTask          *Result[AnimatedGraphicTaskInput, MediaAnimatedGraphicsItem]
	SnapshotByTimeOffsetTask     *Result[SnapshotByTimeOffsetTaskInput, MediaSnapshotByTimeOffsetItem]
	SampleSnapshotTask           *Result[SampleSnapshotTaskInput, MediaSampleSnapshotItem]
	ImageSpriteTask              *Result[ImageSpriteTaskInput, MediaImageSpriteItem]
	CoverBySnapshotTask          *Result[CoverBySnapshotTaskInput, CoverBySnapshotTaskOutput]
	AdaptiveDynamicStreamingTask *Result[AdaptiveDynamicStreamingTaskInput, AdaptiveDynamicStreamingInfoItem]
}

// A PullUploadTask is a file that VOD fetches.
type PullUploadTask struct {
	TaskId                 string
	Status                 string
	ErrCode                int64
	Message                string
	FileId                 string
	MediaBasicInfo         *MediaBasicInfo
	MetaData               *MediaMetaData
	FileUrl                string
	ProcedureTaskId        string
	ReviewAudioVideoTaskId string
	SessionContext         string
	SessionId              string
	Progress               int64
}

// A TaskSimpleInfo is a task in a list.
type TaskSimpleInfo struct {
	TaskId           string
	Status           string
	FileId           string
	TaskType         string
	CreateTime       string
	BeginProcessTime string
	FinishTime       string
	SessionId        string
	SessionContext   string
}

// A Result is what has become of one input of a task flow: Output if Status is SUCCESS; if it is FAIL, ErrCode, ErrCodeExt and
// Message say why.
type Result[Input, Output any] struct {
	Status           string // PROCESSING, SUCCESS or FAIL
	ErrCodeExt       string
	ErrCode          int64
	Message          string
	Input            *Input
	Output           *Output
	Progress         int64 // in percent
	BeginProcessTime string
	FinishTime       string
}
