package vodtest

import (
	"fmt"
	"strings"
	"testing"
)

func modify(t *testing.T, e *Emulator, body string) (code string) {
	t.Helper()
	_, _, answer := ask(e, request(modifyEventConfig, body))
	return answeredCode(t, answer)
}

func wantSettings(t *testing.T, e *Emulator, body, want string) {
	t.Helper()
	_, _, answer := ask(e, request(describeEventConfig, body))
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
	_, _, answer := ask(e, request(describeEventConfig, `{}`))
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

// configure changes settings of the application of most tests.
func configure(t *testing.T, e *Emulator, settings string) string {
	t.Helper()
	members := strings.TrimPrefix(settings, "{")
	if members != "}" {
		members = "," + members
	}
	shown, err := e.Configure(fmt.Appendf(nil, `{"SubAppId":%d%s`, appID, members))
	if err != nil {
		t.Error(err)
	}
	return string(shown)
}

func TestConfigureDoesWhatModifyEventConfigDoes(t *testing.T) {
	e := New(Config{Quota: DocumentedQuota()})
	e.Script(Fault{Code: "InternalError"}) // meets no call of ours, nor does the quota
	for range 100 {
		configure(t, e, `{}`)
	}
	configure(t, e, `{"SignKey":"abcDEF123","NotificationUrl":"https://user:pass@example.com/vod?token=x"}`)
	shown := configure(t, e, `{"Mode":"PUSH","DeleteMediaCompleteEventSwitch":"ON"}`)
	const want = `{"Mode":"PUSH","NotificationUrl":"https://example.com/vod","UploadMediaCompleteEventSwitch":"ON",` +
		`"DeleteMediaCompleteEventSwitch":"ON","PersistenceCompleteEventSwitch":"OFF","Signed":true}`
	if shown != want {
		t.Errorf("settings are %s, want %s", shown, want)
	}
	if s := e.settingsOf(appID); s.signKey != "abcDEF123" || s.url != "https://user:pass@example.com/vod?token=x" {
		t.Errorf("settings are %+v", s)
	}
	if e.settingsOf(0) != e.cfg.firstSettings() {
		t.Errorf("settings of another application are %+v", e.settingsOf(0))
	}
}

func TestConfigureWithoutASubAppIdIsOfTheDefaultApplication(t *testing.T) {
	e := New(Config{})
	shown, err := e.Configure([]byte(`{"Mode":"PUSH"}`))
	if err != nil || !strings.HasPrefix(string(shown), `{"Mode":"PUSH",`) || e.settingsOf(0).mode != "PUSH" {
		t.Errorf("it returns %s, %v, and the settings are %+v", shown, err, e.settingsOf(0))
	}
}

func TestConfigureRefusesWhatIsWrongAndChangesNothing(t *testing.T) {
	e := New(Config{})
	for settings, want := range map[string]string{
		`[]`: "must be one JSON object",
		`{"DeleteMediaCompleteEventSwitch":"ON","mode":"PUSH"}`:              `no parameter "mode"`,
		`{"DeleteMediaCompleteEventSwitch":"ON","SubAppId":7,"Mode":"push"}`: "Mode must be PUSH or PULL",
		`{"DeleteMediaCompleteEventSwitch":"ON","SubAppId":"7"}`:             "SubAppId must be an integer, not negative",
	} {
		shown, err := e.Configure([]byte(settings))
		if err == nil || shown != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is answered %s, %v, want %s", settings, shown, err, want)
		}
	}
	for _, app := range []uint64{0, 7} {
		if got := e.settingsOf(app); got != e.cfg.firstSettings() {
			t.Errorf("settings of %d are %+v", app, got)
		}
	}
}

func TestWhySilentSaysWhyAnEventWouldReachNobody(t *testing.T) {
	const nowhere = "Mode is PUSH and there is no NotificationUrl: the event is lost"
	for _, test := range []struct{ eventType, settings, want string }{
		{"NewFileUpload", `{}`, ""},
		{"NewFileUpload", `{"UploadMediaCompleteEventSwitch":"OFF"}`, "UploadMediaCompleteEventSwitch is OFF: there is no event"},
		{"FileDeleted", `{}`, "DeleteMediaCompleteEventSwitch is OFF: there is no event"},
		{"FileDeleted", `{"DeleteMediaCompleteEventSwitch":"ON"}`, ""},
		{"PersistenceComplete", `{}`, "PersistenceCompleteEventSwitch is OFF: there is no event"},
		{"PersistenceComplete", `{"PersistenceCompleteEventSwitch":"ON"}`, ""},
		{"PullComplete", `{}`, ""},
		{"PullComplete", `{"Mode":"PUSH"}`, nowhere},
		{"", `{"UploadMediaCompleteEventSwitch":"OFF"}`, ""},
		{"", `{"Mode":"PUSH"}`, nowhere},
		{"", `{"Mode":"PUSH","NotificationUrl":"https://example.com"}`, ""},
	} {
		e := New(Config{})
		configure(t, e, test.settings)
		if got := e.WhySilent(appID, test.eventType); got != test.want {
			t.Errorf("of %q with %s it is said %q, want %q", test.eventType, test.settings, got, test.want)
		}
	}
}
