package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events/condition"
)

// where is a configuration with handlers, each of which is its events and its conditions.
func where(top string, handlers ...string) string {
	for i, h := range handlers {
		top += "\n  - {name: " + string(rune('a'+i)) + ", stdout: {}, " + h + "}"
	}
	return strings.Replace(top, "\n", "\nhandlers:\n", 1)
}

const failed = "where: {json: ProcedureStateChangeEvent.ErrCode, not_in: 0}"

func TestWhereIsReadAsItIsMeant(t *testing.T) {
	yes := true
	for text, want := range map[string][]condition.Condition{
		failed:      {{JSON: "ProcedureStateChangeEvent.ErrCode", NotIn: []string{"0"}}},
		"where: []": {},
		"where:":    nil,
		`where: [{json: EventType, in: [a, "${ENV}"]}, {json: "data.#(a>1).b", exists: true}, {json: EventType, prefix: "1.0"}]`: {
			{JSON: "EventType", In: []string{"a", "test"}}, {JSON: "data.#(a>1).b", Exists: &yes}, {JSON: "EventType", Prefix: "1.0"},
		},
		"where: {json: data.x, in: [0, 1.50, true, 0x1f, 007]}": {{JSON: "data.x", In: []string{"0", "1.50", "true", "0x1f", "007"}}},
	} {
		got, err := parse(t, where("worker: {unmatched: confirm}", text), map[string]string{"ENV": "test"})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got.Handlers[0].Where); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

// What each handler of a type may refuse would be confirmed unseen, and nobody has said so.
func TestWhereNeedsUnmatchedIfEachHandlerOfATypeHasOne(t *testing.T) {
	for _, test := range []struct {
		top      string
		handlers []string
		want     string // the first where, and of what; empty: fine
	}{
		{"", []string{"events: [ProcedureStateChanged], " + failed}, "handlers[0].where: each handler of ProcedureStateChanged"},
		{"", []string{failed}, "handlers[0].where: each handler of AigcHunyuan3DTaskComplete"},
		{"", []string{"events: [FileDeleted]", "events: [ProcedureStateChanged], " + failed, "events: [PullComplete], " + failed},
			"handlers[1].where: each handler of ProcedureStateChanged"},
		{"", []string{failed, ""}, ""},
		{"", []string{failed, `events: ["*"]`}, ""},
		{"", []string{failed, `events: ["?*"]`}, "handlers[0].where: each handler of types that are newer than this program"},
		{"", []string{`events: ["*Complete"], ` + failed, "events: [ProcedureStateChanged]"}, "handlers[0].where: each handler of AigcHunyuan3D"},
		{"", []string{`events: [ProcedureStateChanged, "Foo*"], ` + failed, "events: [ProcedureStateChanged]"},
			"handlers[0].where: each handler of types that are newer than this program"},
		{"", []string{`events: [ProcedureStateChanged, "Foo*"], ` + failed, `events: ["Procedure*", "F*"]`}, ""},
		{"vod: {sub_app_ids: [1, 2]}", []string{"sub_app_ids: [1], " + failed, "sub_app_ids: [2]"}, "handlers[0].where: each handler of A"},
		{"vod: {sub_app_ids: [1, 2]}", []string{"sub_app_ids: [1], " + failed, "sub_app_ids: [1, 2]"}, ""},
		{"vod: {sub_app_ids: [1]}", []string{failed, "sub_app_ids: [1]"}, ""},
		{"callback: {listen: ':80', sub_app_id: 3}\nvod: {sub_app_ids: [1]}", []string{failed, "sub_app_ids: [1]"}, "handlers[0].where: each handler"},
		{"worker: {unmatched: confirm}", []string{failed}, ""},
		{"worker: {unmatched: leave}", []string{failed}, ""},
		{"worker: {unmatched: dead_letter}\ndead_letters: {dir: d}", []string{failed}, ""},
	} {
		head, rest, _ := strings.Cut(test.top, "\n")
		_, err := parse(t, where(head, test.handlers...)+"\n"+rest, nil)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) ||
			!strings.Contains(err.Error(), "write worker.unmatched: confirm if that is meant, leave to keep it")) {
			t.Errorf("%s %q: got %v, want %s", test.top, test.handlers, err, test.want)
		}
	}
}

func TestAConditionOnWhatOtherEventsHaveIsAWarning(t *testing.T) {
	const path = "FileUploadEvent.FileId"
	for text, want := range map[string]string{
		"events: [FileDeleted], where: {json: " + path + ", prefix: a}": "only NewFileUpload has it, which this handler does not want, " +
			"so the condition never holds; add the type to events",
		"events: ['File*'], where: {json: " + path + ", not_in: a}":                                         "so the condition always holds; ",
		"events: ['New*'], where: {json: " + path + ", not_in: a}":                                          "",
		"events: ['*'], where: {json: " + path + ", not_in: a}":                                             "",
		"events: [FileDeleted], where: {json: EventType, not_in: a}":                                        "",
		"events: [FileDeleted], where: {json: 'File*.FileId', in: a}":                                       "",
		"where: {json: ProcessImageAsyncCompleteEvent.TaskId, in: a}":                                       "",
		"events: ['Foo*'], where: {json: " + path + ", exists: true}":                                       "no event type that this program knows matches",
		"events: [SceneAigcImageComplete], where: {json: SceneAigcImageCompleteEvent.TaskId, exists: true}": "",
	} {
		got, err := parse(t, where("worker: {unmatched: confirm}", text), nil)
		switch {
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case want == "" && len(got.Warnings) > 0, want != "" && (len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0].String(), want)):
			t.Errorf("%s: %v, want %s", text, got.Warnings, want)
		}
	}
}

// A path may come from a variable, whose value is not shown.
func TestWhatIsWrongWithAVariableInWhereIsSaidWithoutItsValue(t *testing.T) {
	for _, value := range []string{"hunter2", "a.@hunter2", "ProcedureStateChangeEvent.SessionContext.hunter2", "a..hunter2"} {
		_, err := parse(t, where("worker: {unmatched: confirm}", `where: {json: "${PATH}", in: 0}`), map[string]string{"PATH": value})
		const want = `handlers[0].where[0].json is "${PATH}": with the variable in it, it is no path that there is; change the variable`
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v", err)
		}
		_, err = parse(t, where("worker: {unmatched: confirm}", `where: {json: ProcedureStateChangeEvent.ErrCode, in: "${PATH}"}`),
			map[string]string{"PATH": value})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}
