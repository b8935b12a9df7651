package logs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/logs"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestALineOfACallTellsWhatItWasAbout(t *testing.T) {
	empty := &vodtest.APIError{Code: "ResourceNotFound", Message: "no event"}
	for _, test := range []struct {
		call vodtest.Call
		want map[string]any // of the line, but for its took and message
	}{
		{vodtest.Call{Action: "PullEvents", Handles: []string{"a", "b"}}, map[string]any{"level": "info", "events": 2.0}},
		{vodtest.Call{Action: "PullEvents"}, map[string]any{"level": "debug", "events": 0.0}},
		{vodtest.Call{Action: "PullEvents", Err: empty},
			map[string]any{"level": "debug", "events": 0.0, "answer": "ResourceNotFound: no event"}},
		{vodtest.Call{Action: "PullEvents", Err: errors.New("broken")},
			map[string]any{"level": "info", "events": 0.0, "answer": "broken"}},
		{vodtest.Call{Action: "ConfirmEvents", Handles: []string{"a"}}, map[string]any{"level": "info", "events": 1.0}},
		{vodtest.Call{Action: "DescribeMediaInfos", SubAppID: 7, Err: empty},
			map[string]any{"level": "info", "sub_app_id": 7.0, "answer": "ResourceNotFound: no event"}},
		{vodtest.Call{Action: "CreateStorageRegion", Forwarded: true}, map[string]any{"level": "info", "forwarded": true}},
		{vodtest.Call{Action: "DeleteMedia", Fault: &vodtest.Fault{Kind: vodtest.FaultReset}},
			map[string]any{"level": "info", "fault": "*:*=reset"}},
		{vodtest.Call{Err: empty},
			map[string]any{"level": "info", "answer": "ResourceNotFound: no event", "message": "(unknown action)"}},
	} {
		var text bytes.Buffer
		test.call.Took = 1500 * time.Microsecond
		logs.Call(zerolog.New(&text), test.call)
		var line map[string]any
		if err := json.Unmarshal(text.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if test.want["took"] = "2ms"; test.want["message"] == nil {
			test.want["message"] = test.call.Action
		}
		if !maps.Equal(line, test.want) {
			t.Errorf("of %+v the line is %v, want %v", test.call, line, test.want)
		}
	}
}
