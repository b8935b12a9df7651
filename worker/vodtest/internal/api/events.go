package api

// What EventContent carries of a file, beside ProcedureTask and PullUploadTask.

type FileUploadTask struct {
	FileId                 string
	MediaBasicInfo         *MediaBasicInfo
	ProcedureTaskId        string
	ReviewAudioVideoTaskId string
	MetaData               *MediaMetaData
}

type FileDeleteTask struct {
	FileIdSet            []string
	FileDeleteResultInfo []FileDeleteResultItem
}

type FileDeleteResultItem struct {
	FileId      string
	DeleteParts []MediaDeleteItem
}

type PersistenceCompleteTask struct {
	FileId            string
	PersistenceSource string
}
