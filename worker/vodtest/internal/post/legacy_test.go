package post

import "testing"

func TestWhatThe20FormatDoesNotKnowIsPostedAsItIs(t *testing.T) {
	for _, content := range []string{
		`{"EventType":"Odd"}`, `{}`, `{"EventType":7,"FileUploadEvent":{}}`, `{"FileUploadEvent":{"FileId":7}}`,
		`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"MediaProcessResultSet":[7]}}`,
	} {
		if got := string(OldFormat([]byte(content))); got != content {
			t.Errorf("%s becomes %s", content, got)
		}
	}
	odd := `{"EventType":"P","ProcedureStateChangeEvent":{"MetaData":{"":1,"A":null,"B":[{"CSet":12345678901234567890}]},` +
		`"MediaProcessResultSet":[{"Type":7},{"Type":"X","XTask":[]}]}}`
	want := `{"version":"4.0","eventType":"P","data":{"errCode":0,"fileId":"","message":"",` +
		`"metaData":{"b":[{"cList":12345678901234567890}]},` +
		`"processTaskList":[{"taskType":""},{"taskType":"X"}],"status":"","vodTaskId":""}}`
	if got := string(OldFormat([]byte(odd))); got != want {
		t.Errorf("it becomes %s, want %s", got, want)
	}
}
