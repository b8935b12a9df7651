package vodtest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

// process asks for a task flow, and returns its TaskId.
func process(t *testing.T, e *Emulator, fileID, more string) string {
	t.Helper()
	return answered[struct{ TaskId string }](t, e, processing(fileID, more)).TaskId
}

func TestATaskFlowTellsOfItselfAsOftenAsWasAskedFor(t *testing.T) {
	type told struct {
		At     time.Duration
		Status string
		Parts  []string
	}
	end := told{3 * time.Second, "FINISH", []string{"SUCCESS", "SUCCESS", "SUCCESS"}}
	for mode, want := range map[string][]told{
		``:         {end},
		`"Finish"`: {end},
		`"None"`:   nil,
		`"Change"`: {
			{time.Second, "PROCESSING", []string{"SUCCESS", "PROCESSING", "PROCESSING"}},
			{2 * time.Second, "PROCESSING", []string{"SUCCESS", "SUCCESS", "PROCESSING"}},
			end,
		},
	} {
		t.Run(mode, func(t *testing.T) {
			tasking(t, Config{TaskTime: 3 * time.Second}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
				more := `,"SessionContext":"order 42","SessionId":"s-1","TasksPriority":-3`
				if mode != "" {
					more += `,"TasksNotifyMode":` + mode
				}
				taskID := process(t, e, fileID, more)
				rest()
				var got []told
				for i, body := range h.bodies {
					var event struct{ ProcedureStateChangeEvent vod.ProcedureTask }
					if err := json.Unmarshal([]byte(body), &event); err != nil {
						t.Fatal(err)
					}
					task := event.ProcedureStateChangeEvent
					if *task.TaskId != taskID || *task.FileId != fileID || *task.SessionContext != "order 42" || *task.SessionId != "s-1" ||
						*task.TasksPriority != -3 {
						t.Errorf("event %s", body)
					}
					set := task.MediaProcessResultSet
					parts := []string{*set[0].TranscodeTask.Status, *set[1].TranscodeTask.Status, *set[2].CoverBySnapshotTask.Status}
					got = append(got, told{h.times[i], *task.Status, parts})
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("events are %+v, want %+v", got, want)
				}
				if task := detail(t, e, taskID); *task.Status != "FINISH" {
					t.Errorf("the task is %s", *task.Status)
				}
			})
		})
	}
}

func TestATaskWakesAPullThatIsHeld(t *testing.T) {
	bubble(t, Config{Hold: time.Minute, TaskTime: 10 * time.Second}, func(t *testing.T, e *Emulator) {
		fileID := e.Upload(appID, "lighthouse.mp4")
		pull(t, e, appID)
		process(t, e, fileID, `,"TasksNotifyMode":"Change"`)
		start := time.Now()
		for part := range 3 {
			if events := pull(t, e, appID); len(events) != 1 || events[0].EventType != "ProcedureStateChanged" {
				t.Fatalf("pulled %+v", events)
			}
			wantElapsed(t, start, 10*time.Second*time.Duration(part+1)/3)
		}
	})
}

func TestResetEndsTasksWithoutAWord(t *testing.T) {
	for _, mode := range []string{"PULL", "PUSH"} {
		for _, held := range []bool{false, true} {
			cfg := Config{RoundTrip: 2 * time.Second, TaskTime: 3 * time.Second, Hold: 2 * time.Hour}
			tasking(t, cfg, func(t *testing.T, e *Emulator, h *hook, fileID string) {
				configure(t, e, fmt.Sprintf(`{"Mode":%q}`, mode))
				taskID := process(t, e, fileID, "")
				go ask(e, processing(fileID, "")) // which will have taken effect, and will not be answered yet
				if held {
					go pull(t, e, appID)
				}
				time.Sleep(1500 * time.Millisecond)
				e.Reset()
				configure(t, e, fmt.Sprintf(`{"Mode":%q,"NotificationUrl":%q}`, mode, hookURL))
				rest()
				if got := e.Stats(appID); len(h.bodies) != 0 || got.Sent != 0 {
					t.Errorf("%s: stats are %+v, and %s were posted", mode, got, h.bodies)
				}
				r := request("DescribeTaskDetail", fmt.Sprintf(`{"SubAppId":%d,"TaskId":%q}`, appID, taskID))
				if _, _, body := ask(e, r); answeredCode(t, body) != "InvalidParameterValue.TaskId" {
					t.Errorf("%s: the task is known: %s", mode, body)
				}
				process(t, e, e.Upload(appID, "after.mp4"), "")
				rest()
				if got := e.Stats(appID); got.Sent != 2 {
					t.Errorf("%s: %d events after the reset, want 2", mode, got.Sent)
				}
			})
		}
	}
}

func TestCloseLeavesNoTimerOfTasks(t *testing.T) {
	for _, underWay := range []bool{false, true} { // another answer is, when the emulator is closed
		cfg := Config{RoundTrip: 2 * time.Second, TaskTime: 30 * time.Second}
		tasking(t, cfg, func(t *testing.T, e *Emulator, h *hook, fileID string) {
			process(t, e, fileID, "")
			transport := pipe.Serve(t, e)
			if underWay {
				go func() { _, _, _ = roundTrip(t, transport, processing(fileID, "")) }() // it is broken off
			}
			time.Sleep(1500 * time.Millisecond)
			e.Close()
			synctest.Wait()
			if e.app(appID).tasks.Stop() {
				t.Error("a timer goes on")
			}
			rest()
			if len(h.bodies) != 0 {
				t.Errorf("posted are %s", h.bodies)
			}
		})
	}
}

func TestARequestThatIsRepeatedWithItsSessionIdMakesNoSecondTask(t *testing.T) {
	tasking(t, Config{}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
		faults, err := ParseFaults("ProcessMedia:1=after:reset")
		if err != nil {
			t.Fatal(err)
		}
		e.Script(faults...)
		transport := pipe.Serve(t, e)
		again := func() (string, error) {
			_, body, err := roundTrip(t, transport, processing(fileID, `,"SessionId":"upload 7"`))
			return body, err
		}
		if body, err := again(); err == nil {
			t.Fatalf("the first answer is not lost: %s", body)
		}
		if body, _ := again(); answeredCode(t, body) != "InvalidParameterValue.SessionId" {
			t.Errorf("a second request is answered %s", body)
		}
		rest()
		if len(h.bodies) != 1 {
			t.Errorf("%d tasks were made", len(h.bodies))
		}
		e.Script()
		theirs := e.Upload(7, "theirs.mp4")
		answered[any](t, e, request("ProcessMedia", fmt.Sprintf(`{"SubAppId":7,"FileId":%q,"SessionId":"upload 7",
			"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10}]}}`, theirs))) // another application's is another
		time.Sleep(3*24*time.Hour - time.Hour - time.Second)
		if body, _ := again(); answeredCode(t, body) != "InvalidParameterValue.SessionId" {
			t.Errorf("within 3 days it is answered %s", body)
		}
		time.Sleep(time.Second)
		if body, _ := again(); answeredCode(t, body) != "" {
			t.Errorf("after 3 days it is answered %s", body)
		}
	})
}

func TestOneApplicationKnowsNothingOfAnother(t *testing.T) {
	tasking(t, Config{}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
		taskID := process(t, e, fileID, "")
		for action, test := range map[string]struct{ more, want string }{
			"ProcessMedia":            {`"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":10}]}`, "InvalidParameterValue.FileId"},
			"ProcessMediaByProcedure": {`"ProcedureName":"LongVideoPreset"`, "InvalidParameterValue.FileId"},
			"ModifyMediaInfo":         {`"Name":"mine"`, "ResourceNotFound.FileNotExist"},
			"DeleteMedia":             {`"DeleteParts":[]`, "ResourceNotFound"},
		} {
			_, _, body := ask(e, request(action, fmt.Sprintf(`{"SubAppId":7,"FileId":%q,%s}`, fileID, test.more)))
			if got := answeredCode(t, body); got != test.want {
				t.Errorf("%s is answered %s, want %s", action, body, test.want)
			}
		}
		_, _, body := ask(e, request("DescribeTaskDetail", fmt.Sprintf(`{"SubAppId":7,"TaskId":%q}`, taskID)))
		if got := answeredCode(t, body); got != "InvalidParameterValue.TaskId" {
			t.Errorf("DescribeTaskDetail is answered %s", body)
		}
		found := answered[*vod.SearchMediaResponseParams](t, e, request("SearchMedia", `{"SubAppId":7}`))
		tasks := answered[*vod.DescribeTasksResponseParams](t, e, request("DescribeTasks", `{"SubAppId":7}`))
		infos := answered[*vod.DescribeMediaInfosResponseParams](t, e,
			request("DescribeMediaInfos", fmt.Sprintf(`{"SubAppId":7,"FileIds":[%q]}`, fileID)))
		if *found.TotalCount != 0 || len(tasks.TaskSet) != 0 || len(infos.MediaInfoSet) != 0 || *infos.NotExistFileIdSet[0] != fileID {
			t.Errorf("it knows of %+v, %+v, %+v", found, tasks, infos)
		}
		synctest.Wait()
		rest()
		if got := e.Stats(7); got.Sent != 0 || len(h.bodies) != 1 {
			t.Errorf("it was told: %+v, %s", got, h.bodies)
		}
	})
}

func TestSwitchesKeepTheEventsOfActionsBackToo(t *testing.T) {
	for _, on := range []string{"ON", "OFF"} {
		tasking(t, Config{}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
			configure(t, e, fmt.Sprintf(`{"DeleteMediaCompleteEventSwitch":%[1]q,"UploadMediaCompleteEventSwitch":%[1]q}`, on))
			carryOut := func(action, parameters string) {
				answered[any](t, e, request(action, fmt.Sprintf(`{"SubAppId":%d,%s}`, appID, parameters)))
			}
			carryOut("PullUpload", `"MediaUrl":"http://example.com/a.mp4"`) // which is no upload
			rest()
			carryOut("DeleteMedia", fmt.Sprintf(`"FileId":%q`, fileID))
			synctest.Wait()
			types := []string{}
			for _, body := range h.bodies {
				types = append(types, summarize([]byte(body)).Type)
			}
			want := map[string][]string{"ON": {"PullComplete", "FileDeleted"}, "OFF": {"PullComplete"}}[on]
			if !reflect.DeepEqual(types, want) {
				t.Errorf("while they are %s there are %v, want %v", on, types, want)
			}
		})
	}
}

func TestAFileThatWasPulledExpiresToo(t *testing.T) {
	tasking(t, Config{}, func(t *testing.T, e *Emulator, h *hook, _ string) {
		configure(t, e, `{"DeleteMediaCompleteEventSwitch":"ON"}`)
		answered[any](t, e, request("PullUpload", fmt.Sprintf(`{"SubAppId":%d,"MediaUrl":"http://example.com/a.mp4","ExpireTime":%q}`,
			appID, utc(h.start.Add(10*time.Minute)))))
		rest()
		want := []time.Duration{time.Second, 10 * time.Minute}
		if !reflect.DeepEqual(h.times, want) || summarize([]byte(h.bodies[1])).Type != "FileDeleted" {
			t.Errorf("events at %v, want them at %v: %s", h.times, want, h.bodies)
		}
	})
}
