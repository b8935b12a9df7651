package vodtest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// content decodes an event into the SDK's type.
func content(t *testing.T, event pulled) *vod.EventContent {
	t.Helper()
	var c vod.EventContent
	if err := json.Unmarshal([]byte(event.raw), &c); err != nil {
		t.Fatalf("event %s: %v", event.raw, err)
	}
	return &c
}

func TestUploadQueuesTheEventOfAnUpload(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		fileID := e.Upload(appID, `My "best" video.v2.MOV`)
		upload := content(t, pull(t, e, appID)[0]).FileUploadEvent
		if *upload.FileId != fileID {
			t.Errorf("FileId is %s, want %s", *upload.FileId, fileID)
		}
		info := upload.MediaBasicInfo
		if *info.Name != `My "best" video.v2` || *info.Type != "MOV" || *info.SourceInfo.SourceType != "Upload" ||
			!strings.Contains(*info.MediaUrl, fileID) || *info.CreateTime != time.Now().UTC().Format(time.RFC3339) {
			t.Errorf("MediaBasicInfo is %+v", info)
		}
		if other := e.Upload(appID, "x.mp4"); other == fileID {
			t.Errorf("two files have the FileId %s", other)
		}
	})
}

func TestProcessQueuesTheResultsOfTranscodingAndCover(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		fileID := e.Upload(appID, "lighthouse.mp4")
		taskID := e.Process(appID, fileID, `{"order":"A&B"}`)
		event := pull(t, e, appID)[1]
		task := content(t, event).ProcedureStateChangeEvent
		if event.EventType != "ProcedureStateChanged" || *task.TaskId != taskID || *task.FileId != fileID ||
			*task.FileName != "lighthouse" || *task.Status != "FINISH" || *task.SessionContext != `{"order":"A&B"}` {
			t.Errorf("event is %s", event.raw)
		}
		results := task.MediaProcessResultSet
		if len(results) != 2 || *results[0].Type != "Transcode" || *results[1].Type != "CoverBySnapshot" {
			t.Fatalf("event is %s", event.raw)
		}
		transcode, cover := results[0].TranscodeTask, results[1].CoverBySnapshotTask
		if *transcode.Status != "SUCCESS" || *transcode.Input.Definition != 10 || !strings.Contains(*transcode.Output.Url, fileID) {
			t.Errorf("event is %s", event.raw)
		}
		if *cover.Status != "SUCCESS" || !strings.Contains(*cover.Output.CoverUrl, fileID) || results[1].TranscodeTask != nil {
			t.Errorf("event is %s", event.raw)
		}
		if other := e.Process(appID, "5285890784273533167", ""); other == taskID {
			t.Errorf("two tasks have the TaskId %s", other)
		}
		if task := content(t, pull(t, e, appID)[0]).ProcedureStateChangeEvent; *task.FileId != "5285890784273533167" {
			t.Errorf("FileId is %s", *task.FileId)
		}
	})
}

func TestMadeEventsWakeAHeldPull(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		start := time.Now()
		at(time.Second, func() { e.Upload(appID, "x.mp4") })
		at(2*time.Second, func() { e.Process(appID, "1", "") })
		pullOne(t, e)
		wantElapsed(t, start, time.Second)
		pullOne(t, e)
		wantElapsed(t, start, 2*time.Second)
	})
}

func TestUploadsCanBeSwitchedOff(t *testing.T) {
	e := New(Config{Hold: -1})
	if got := modify(t, e, `{"SubAppId":1500000001,"UploadMediaCompleteEventSwitch":"OFF"}`); got != "" {
		t.Fatalf("ModifyEventConfig answers %s", got)
	}
	if fileID := e.Upload(appID, "x.mp4"); fileID == "" {
		t.Error("Upload returned no FileId")
	}
	if got := e.Stats(appID); got.Sent != 0 {
		t.Errorf("%d events were sent", got.Sent)
	}
}

// The SDK lists the payload keys too, in the same order, though not always the newest.
func TestMadeEventsHaveEveryPayloadKeyAndAllButOneAreNull(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		e.Process(appID, e.Upload(appID, "x.mp4"), "")
		known := reflect.TypeFor[vod.EventContent]()
		for i, event := range pull(t, e, appID) {
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(event.raw), &members); err != nil {
				t.Fatal(err)
			}
			filled, last := 0, -1
			for j := range known.NumField() {
				key := known.Field(j).Name
				value, ok := members[key]
				if place := strings.Index(event.raw, `"`+key+`":`); !ok || place < last {
					t.Errorf("event %d: %s is missing or out of order", i, key)
				} else {
					last = place
				}
				if string(value) != "null" {
					filled++
				}
			}
			if filled != 3 {
				t.Errorf("event %d: %d members are not null, want EventHandle, EventType and one payload", i, filled)
			}
			if len(members) != 2+len(library.PayloadKeys) {
				t.Errorf("event %d has %d members, want %d", i, len(members), 2+len(library.PayloadKeys))
			}
		}
	})
}

func TestSomeFileIDsFitNoInt64(t *testing.T) {
	s := &ids{}
	large := 0
	for range 100 {
		if id := s.file(); len(id) == 20 || len(id) == 19 && id > "9223372036854775807" {
			large++
		}
	}
	if large < 20 {
		t.Errorf("%d of 100 FileIds are beyond int64", large)
	}
}

func TestASeedDecidesTheIDs(t *testing.T) {
	made := func(seed uint64) [3]string {
		e := New(Config{Seed: seed})
		file := e.Upload(appID, "x.mp4")
		return [...]string{file, e.Process(appID, file, ""), e.Issue(0).SecretID}
	}
	if got, want := made(0)[0], "16294208416658607535"; got != want {
		t.Errorf("without a seed the first FileId is %s, want %s, as ever", got, want)
	}
	seen := map[string]uint64{}
	for seed := range uint64(50) {
		ids := made(seed)
		if again := made(seed); again != ids {
			t.Errorf("with the seed %d the ids are %q, and then %q", seed, ids, again)
		}
		for _, id := range ids {
			if other, twice := seen[id]; twice {
				t.Errorf("the seeds %d and %d both make %s", other, seed, id)
			}
			seen[id] = seed
		}
	}
}

func switchOn(t *testing.T, e *Emulator, name string) {
	t.Helper()
	if got := modify(t, e, `{"SubAppId":1500000001,"`+name+`":"ON"}`); got != "" {
		t.Fatalf("ModifyEventConfig answers %s", got)
	}
}

func TestPullUploadQueuesTheEventOfAFinishedPull(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		fileID, taskID := e.PullUpload(appID, "https://example.com/a/lighthouse.v2.MOV?x=/y.mp4", `{"order":"A&B"}`)
		event := pull(t, e, appID)[0]
		task := content(t, event).PullCompleteEvent
		if event.EventType != "PullComplete" || *task.FileId != fileID || *task.TaskId != taskID || *task.Status != "FINISH" ||
			*task.SessionContext != `{"order":"A&B"}` || !strings.Contains(*task.FileUrl, fileID) ||
			!strings.HasPrefix(taskID, "1500000001-PullUpload-") {
			t.Errorf("event is %s", event.raw)
		}
		if info := task.MediaBasicInfo; *info.Name != "lighthouse.v2" || *info.Type != "MOV" ||
			*info.SourceInfo.SourceType != "Upload" {
			t.Errorf("event is %s", event.raw)
		}
		e.Process(appID, fileID, "") // the file is known now
		if task := content(t, pull(t, e, appID)[0]).ProcedureStateChangeEvent; *task.FileName != "lighthouse.v2" {
			t.Errorf("FileName is %s", *task.FileName)
		}
	})
}

func TestDeletionsAndPersistenceAreHeardOfOnlyWhenSwitchedOn(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		e.Delete(appID, "5285890784273533167")
		e.Persist(appID, "5285890784273533167")
		if got := e.Stats(appID); got.Sent != 0 {
			t.Errorf("%d events were sent", got.Sent)
		}
		switchOn(t, e, deleteSwitch)
		switchOn(t, e, persistSwitch)
		e.Delete(appID, "5285890784273533167")
		e.Persist(appID, "14508071098244959037")
		events := pull(t, e, appID)
		deleted, persisted := content(t, events[0]).FileDeleteEvent, content(t, events[1]).PersistenceCompleteEvent
		if events[0].EventType != "FileDeleted" || len(deleted.FileIdSet) != 1 || *deleted.FileIdSet[0] != "5285890784273533167" ||
			*deleted.FileDeleteResultInfo[0].FileId != "5285890784273533167" {
			t.Errorf("event is %s", events[0].raw)
		}
		if events[1].EventType != "PersistenceComplete" || *persisted.FileId != "14508071098244959037" ||
			*persisted.PersistenceSource == "" {
			t.Errorf("event is %s", events[1].raw)
		}
	})
}
