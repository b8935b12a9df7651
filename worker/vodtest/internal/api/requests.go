package api

// The parameters of actions. A pointer is nil, and a list too, if the parameter is not given; any other is the zero value.
// A field with the tag `api:"required"` must be given.

type ProcessMedia struct {
	FileId                   string
	MediaStoragePath         string
	SubAppId                 uint64
	MediaProcessTask         *MediaProcessTaskInput
	AiContentReviewTask      *AiTaskInput
	AiAnalysisTask           *AiTaskInput
	AiRecognitionTask        *AiTaskInput
	TasksPriority            int64
	TasksNotifyMode          string
	SessionContext           string
	SessionId                string
	ExtInfo                  string
	Url                      string
	OutputAsIndependentMedia string
}

type ProcessMediaByProcedure struct {
	ProcedureName    string `api:"required"`
	FileId           string
	MediaStoragePath string
	SubAppId         uint64
	TasksPriority    int64
	TasksNotifyMode  string
	SessionContext   string
	SessionId        string
	ExtInfo          string
}

type DescribeMediaInfos struct {
	FileIds  []string `api:"required"`
	SubAppId uint64
	Filters  []string
}

type SearchMedia struct {
	SubAppId       uint64
	FileIds        []string
	Names          []string
	NamePrefixes   []string
	Descriptions   []string
	ClassIds       []int64
	Tags           []string
	Categories     []string
	SourceTypes    []string
	StreamIds      []string
	CreateTime     *TimeRange
	ExpireTime     *TimeRange
	StorageRegions []string
	StorageClasses []string
	MediaTypes     []string
	Status         []string
	ReviewResults  []string
	TrtcSdkAppIds  []uint64
	TrtcRoomIds    []string
	Filters        []string
	Sort           *SortBy
	Offset         uint64
	Limit          uint64
	Text           string
	SourceType     string
	StreamId       string
	StartTime      string
	EndTime        string
	Vids           []string
	Vid            string
	StreamDomains  []string
	StreamPaths    []string
}

type PullUpload struct {
	MediaUrl         string `api:"required"`
	MediaType        string
	SubAppId         uint64
	MediaName        string
	CoverUrl         string
	Procedure        string
	ExpireTime       string
	StorageRegion    string
	ClassId          int64
	TasksPriority    int64
	SessionContext   string
	SessionId        string
	ExtInfo          string
	SourceContext    string
	MediaStoragePath string
}

type ApplyUpload struct {
	MediaType        string `api:"required"`
	SubAppId         uint64
	MediaName        string
	CoverType        string
	Procedure        string
	ExpireTime       string
	StorageRegion    string
	ClassId          int64
	SourceContext    string
	SessionContext   string
	ExtInfo          string
	MediaStoragePath string
}

type CommitUpload struct {
	VodSessionKey string `api:"required"`
	SubAppId      uint64
}

type DeleteMedia struct {
	FileId      string `api:"required"`
	SubAppId    uint64
	DeleteParts []MediaDeleteItem
}

type DescribeTaskDetail struct {
	TaskId   string `api:"required"`
	SubAppId uint64
}

type DescribeTasks struct {
	SubAppId    uint64
	Status      string
	FileId      string
	CreateTime  *TimeRange
	FinishTime  *TimeRange
	Sort        *SortBy
	Limit       uint64
	ScrollToken string
}

type ModifyMediaInfo struct {
	FileId              string `api:"required"`
	SubAppId            uint64
	Name                *string
	Description         *string
	ClassId             *int64
	ExpireTime          *string
	CoverData           string
	AddKeyFrameDescs    []MediaKeyFrameDescItem
	DeleteKeyFrameDescs []float64
	ClearKeyFrameDescs  int64
	AddTags             []string
	DeleteTags          []string
	ClearTags           int64
	AddSubtitles        []MediaSubtitleInput
	DeleteSubtitleIds   []string
	ClearSubtitles      int64
}

type PullEvents struct {
	ExtInfo  string
	SubAppId uint64
}

type ConfirmEvents struct {
	EventHandles []string `api:"required"`
	ExtInfo      string
	SubAppId     uint64
}

type DescribeEventsState struct {
	SubAppId uint64
}

type DescribeEventConfig struct {
	SubAppId uint64
}

type ModifyEventConfig struct {
	SubAppId                       uint64
	Mode                           *string
	NotificationUrl                *string
	UploadMediaCompleteEventSwitch *string
	DeleteMediaCompleteEventSwitch *string
	PersistenceCompleteEventSwitch *string
	SignKey                        *string
}

// What they have in common.

type TimeRange struct {
	After  string
	Before string
}

type SortBy struct {
	Field string `api:"required"`
	Order string `api:"required"`
}

type MediaDeleteItem struct {
	Type       string `api:"required"`
	Definition int64
}

type MediaKeyFrameDescItem struct {
	TimeOffset float64 `api:"required"`
	Content    string  `api:"required"`
}

type MediaSubtitleInput struct {
	Name     string `api:"required"`
	Language string `api:"required"`
	Format   string `api:"required"`
	Content  string `api:"required"`
	Id       string
}

// An AiTaskInput asks for a review, an analysis or a recognition.
type AiTaskInput struct {
	Definition uint64 `api:"required"`
}
