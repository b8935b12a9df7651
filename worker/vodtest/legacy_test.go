package vodtest

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
)

// posted returns the only callback, decoded.
func (h *hook) posted(t *testing.T) (body map[string]any) {
	t.Helper()
	synctest.Wait()
	if len(h.bodies) != 1 {
		t.Fatalf("%d callbacks were posted, want 1", len(h.bodies))
	}
	if err := json.Unmarshal([]byte(h.bodies[0]), &body); err != nil {
		t.Fatalf("%s: %v", h.bodies[0], err)
	}
	h.bodies = nil
	return body
}

func TestCallbacksInThe20Format(t *testing.T) {
	pushing(t, Push{OldFormat: true}, "", func(t *testing.T, e *Emulator, h *hook) {
		want := func(eventType string, fields map[string]any) {
			t.Helper()
			body := h.posted(t)
			data, ok := body["data"].(map[string]any)
			if len(body) != 3 || body["version"] != "4.0" || body["eventType"] != eventType || !ok {
				t.Fatalf("body is %v", body)
			}
			for name, value := range fields {
				if fmt.Sprint(data[name]) != fmt.Sprint(value) {
					t.Errorf("%s of %s is %v, want %v", name, eventType, data[name], value)
				}
			}
		}
		fileID := e.Upload(appID, "lighthouse.mp4")
		want("NewFileUpload", map[string]any{"fileId": fileID, "fileName": "lighthouse", "procedureTaskId": "",
			"fileUrl": "https://1500000001.vod2.example.com/vod/" + fileID + "/f0.mp4"})

		taskID := e.Process(appID, fileID, "")
		want("ProcedureStateChanged", map[string]any{"vodTaskId": taskID, "fileId": fileID, "status": "FINISH", "errCode": 0,
			"message": ""})

		pulledID, taskID := e.PullUpload(appID, "https://example.com/far.mp4", "")
		want("PullComplete", map[string]any{"vodTaskId": taskID, "fileId": pulledID, "status": 0})

		switchOn(t, e, deleteSwitch)
		e.Delete(appID, fileID)
		want("FileDeleted", map[string]any{"status": 0, "fileInfo": []any{map[string]any{"fileId": fileID}}})
	})
}

func TestTheResultsOfATaskFlowInThe20Format(t *testing.T) {
	pushing(t, Push{OldFormat: true}, "", func(t *testing.T, e *Emulator, h *hook) {
		e.Process(appID, "7", "")
		data := h.posted(t)["data"].(map[string]any)
		if meta := data["metaData"].(map[string]any); meta["width"] != 640.0 ||
			meta["audioStreamList"].([]any)[0].(map[string]any)["codec"] != "aac" {
			t.Errorf("metaData is %v", meta)
		}
		tasks := data["processTaskList"].([]any)
		if len(tasks) != 2 {
			t.Fatalf("processTaskList is %v", tasks)
		}
		transcode, cover := tasks[0].(map[string]any), tasks[1].(map[string]any)
		if transcode["taskType"] != "Transcode" || transcode["status"] != "SUCCESS" ||
			transcode["input"].(map[string]any)["definition"] != 10.0 ||
			transcode["output"].(map[string]any)["url"] != "https://1500000001.vod2.example.com/vod/7/v.f10.mp4" {
			t.Errorf("the transcoding is %v", transcode)
		}
		if cover["taskType"] != "CoverBySnapshot" || cover["input"].(map[string]any)["positionType"] != "Time" ||
			cover["output"].(map[string]any)["imageUrl"] !=
				"https://1500000001.vod2.example.com/vod/7/coverBySnapshot/coverBySnapshot_10_0.jpg" {
			t.Errorf("the cover is %v", cover)
		}
	})
}

func TestACallbackInThe20FormatIsSignedToo(t *testing.T) {
	pushing(t, Push{OldFormat: true}, "abcDEF123", func(t *testing.T, e *Emulator, h *hook) {
		e.Upload(appID, "x.mp4")
		if body := h.posted(t); body["version"] != "4.0" || len(body["Sign"].(string)) != 32 || body["T"] == nil {
			t.Errorf("body is %v", body)
		}
	})
}
