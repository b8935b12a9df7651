package vodtest

import (
	"slices"
	"strings"
	"testing"
)

func TestFailuresAreWrittenAsTheyAreRead(t *testing.T) {
	failures := []Failure{
		{"Transcode", 10, "SourceFileError.NoVideoMedia"}, {"CoverBySnapshot", 0, "InternalError"}, {"", 20, "InvalidInput"},
		{"", 0, "InternalError.Unheard"}, {"PullUpload", 0, "SourceFileError"},
	}
	e := New(Config{})
	e.FailResults(failures...)
	const want = "Transcode:10=SourceFileError.NoVideoMedia,CoverBySnapshot=InternalError,*:20=InvalidInput," +
		"*=InternalError.Unheard,PullUpload=SourceFileError"
	if got := e.Failures(); got != want {
		t.Errorf("failures are %s, want %s", got, want)
	}
	if got, err := ParseFailures(want); err != nil || !slices.Equal(got, failures) {
		t.Errorf("%s is read as %+v, %v", want, got, err)
	}
	if got := failures[0].String(); got != "Transcode:10=SourceFileError.NoVideoMedia" {
		t.Errorf("the first is %s", got)
	}
}

func TestAFailureThatCannotBeReadIsAMistakeOfTheCaller(t *testing.T) {
	for _, bad := range []Failure{
		{}, {Type: "Transcode"},
		{Type: "Nonsense", Code: "InternalError"}, {Type: "Transcode", Code: "Nope"}, {Type: "*", Code: "InternalError"},
		{Type: "PullUpload", Definition: 10, Code: "InternalError"}, {Code: "InternalError,Transcode=InvalidInput"},
	} {
		e := New(Config{})
		e.FailResults(Failure{Code: "InternalError"})
		func() {
			defer func() {
				if said, ok := recover().(string); !ok || !strings.HasPrefix(said, "vodtest: ") {
					t.Errorf("%+v: panic is %q", bad, said)
				}
			}()
			e.FailResults(bad)
		}()
		if got := e.Failures(); got != "*=InternalError" {
			t.Errorf("%+v: failures are then %s", bad, got)
		}
	}
}

func TestOnlyAFailureOfItsOwnTypeFailsAPull(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		for _, test := range []struct {
			failure Failure
			fails   bool
		}{
			{Failure{Code: "InternalError"}, false},
			{Failure{Type: "PullUpload", Code: "InternalError"}, true},
		} {
			e.FailResults(test.failure)
			fileID, taskID := e.PullUpload(appID, "https://example.com/x.mp4", "")
			event := pull(t, e, appID)[0]
			if (fileID == "") != test.fails || taskID == "" || strings.Contains(event.raw, `"ErrCode":70000`) != test.fails {
				t.Errorf("with %v the file is %q, and the event %s", test.failure, fileID, event.raw)
			}
		}
	})
}
