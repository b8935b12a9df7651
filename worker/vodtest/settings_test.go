package vodtest

import (
	"strings"
	"testing"
)

func modify(t *testing.T, e *Emulator, body string) (code string) {
	t.Helper()
	_, _, answer := serve(e, request(modifyEventConfig, body))
	return answeredCode(t, answer)
}

func wantSettings(t *testing.T, e *Emulator, body, want string) {
	t.Helper()
	_, _, answer := serve(e, request(describeEventConfig, body))
	if !strings.HasPrefix(answer, `{"Response":{`+want+`,"RequestId":"`) {
		t.Errorf("answer is %s, want %s", answer, want)
	}
}

const newSettings = `"Mode":"PULL","NotificationUrl":"","UploadMediaCompleteEventSwitch":"ON",` +
	`"DeleteMediaCompleteEventSwitch":"OFF","PersistenceCompleteEventSwitch":"OFF"`

func TestSettingsAreKeptForEachApplication(t *testing.T) {
	e := New(Config{})
	wantSettings(t, e, `{}`, newSettings)
	if got := modify(t, e, `{"SubAppId":7,"Mode":"PUSH","NotificationUrl":"https://example.com/?a=1&b=2",`+
		`"UploadMediaCompleteEventSwitch":"OFF","DeleteMediaCompleteEventSwitch":"ON",`+
		`"PersistenceCompleteEventSwitch":"ON","SignKey":"abcDEF123"}`); got != "" {
		t.Fatalf("ModifyEventConfig answers %s", got)
	}
	const changed = `"UploadMediaCompleteEventSwitch":"OFF","DeleteMediaCompleteEventSwitch":"ON",` +
		`"PersistenceCompleteEventSwitch":"ON"`
	wantSettings(t, e, `{"SubAppId":7}`, `"Mode":"PUSH","NotificationUrl":"https://example.com/?a=1\u0026b=2",`+changed)
	wantSettings(t, e, `{}`, newSettings)
	if got := e.app(7).settings.signKey; got != "abcDEF123" {
		t.Errorf("SignKey is %q", got)
	}

	// What is not given stays, an empty URL clears it.
	if got := modify(t, e, `{"SubAppId":7,"NotificationUrl":"","SignKey":null}`); got != "" {
		t.Fatalf("ModifyEventConfig answers %s", got)
	}
	wantSettings(t, e, `{"SubAppId":7}`, `"Mode":"PUSH","NotificationUrl":"",`+changed)
	if got := e.app(7).settings.signKey; got != "abcDEF123" {
		t.Errorf("SignKey is %q", got)
	}
}

func TestBadSettingsChangeNothing(t *testing.T) {
	for _, bad := range []string{
		`"Mode":"pull"`, `"Mode":""`, `"Mode":1`,
		`"NotificationUrl":"example.com"`, `"NotificationUrl":"ftp://example.com"`, `"NotificationUrl":"http://"`,
		`"NotificationUrl":"http://%zz"`,
		`"UploadMediaCompleteEventSwitch":"on"`, `"DeleteMediaCompleteEventSwitch":"YES"`, `"PersistenceCompleteEventSwitch":true`,
		`"SignKey":"with space"`, `"SignKey":"` + strings.Repeat("a", 33) + `"`,
	} {
		e := New(Config{})
		if got := modify(t, e, `{"DeleteMediaCompleteEventSwitch":"ON","Mode":"PUSH",`+bad+`}`); got != "InvalidParameter" {
			t.Errorf("%s is answered %q", bad, got)
		}
		wantSettings(t, e, `{}`, newSettings)
	}
}

func TestSettingsMeetFaultsToo(t *testing.T) {
	e := New(Config{})
	e.Script(Fault{Action: modifyEventConfig, First: 1, Code: "InternalError", After: true},
		Fault{Action: describeEventConfig, First: 1, Code: "FailedOperation"})
	if got := modify(t, e, `{"UploadMediaCompleteEventSwitch":"OFF"}`); got != "InternalError" {
		t.Errorf("ModifyEventConfig answers %q", got)
	}
	_, _, answer := serve(e, request(describeEventConfig, `{}`))
	if got := answeredCode(t, answer); got != "FailedOperation" {
		t.Errorf("DescribeEventConfig answers %s", answer)
	}
	wantSettings(t, e, `{}`, strings.Replace(newSettings, `"ON"`, `"OFF"`, 1))
}

func TestANewAccountBeginsAsVODsDo(t *testing.T) {
	const new = `"Mode":"PUSH","NotificationUrl":"","UploadMediaCompleteEventSwitch":"OFF",` +
		`"DeleteMediaCompleteEventSwitch":"OFF","PersistenceCompleteEventSwitch":"OFF"`
	e := New(Config{NewAccount: true})
	defer e.Close()
	wantSettings(t, e, `{}`, new)
	wantSettings(t, e, `{"SubAppId":1500000007}`, new) // first named here

	file := e.Upload(0, "unheard.mp4")
	e.Process(0, file, "")
	if s := e.Stats(0); s.Callbacks.NoURL != 1 || len(e.Queued(0)) != 0 {
		t.Errorf("%d events were posted nowhere, want the one of the task; %d are queued", s.Callbacks.NoURL, len(e.Queued(0)))
	}
	if got := modify(t, e, `{"Mode":"PULL","UploadMediaCompleteEventSwitch":"ON"}`); got != "" {
		t.Fatalf("ModifyEventConfig answers %s", got)
	}
	e.Upload(0, "heard.mp4")
	if n := len(e.Queued(0)); n != 1 {
		t.Errorf("%d events are queued after it was set up, want 1", n)
	}
}

func TestANoteSaysWhyThereIsNoEvent(t *testing.T) {
	e := New(Config{NewAccount: true})
	defer e.Close()
	c := control{e}
	const off, nowhere = "UploadMediaCompleteEventSwitch is OFF: there is no event", "Mode is PUSH and there is no NotificationUrl: the event is lost"
	note := func(made any, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return made.(Made).Note
	}
	upload := func() string { return note(c.upload(uploadParams{Name: "a.mp4"})) }
	process := func() string { return note(c.process(processParams{FileID: "1"})) }
	if got := [2]string{upload(), process()}; got != [2]string{off, nowhere} {
		t.Errorf("a new account: got %q", got)
	}
	modify(t, e, `{"UploadMediaCompleteEventSwitch":"ON"}`)
	if got := upload(); got != nowhere {
		t.Errorf("with uploads on: got %q", got)
	}
	modify(t, e, `{"Mode":"PULL"}`)
	if got := [2]string{upload(), process()}; got != [2]string{} {
		t.Errorf("with PULL: got %q", got)
	}
}
