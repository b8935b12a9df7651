package vodtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// controlled calls the control API, and decodes the answer.
func controlled(t *testing.T, e *Emulator, method, path, body string, into any) (status int) {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost:9266/emulator/"+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	Control(e).ServeHTTP(w, r)
	if w.Header().Get("Content-Type") != "application/json" && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%s %s is answered %s", method, path, w.Header())
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Errorf("%s %s is answered %d %s: %v", method, path, w.Code, w.Body, err)
		}
	}
	return w.Code
}

// post wants a good answer.
func post(t *testing.T, e *Emulator, path, body string) (answer Made) {
	t.Helper()
	if status := controlled(t, e, http.MethodPost, path, body, &answer); status != http.StatusOK {
		t.Errorf("%s %s is answered %d", path, body, status)
	}
	return answer
}

func stateOf(t *testing.T, e *Emulator) (s appState) {
	t.Helper()
	controlled(t, e, http.MethodGet, fmt.Sprint("state?SubAppId=", appID), "", &s)
	return s
}

func TestControlDoesWhatAPersonDoesInTheConsole(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
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

		events := pull(t, e, appID)
		var types []string
		for _, event := range events {
			types = append(types, event.EventType)
		}
		if got := strings.Join(types, " "); got !=
			"NewFileUpload ProcedureStateChanged FileDeleted PullComplete Odd RestoreMediaComplete" {
			t.Fatalf("events are %s", got)
		}
		if *content(t, events[0]).FileUploadEvent.FileId != file.FileID ||
			*content(t, events[1]).ProcedureStateChangeEvent.TaskId != task.TaskID ||
			*content(t, events[3]).PullCompleteEvent.TaskId != pulledFile.TaskID ||
			*content(t, events[3]).PullCompleteEvent.FileId != pulledFile.FileID {
			t.Errorf("events are %+v", events)
		}
		if !strings.HasSuffix(events[4].raw, `"EventType":"Odd", "Big":12345678901234567890}`) {
			t.Errorf("event is %s", events[4].raw)
		}
	})
}

func TestControlSetsFaults(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
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
	e := New(Config{Hold: -1})
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
		{"POST", "settings", `{"Mode":"pull"}`, 400, "Mode must be PUSH or PULL"},
		{"POST", "settings", `{"mode":"PULL"}`, 400, `no parameter "mode"`},
		{"POST", "settings", `{"SubAppId":"7","Mode":"PUSH"}`, 400, "SubAppId has the wrong type"},
		{"POST", "settings", `[]`, 400, "must be a JSON object"},
		{"GET", "state?SubAppId=x", ``, 400, `SubAppId="x": it must be a whole number`},
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
	if got := e.Stats(0); got.Sent != 0 {
		t.Errorf("%d events were sent", got.Sent)
	}
	wantSettings(t, e, `{}`, newSettings)
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
			e := New(Config{})
			call := func(method, path, body string) int {
				r := httptest.NewRequest(method, "/emulator/"+path, strings.NewReader(body))
				arrived := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9266}
				r = r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, arrived))
				r.Host = test.host
				for name, value := range test.header {
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				Control(e, "emulator", "").ServeHTTP(w, r)
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
