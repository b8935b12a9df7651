package vodtest

import (
	"fmt"
	"strings"
	"testing"
)

func TestAProcedureNeedsANameAndTasks(t *testing.T) {
	for _, test := range []struct {
		name, tasks string
		ok          bool
	}{
		{"daily", "Transcode:100010+CoverBySnapshot:10", true},
		{"LongVideoPreset", "Transcode:100010", true}, // instead of VOD's
		{"", "Transcode:100010", false},
		{"daily", "", false},
		{"daily", "Transcode", false},
	} {
		if err := New(Config{}).SetProcedure(test.name, test.tasks); (err == nil) != test.ok {
			t.Errorf("%+v: error is %v", test, err)
		}
	}
}

func TestATemplateIsUsedByItsEmulatorAlone(t *testing.T) {
	before := New(Config{Hold: -1, TaskTime: -1})
	mine := New(Config{Hold: -1, TaskTime: -1})
	for name, tasks := range map[string]string{"daily": "Transcode:100030+CoverBySnapshot:10", "LongVideoPreset": "CoverBySnapshot:10"} {
		if err := mine.SetProcedure(name, tasks); err != nil {
			t.Fatal(err)
		}
	}
	after := New(Config{Hold: -1, TaskTime: -1})
	for _, test := range []struct {
		name      string
		e         *Emulator
		procedure string
		want      string // its results, or the code of a refusal
	}{
		{"mine", mine, "daily", "Transcode:100030 CoverBySnapshot:10"},
		{"mine", mine, "LongVideoPreset", "CoverBySnapshot:10"},
		{"one from before", before, "daily", "InvalidParameterValue"},
		{"one from before", before, "LongVideoPreset", "AdaptiveDynamicStreaming"},
		{"one from after", after, "daily", "InvalidParameterValue"},
		{"one from after", after, "LongVideoPreset", "AdaptiveDynamicStreaming"},
	} {
		if got := madeBy(t, test.e, test.procedure); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s makes %s of %s, want %s", test.name, got, test.procedure, test.want)
		}
	}
}

// madeBy returns the results of a task flow, or the code of a refusal.
func madeBy(t *testing.T, e *Emulator, procedure string) string {
	t.Helper()
	file := e.Upload(appID, "lighthouse.mp4")
	body := fmt.Sprintf(`{"SubAppId":%d,"FileId":%q,"ProcedureName":%q}`, appID, file, procedure)
	if _, _, answer := ask(e, request("ProcessMediaByProcedure", body)); answeredCode(t, answer) != "" {
		return answeredCode(t, answer)
	}
	var made []string
	for _, result := range stateOf(t, e).Media.Files[0].Tasks[0].Results {
		made = append(made, fmt.Sprintf("%s:%d", result.Type, result.Definition))
	}
	return strings.Join(made, " ")
}
