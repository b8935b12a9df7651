package vodtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

// tasking runs f in a bubble with an emulator whose events are posted to the hook, so that it shows when they happen, and with
// a file, whose upload is not among them.
func tasking(t *testing.T, cfg Config, f func(t *testing.T, e *Emulator, h *hook, fileID string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hook{}
		cfg.Push.Transport = h
		e := New(cfg)
		defer e.Close()
		if err := e.PushTo(appID, hookURL, ""); err != nil {
			t.Fatal(err)
		}
		fileID := e.Upload(appID, "lighthouse.mp4")
		synctest.Wait()
		h.bodies, h.times, h.start = nil, nil, time.Now()
		f(t, e, h, fileID)
	})
}

// processing is a request for a task flow with three parts. more are further members.
func processing(fileID, more string) *http.Request {
	return request("ProcessMedia", fmt.Sprintf(`{"SubAppId":%d,"FileId":%q,"MediaProcessTask":{
		"TranscodeTaskSet":[{"Definition":10},{"Definition":20}],
		"CoverBySnapshotTaskSet":[{"Definition":10,"PositionType":"Time","PositionValue":0}]}%s}`, appID, fileID, more))
}

// answered returns the Response of a request that succeeds.
func answered[R any](t *testing.T, e *Emulator, r *http.Request) (response R) {
	t.Helper()
	_, _, body := ask(e, r)
	if code := answeredCode(t, body); code != "" {
		t.Fatalf("answer is %s", body)
	}
	if err := json.Unmarshal([]byte(body), &struct{ Response *R }{&response}); err != nil {
		t.Fatal(err)
	}
	return response
}

func detail(t *testing.T, e *Emulator, taskID string) *vod.DescribeTaskDetailResponseParams {
	t.Helper()
	r := request("DescribeTaskDetail", fmt.Sprintf(`{"SubAppId":%d,"TaskId":%q}`, appID, taskID))
	return answered[*vod.DescribeTaskDetailResponseParams](t, e, r)
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func TestATaskBeginsWhenItsAnswerIsOutOrIsLost(t *testing.T) {
	type answer struct {
		name   string
		fault  Fault
		begins time.Duration
	}
	tests := []answer{{"answered", Fault{First: 2}, 2 * time.Second}} // it meets no call
	for _, outcome := range outcomes {
		begins := 2 * time.Second
		if outcome.fault.Kind == FaultHang {
			begins = time.Second // there will be no answer
		}
		fault := outcome.fault
		fault.After = fault.Kind != FaultCut
		tests = append(tests, answer{outcome.name, fault, begins})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := Config{RoundTrip: 2 * time.Second, TaskTime: 10 * time.Second}
			tasking(t, cfg, func(t *testing.T, e *Emulator, h *hook, fileID string) {
				test.fault.Action = "ProcessMedia"
				e.Script(test.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, _, _ = roundTrip(t, pipe.Serve(t, e), processing(fileID, "").WithContext(ctx)) // it fails in some way
				rest()
				if len(h.times) != 1 || h.times[0] != test.begins+10*time.Second {
					t.Fatalf("events are at %v, want one at %v", h.times, test.begins+10*time.Second)
				}
				var event struct{ ProcedureStateChangeEvent vod.ProcedureTask }
				if err := json.Unmarshal([]byte(h.bodies[0]), &event); err != nil {
					t.Fatal(err)
				}
				task := detail(t, e, *event.ProcedureStateChangeEvent.TaskId)
				if got, want := *task.BeginProcessTime, utc(h.start.Add(test.begins)); got != want {
					t.Errorf("it began at %s, want %s", got, want)
				}
			})
		})
	}
}

// slow takes its time to write an answer.
type slow struct {
	http.ResponseWriter
	takes time.Duration
}

func (w slow) Write(data []byte) (int, error) {
	time.Sleep(w.takes)
	return w.ResponseWriter.Write(data)
}

func (w slow) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestATaskWaitsForAnAnswerThatIsLongOnItsWay(t *testing.T) {
	for _, action := range []string{"ProcessMedia", "PullUpload", "ProcessMediaByProcedure"} {
		t.Run(action, func(t *testing.T) {
			tasking(t, Config{TaskTime: time.Second}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
				behind := pipe.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					e.ServeHTTP(slow{w, time.Minute}, r)
				}))
				r := map[string]*http.Request{
					"ProcessMedia": processing(fileID, ""),
					"PullUpload":   request("PullUpload", fmt.Sprintf(`{"SubAppId":%d,"MediaUrl":"http://example.com/a.mp4"}`, appID)),
					"ProcessMediaByProcedure": request("ProcessMediaByProcedure",
						fmt.Sprintf(`{"SubAppId":%d,"FileId":%q,"ProcedureName":"LongVideoPreset"}`, appID, fileID)),
				}[action]
				if _, body, err := roundTrip(t, behind, r); err != nil || answeredCode(t, body) != "" {
					t.Fatalf("answer is %s, %v", body, err)
				}
				rest()
				if len(h.times) != 1 || h.times[0] != time.Minute+time.Second {
					t.Errorf("events are at %v", h.times)
				}
			})
		})
	}
}

func TestACallThatFailsMakesNoTask(t *testing.T) {
	used := `,"SessionId":"used"`
	for _, test := range []struct {
		name string
		do   func(e *Emulator, fileID string) *http.Request
		want string
	}{
		{"a fault before it takes effect", func(e *Emulator, fileID string) *http.Request {
			e.Script(Fault{Code: "InternalError.TimeParseError"})
			return processing(fileID, used)
		}, "InternalError.TimeParseError"},
		{"over the quota", func(e *Emulator, fileID string) *http.Request {
			e.SetQuota(Quota{Rates: map[string]int{"ProcessMedia": 1}})
			ask(e, processing("unknown", ""))
			return processing(fileID, used)
		}, "RequestLimitExceeded"},
		{"another key", func(e *Emulator, fileID string) *http.Request {
			r := processing(fileID, used)
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Signature=", "Signature=0", 1))
			return r
		}, "AuthFailure.SignatureFailure"},
		{"an unknown file", func(*Emulator, string) *http.Request {
			return processing("5285485487985271487", used)
		}, "InvalidParameterValue.FileId"},
		{"a misspelt parameter", func(e *Emulator, fileID string) *http.Request {
			return processing(fileID, used+`,"TaskNotifyMode":"Change"`)
		}, "UnknownParameter"},
		{"a mode that does not exist", func(e *Emulator, fileID string) *http.Request {
			return processing(fileID, used+`,"TasksNotifyMode":"Often"`)
		}, "InvalidParameterValue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tasking(t, Config{}, func(t *testing.T, e *Emulator, h *hook, fileID string) {
				_, _, body := ask(e, test.do(e, fileID))
				if got := answeredCode(t, body); got != test.want {
					t.Fatalf("answer is %s, want %s", body, test.want)
				}
				rest()
				if len(h.times) != 0 {
					t.Errorf("there are the events %s", h.bodies)
				}
				e.Script()
				time.Sleep(time.Second)
				answered[any](t, e, processing(fileID, used)) // nor was its SessionId used up
				rest()
				if len(h.times) != 1 {
					t.Errorf("%d events are posted of a call that succeeds", len(h.times))
				}
			})
		})
	}
}
