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
		`where: {json: data.x, in: ["${LIST}", c d, "e,f"]}`:    {{JSON: "data.x", In: []string{"a", "b c", "c d", "e,f"}}},
		`where: {json: data.x, not_in: "${LIST}"}`:              {{JSON: "data.x", NotIn: []string{"a", "b c"}}},
		`where: {json: data.x, in: [a, "${NONE:-}"]}`:           {{JSON: "data.x", In: []string{"a"}}},
		`where: {json: data.x, in: ""}`:                         {{JSON: "data.x", In: []string{""}}},
		"where: {json: data.x, in: [0, 1.50, true, 0x1f, 007]}": {{JSON: "data.x", In: []string{"0", "1.50", "true", "0x1f", "007"}}},
	} {
		got, err := parse(t, where("worker: {unmatched: confirm}", text), map[string]string{"ENV": "test", "LIST": "a, b c,"})
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
		{"", []string{`events: ["Aigc[A-Z]*"], ` + failed, "events: [AigcImageTaskComplete, AigcVideoTaskComplete, AigcHunyuan3DTaskComplete]"},
			"handlers[0].where: each handler of types that are newer than this program"},
		{"", []string{`events: ["Aigc[^a]?x"], ` + failed, `events: ["Aigc*"]`}, ""},
		{"", []string{`events: ["Foo[AB]", ProcedureStateChanged], ` + failed, `events: ["FooA*", ProcedureStateChanged]`}, "handlers[0].where: each handler of types that"},
		{"callback: {sub_app_id: 3}\nvod: {sub_app_ids: [1]}", []string{failed, "sub_app_ids: [1]"}, "handlers[0].where: each handler"},
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
	_, err := parse(t, "handlers: [{name: a, webhook: {url: 'http://a', success: {json: '${PATH}', in: 0}}}]", map[string]string{"PATH": "hunter2[0].x"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyVariableIsNothingToCompareWith(t *testing.T) {
	for _, where := range []string{
		"where: {json: data.x, in: '${ENV}'}", "where: {json: data.x, not_in: [a, '${ENV}']}", "where: {json: data.x, in: '${ENV},'}",
		"where: {json: data.x, prefix: '${ENV}'}",
	} {
		if got, err := parse(t, whereOf(where), map[string]string{"ENV": ""}); err == nil {
			t.Errorf("%s: %+v", where, got.Handlers[0].Where)
		}
	}
	_, err := parse(t, "handlers: [{name: a, webhook: {url: 'http://a', success: {json: ok, in: '${ENV}'}}}]", map[string]string{"ENV": ""})
	const want = `handlers[0].webhook.success.in[0] is "${ENV}": the variable in it is empty; set it, or write "" for an empty text`
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func whereOf(text string) string { return where("worker: {unmatched: confirm}", text) }

// VOD's pages name the payload of some types in two ways.
func TestAPayloadWithTwoNamesIsReachedByAWildcard(t *testing.T) {
	for path, want := range map[string]string{
		"EditMediaComplete.ErrCode":             "write EditMediaComplete*.ErrCode, which finds both",
		"EditMediaCompleteEvent.ErrCode":        "write EditMediaComplete*.ErrCode, which finds both",
		"WechatMiniProgramPublishEvent.ErrCode": "write WechatMiniProgramPublish*.ErrCode, which finds both",
		"WechatMiniProgramPublish*.ErrCode":     "",
		"EditMediaComplete*.ErrCode":            "",
		"ProcedureStateChangeEvent.ErrCode":     "",
	} {
		got, err := parse(t, whereOf("where: {json: "+path+", not_in: 0}"), nil)
		if err != nil || want == "" && len(got.Warnings) > 0 || want != "" && (len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0].String(), want)) {
			t.Errorf("%s: %v, %v, want %s", path, got.Warnings, err, want)
		}
	}
}

// receive listens without being told so.
func TestReceiveNeedsUnmatchedForTheApplicationOfItsCallbacks(t *testing.T) {
	for text, bad := range map[string]bool{
		where("vod: {sub_app_ids: [1]}", failed, "sub_app_ids: [1]"):                                    true,
		where("vod: {sub_app_ids: [1]}", failed, ""):                                                    false,
		where("vod: {sub_app_ids: [1]}", failed, "sub_app_ids: [1]") + "\nworker: {unmatched: confirm}": false,
	} {
		config, err := parse(t, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := config.ValidateReceive(); (err != nil) != bad || bad && !strings.Contains(err.Error(), "handlers[0].where: each handler of ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
