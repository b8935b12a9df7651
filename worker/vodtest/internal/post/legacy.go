package post

import (
	"bytes"
	"encoding/json"
	"strings"
)

// OldFormat returns an event as a callback in the 2.0 format: {"version":"4.0","eventType":…,"data":{…}}, with names that
// begin in lower case. It knows the types that the emulator makes; any other event is returned as it is.
func OldFormat(content []byte) []byte {
	var event struct {
		EventType                 string
		FileUploadEvent           *oldUpload
		PullCompleteEvent         *oldPull
		FileDeleteEvent           *struct{ FileIdSet []string }
		ProcedureStateChangeEvent *oldProcedure
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if decoder.Decode(&event) != nil {
		return content
	}
	var data any
	switch {
	case event.FileUploadEvent != nil:
		data = event.FileUploadEvent.data()
	case event.PullCompleteEvent != nil:
		data = event.PullCompleteEvent.data()
	case event.ProcedureStateChangeEvent != nil:
		data = event.ProcedureStateChangeEvent.data()
	case event.FileDeleteEvent != nil:
		files := []any{}
		for _, id := range event.FileDeleteEvent.FileIdSet {
			files = append(files, map[string]any{"fileId": id})
		}
		data = map[string]any{"status": 0, "message": "", "fileInfo": files}
	default:
		return content
	}
	old, err := json.Marshal(struct {
		Version string `json:"version"`
		Type    string `json:"eventType"`
		Data    any    `json:"data"`
	}{"4.0", event.EventType, data})
	if err != nil {
		return content
	}
	return old
}

type oldUpload struct {
	FileId          string
	ProcedureTaskId string
	MediaBasicInfo  struct {
		Name, CoverUrl, MediaUrl string
		SourceInfo               struct{ SourceContext string }
	}
}

func (u *oldUpload) data() any {
	info := u.MediaBasicInfo
	return map[string]any{
		"fileId": u.FileId, "fileName": info.Name, "fileUrl": info.MediaUrl, "coverUrl": info.CoverUrl, "author": "",
		"sourceType": "ServerUpload", "sourceContext": info.SourceInfo.SourceContext, "procedureTaskId": u.ProcedureTaskId,
	}
}

type oldPull struct {
	TaskId, FileId, FileUrl, Message string
	ErrCode                          int
}

func (p *oldPull) data() any {
	return map[string]any{
		"status": p.ErrCode, "message": p.Message, "vodTaskId": p.TaskId, "fileId": p.FileId, "fileUrl": p.FileUrl,
	}
}

type oldProcedure struct {
	TaskId, Status, Message, FileId string
	ErrCode                         int
	MetaData                        any
	MediaProcessResultSet           []map[string]any
}

func (p *oldProcedure) data() any {
	tasks := []any{}
	for _, result := range p.MediaProcessResultSet {
		kind, _ := result["Type"].(string)
		task, _ := oldNames(result[kind+"Task"]).(map[string]any)
		shown := map[string]any{"taskType": kind}
		for _, name := range []string{"status", "errCode", "message", "input", "output"} {
			if value, ok := task[name]; ok {
				shown[name] = value
			}
		}
		tasks = append(tasks, shown)
	}
	return map[string]any{
		"vodTaskId": p.TaskId, "status": p.Status, "errCode": p.ErrCode, "message": p.Message, "fileId": p.FileId,
		"metaData": oldNames(p.MetaData), "processTaskList": tasks,
	}
}

// oldNames names the members of a value as the old format does, all the way down, and leaves out those that are null.
func oldNames(value any) any {
	switch value := value.(type) {
	case map[string]any:
		renamed := map[string]any{}
		for name, member := range value {
			if member != nil && name != "" {
				renamed[oldName(name)] = oldNames(member)
			}
		}
		return renamed
	case []any:
		renamed := make([]any, len(value))
		for i, element := range value {
			renamed[i] = oldNames(element)
		}
		return renamed
	}
	return value
}

func oldName(name string) string {
	switch name {
	case "CoverUrl":
		return "imageUrl"
	case "PositionValue":
		return "position"
	}
	if list, ok := strings.CutSuffix(name, "Set"); ok {
		name = list + "List"
	}
	return strings.ToLower(name[:1]) + name[1:]
}
