package vodtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// codeForm is that of the codes that the documentation has.
var codeForm = regexp.MustCompile(`^(|[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)?)$`)

// makes has, by action, the types of the events that it can make.
var makes = map[string][]string{
	"ProcessMedia":            {"ProcedureStateChanged"},
	"ProcessMediaByProcedure": {"ProcedureStateChanged"},
	"PullUpload":              {"PullComplete", "ProcedureStateChanged"},
	"CommitUpload":            {"NewFileUpload", "ProcedureStateChanged"},
	"DeleteMedia":             {"FileDeleted"},
}

func FuzzParametersAreReadOrRefused(f *testing.F) {
	for _, example := range examples {
		f.Add(example.action, "{"+example.parameters+"}", false)
		f.Add(example.action, flattened("{"+example.parameters+"}"), true)
	}
	f.Add("ProcessMedia", `{"FileId":"FILE","MediaProcessTask":null,"MediaProcessTask":[]}`, false)
	f.Add("ProcessMedia", "FileId=FILE&MediaProcessTask.TranscodeTaskSet.x.Definition=10&MediaProcessTask.TranscodeTaskSet=1", true)
	f.Add("SearchMedia", `{"Offset":18446744073709551615,"Limit":18446744073709551615}`, false)
	f.Add("ModifyMediaInfo", `{"FileId":"FILE","Name":"\ud800","DeleteKeyFrameDescs":[1e308,-0]}`, false)
	f.Add("PullUpload", `{"MediaUrl":"https://[::1]:x/%zz","MediaName":"../a\u0000"}`, false)
	f.Fuzz(func(t *testing.T, action, parameters string, flat bool) {
		synctest.Test(t, func(t *testing.T) {
			e, there := shop(t, Config{Hold: -1, TaskTime: time.Minute})
			defer e.Close()
			rest()
			parameters = there.Replace(parameters)
			if _, err := e.Configure(json.RawMessage(`{"DeleteMediaCompleteEventSwitch":"ON"}`)); err != nil {
				t.Fatal(err)
			}
			before := len(e.Queued(0))

			r := request(action, parameters)
			if flat {
				r = wireRequest(http.MethodGet, parameters, action, "application/x-www-form-urlencoded", nil)
				signAs(r, DefaultSecretID, DefaultSecretKey, nil, "content-type", "host")
			}
			status, kind, answer := ask(e, r)
			if status != http.StatusOK || kind != "application/json" {
				t.Fatalf("answer is %d, %s, %s", status, kind, answer)
			}
			code := answeredCode(t, answer)
			if !codeForm.MatchString(code) || strings.HasPrefix(code, "InternalError") || code == "AuthFailure.SignatureFailure" {
				t.Errorf("answer is %s", answer)
			}
			if types := sdkActions[action]; types != nil {
				_, response := types()
				if err := json.Unmarshal([]byte(answer), response); err != nil {
					t.Errorf("the SDK cannot read %s: %v", answer, err)
				}
			}
			rest()
			if !json.Valid(e.State(0, Filter{})) {
				t.Error("the state cannot be shown")
			}
			for _, event := range e.Queued(0)[before:] {
				if what := summarize(event.Content).Type; code != "" || !slices.Contains(makes[action], what) {
					t.Errorf("%s with the answer %s made the event %s", action, answer, event.Content)
				}
			}
		})
	})
}

// flattened returns parameters as a query has them.
func flattened(object string) string {
	var value any
	if err := json.Unmarshal([]byte(object), &value); err != nil {
		panic(err)
	}
	query := url.Values{}
	var add func(path string, value any)
	add = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				add(path+"."+name, member)
			}
		case []any:
			for i, element := range value {
				add(fmt.Sprintf("%s.%d", path, i), element)
			}
		default:
			query.Set(path[1:], fmt.Sprint(value))
		}
	}
	add("", value)
	return query.Encode()
}
