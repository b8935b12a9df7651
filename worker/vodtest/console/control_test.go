package console

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestControlDoesWhatAPersonDoesInTheConsole(t *testing.T) {
	bubble(t, vodtest.Config{Hold: -1}, func(t *testing.T, e *vodtest.Emulator) {
		file := post(t, e, "upload", `{"SubAppId":1500000001,"Name":"lighthouse.mp4"}`)
		task := post(t, e, "process", `{"SubAppId":1500000001,"FileId":"`+file.FileID+`","SessionContext":"order 42"}`)
		gone := post(t, e, "delete", `{"SubAppId":1500000001,"FileId":"`+file.FileID+`"}`)
		if gone.Note != "DeleteMediaCompleteEventSwitch is OFF: there is no event" {
			t.Errorf("delete is answered %+v", gone)
		}
		post(t, e, "settings", `{"SubAppId":1500000001,"DeleteMediaCompleteEventSwitch":"ON","UploadMediaCompleteEventSwitch":"OFF"}`)
		if gone = post(t, e, "delete", `{"SubAppId":1500000001,"FileId":"`+file.FileID+`"}`); gone.Note != "" {
			t.Errorf("delete is answered %+v", gone)
		}
		if unheard := post(t, e, "upload", `{"SubAppId":1500000001,"Name":"x.mp4"}`); unheard.Note == "" || unheard.FileID == "" {
			t.Errorf("upload is answered %+v", unheard)
		}
		pulledFile := post(t, e, "pull-upload", `{"SubAppId":1500000001,"Url":"https://example.com/far.mp4"}`)
		post(t, e, "send", `{"SubAppId":1500000001,"Event":{"EventType":"Odd", "Big":12345678901234567890}}`)
		post(t, e, "send", `{"SubAppId":1500000001,"Type":"RestoreMediaComplete"}`)

		events := pull(t, e)
		var types []string
		for _, event := range events {
			types = append(types, string(event.Type))
		}
		if got := strings.Join(types, " "); got !=
			"NewFileUpload ProcedureStateChanged FileDeleted PullComplete Odd RestoreMediaComplete" {
			t.Fatalf("events are %s", got)
		}
		for i, ids := range [][]string{{file.FileID}, {task.TaskID, file.FileID}, 3: {pulledFile.TaskID, pulledFile.FileID}} {
			for _, id := range ids {
				if id == "" || !strings.Contains(string(events[i].Raw), `Id":"`+id+`"`) {
					t.Errorf("event %d lacks %q: %s", i, id, events[i].Raw)
				}
			}
		}
		if !strings.HasSuffix(string(events[4].Raw), `"EventType":"Odd", "Big":12345678901234567890}`) {
			t.Errorf("event is %s", events[4].Raw)
		}
	})
}

func TestANoteSaysWhyThereIsNoEvent(t *testing.T) {
	const nowhere = "Mode is PUSH and there is no NotificationUrl: the event is lost"
	calls := [][2]string{
		{"upload", `{"Name":"a.mp4"}`}, {"delete", `{"FileId":"1"}`}, {"process", `{"FileId":"1"}`},
		{"pull-upload", `{"Url":"https://example.com/a.mp4"}`}, {"send", `{"Type":"NewFileUpload"}`},
	}
	e := vodtest.New(vodtest.Config{NewAccount: true})
	for _, test := range []struct {
		settings string
		want     []string // of each call
	}{
		{`{}`, []string{
			"UploadMediaCompleteEventSwitch is OFF: there is no event", "DeleteMediaCompleteEventSwitch is OFF: there is no event",
			nowhere, nowhere, nowhere,
		}},
		{`{"UploadMediaCompleteEventSwitch":"ON","DeleteMediaCompleteEventSwitch":"ON"}`, []string{
			nowhere, nowhere, nowhere, nowhere, nowhere,
		}},
		{`{"Mode":"PULL"}`, []string{"", "", "", "", ""}},
	} {
		post(t, e, "settings", test.settings)
		for i, call := range calls {
			if made := post(t, e, call[0], call[1]); made.Note != test.want[i] {
				t.Errorf("with %s %s is answered %q, want %q", test.settings, call[0], made.Note, test.want[i])
			}
		}
	}
}

func TestControlSetsFaults(t *testing.T) {
	bubble(t, vodtest.Config{Hold: -1}, func(t *testing.T, e *vodtest.Emulator) {
		post(t, e, "faults", `{"Faults":"PullEvents:*=InternalError, ConfirmEvents:2-5=after:reset"}`)
		_, err := e.Pull(t.Context(), appID)
		wantCode(t, err, "InternalError")
		if got := stateOf(t, e).Faults; got != "PullEvents:*=InternalError,ConfirmEvents:2-5=after:reset" {
			t.Errorf("faults are %s", got)
		}
		post(t, e, "faults", `{"Faults":""}`)
		_, err = e.Pull(t.Context(), appID)
		wantCode(t, err, "ResourceNotFound")
		if got := stateOf(t, e).Faults; got != "" {
			t.Errorf("faults are %s", got)
		}
	})
}

func TestControlSaysWhatIsWrongAndChangesNothing(t *testing.T) {
	bubble(t, vodtest.Config{Hold: -1}, saysWhatIsWrong)
}

func saysWhatIsWrong(t *testing.T, e *vodtest.Emulator) {
	before := e.State(0, vodtest.Filter{})
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "upload", ``, 400, "the body must be a JSON object"},
		{"POST", "upload", `{}`, 400, "the Name is missing"},
		{"POST", "upload", `{"Name":"x"} {}`, 400, "one JSON object"},
		{"POST", "upload", `{"Title":"x"}`, 400, `unknown field "Title"`},
		{"POST", "upload", `{"Name":7}`, 400, "cannot unmarshal number"},
		{"POST", "upload", `{"SubAppId":-1,"Name":"x"}`, 400, "SubAppId"},
		{"POST", "process", `{}`, 400, "the FileId is missing"},
		{"POST", "delete", `{}`, 400, "the FileId is missing"},
		{"POST", "pull-upload", `{"Url":"x"}`, 400, "the Url must be an http or https URL"},
		{"POST", "send", `{}`, 400, "either Type or Event"},
		{"POST", "send", `{"Type":"x","Event":{}}`, 400, "either Type or Event"},
		{"POST", "send", `{"Type":"NoSuch"}`, 400, `no fixture of the event type "NoSuch"`},
		{"POST", "send", `{"Event":[]}`, 400, "must be one JSON object"},
		{"POST", "faults", `{"Faults":"PullEvents"}`, 400, `fault "PullEvents": want ACTION:CALLS=`},
		{"POST", "fail-results", `{"Failures":"Transcode"}`, 400, `failure "Transcode"`},
		{"POST", "settings", `{"Mode":"pull"}`, 400, "Mode must be PUSH or PULL"},
		{"POST", "settings", `{"mode":"PULL"}`, 400, `no parameter "mode"`},
		{"POST", "settings", `{"SubAppId":"7","Mode":"PUSH"}`, 400, "SubAppId must be an integer, not negative"},
		{"POST", "settings", `[]`, 400, "must be one JSON object"},
		{"GET", "state?SubAppId=x", ``, 400, `SubAppId="x": it must be a whole number`},
		{"GET", "state?SubAppId=" + strings.Repeat("x", 9000), ``, 400, `"` + strings.Repeat("x", 200) + `":`},
		{"GET", "event?SubAppId=x", ``, 400, `SubAppId="x"`},
		{"GET", "event?Number=1x", ``, 400, `Number="1x"`},
		{"GET", "event?Number=1", ``, 404, "there is no event 1"},
		{"GET", "sample?Type=NoSuch", ``, 404, `no fixture of the event type "NoSuch"`},
		{"GET", "sample?Type=../fixtures/PullComplete", ``, 404, "no fixture of the event type"},
		{"POST", "expire", `{"Number":1}`, 400, "event 1: it has left the queue"},
		{"POST", "confirm", `{"Number":1}`, 400, "event 1: it has left the queue"},
		{"POST", "reset", `{"SubAppId":0}`, 400, `unknown field "SubAppId"`},
		{"GET", "nothing", ``, 404, "there is no GET /emulator/nothing here"},
		{"GET", "", ``, 404, "there is no GET /emulator/ here"},
		{"GET", "upload", ``, 404, "there is no GET /emulator/upload here"},
		{"POST", "state", `{}`, 404, "there is no POST /emulator/state here"},
		{"POST", "upload", `{"Name":"` + strings.Repeat("x", maxRequest) + `"}`, 413, "larger than 10 MB"},
	} {
		var answer struct{ Error string }
		if status := controlled(t, e, test.method, test.path, test.body, &answer); status != test.status ||
			!strings.Contains(answer.Error, test.want) {
			t.Errorf("%s %s %.60s is answered %d %q, want %d %q", test.method, test.path, test.body, status, answer.Error,
				test.status, test.want)
		}
	}
	after := e.State(0, vodtest.Filter{})
	if string(after) != string(before) {
		t.Errorf("the state was %s, and is %s", before, after)
	}
}

func TestAPageOfAnotherOriginChangesNothing(t *testing.T) {
	for _, test := range []struct {
		name, host string
		header     map[string]string
		want       int // of a POST
		state      int // a browser lets no page of another origin read it
	}{
		{"a program", "localhost:9266", nil, 200, 200},
		{"our page", "localhost:9266", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:9266"}, 200, 200},
		{"our page in an old browser", "127.0.0.1:9266", map[string]string{"Origin": "http://127.0.0.1:9266"}, 200, 200},
		{"IPv6", "[::1]:9266", nil, 200, 200},
		{"the address it came in on", "192.0.2.7:9266", nil, 200, 200},
		{"a name that was given", "emulator:9266", nil, 200, 200},
		{"its name with a dot", "Emulator.:9266", nil, 200, 200},
		{"another site", "localhost:9266", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, 200},
		{"another port", "localhost:9266", map[string]string{"Sec-Fetch-Site": "same-site"}, 403, 200},
		{"another origin in an old browser", "localhost:9266", map[string]string{"Origin": "http://evil.example"}, 403, 200},
		{"a sandboxed page", "localhost:9266", map[string]string{"Origin": "null"}, 403, 200},
		{"a rebound name", "evil.example:9266", map[string]string{"Sec-Fetch-Site": "same-origin"}, 403, 403},
		{"a name like ours", "localhost.evil.example", nil, 403, 403},
		{"another address", "192.0.2.8:9266", nil, 403, 403},
		{"no host", "", nil, 403, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := vodtest.New(vodtest.Config{})
			call := func(method, path, body string) int {
				r := httptest.NewRequest(method, "/emulator/"+path, strings.NewReader(body))
				arrived := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9266}
				r = r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, arrived))
				r.Host = test.host
				for name, value := range test.header {
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				Control(e, Options{Hosts: []string{"emulator", ""}}).ServeHTTP(w, r)
				return w.Code
			}
			if got := call(http.MethodPost, "upload", `{"Name":"x.mp4"}`); got != test.want {
				t.Errorf("upload is answered %d, want %d", got, test.want)
			}
			if sent, want := e.Stats(0).Sent, map[int]int{200: 1}[test.want]; sent != want {
				t.Errorf("%d events were sent, want %d", sent, want)
			}
			if got := call(http.MethodGet, "state", ""); got != test.state {
				t.Errorf("state is answered %d, want %d", got, test.state)
			}
		})
	}
}

func TestAWindowIsEndedAndAnEventConfirmedByHand(t *testing.T) {
	bubble(t, vodtest.Config{Hold: -1}, func(t *testing.T, e *vodtest.Emulator) {
		for range 2 {
			post(t, e, "send", `{"SubAppId":1500000001,"Event":{}}`)
		}
		pull(t, e)
		post(t, e, "expire", `{"SubAppId":1500000001,"Number":1}`)
		post(t, e, "confirm", `{"SubAppId":1500000001,"Number":2}`)
		if got := e.Stats(appID); got.Expired != 1 || got.Waiting != 1 || got.Confirmed != 1 || got.InFlight != 0 {
			t.Errorf("counts are %+v", got)
		}
		post(t, e, "reset", `{}`)
		if got := e.Stats(appID); got.Sent != 0 || got.Expired != 0 {
			t.Errorf("after a reset counts are %+v", got)
		}
	})
}

func TestControlShowsEventsOfAnApplicationAndFindsThem(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	e.Upload(appID, "lighthouse.mp4")
	e.Upload(appID, "harbour.mp4")
	e.Process(appID, e.Upload(7, "lighthouse.mp4"), "")
	for query, want := range map[string][]int{
		"SubAppId=1500000001":                                       {3, 2, 1},
		"SubAppId=1500000001&Type=NewFileUpload":                    {2, 1},
		"SubAppId=1500000001&Type=NewFileUpload&Find=LIGHTHOUSE":    {1},
		"SubAppId=1500000001&Type=ProcedureStateChanged&Find=house": nil,
		"SubAppId=7": {1},
		"":           nil,
	} {
		var s shownState
		if status := controlled(t, e, "GET", "state?"+query, "", &s); status != http.StatusOK || !slices.Equal(s.numbers(), want) {
			t.Errorf("%q is answered %d, with the events %d, want %d", query, status, s.numbers(), want)
		}
	}
	var event struct {
		EventType       string
		FileUploadEvent struct{ MediaBasicInfo struct{ Name string } }
	}
	controlled(t, e, "GET", "event?SubAppId=1500000001&Number=2", "", &event)
	if event.EventType != "NewFileUpload" || event.FileUploadEvent.MediaBasicInfo.Name != "harbour" {
		t.Errorf("event 2 is %+v", event)
	}
}

func TestASampleOfEachTypeIsThereToBeEdited(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	var offered struct{ Types []string }
	controlled(t, e, "GET", "types", "", &offered)
	if !slices.Equal(offered.Types, vodtest.Fixtures()) {
		t.Errorf("types are %q", offered.Types)
	}
	for _, eventType := range offered.Types {
		var sample struct{ EventType string }
		if status := controlled(t, e, "GET", "sample?Type="+eventType, "", &sample); status != http.StatusOK ||
			sample.EventType != eventType {
			t.Errorf("%s is answered %d %+v", eventType, status, sample)
		}
	}
}
