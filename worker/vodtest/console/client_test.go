package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// called runs f in a bubble with a client of what serves.
func called(t *testing.T, endpoint string, serves http.Handler, f func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, err := NewClient(endpoint, appID)
		if err != nil {
			t.Fatal(err)
		}
		c.http = &http.Client{Transport: pipe.Serve(t, serves)}
		f(t, c)
	})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return v
	}
}

func TestAClientDoesWhatTheEmulatorsMethodsDo(t *testing.T) {
	e := vodtest.New(vodtest.Config{Hold: -1})
	called(t, "http://localhost:9266/", Handler(e, Options{}), func(t *testing.T, c *Client) {
		made := must[Made](t)
		file := made(c.Upload(t.Context(), "lighthouse.mp4"))
		task := made(c.Process(t.Context(), file.FileID, "order 42"))
		gone := made(c.Delete(t.Context(), file.FileID))
		pulledFile := made(c.PullUpload(t.Context(), "https://example.com/far.mp4", "order 43"))
		for _, err := range []error{
			c.Send(t.Context(), json.RawMessage(`{"EventType": "Odd", "Big": 12345678901234567890}`)),
			c.Emit(t.Context(), "RestoreMediaComplete"),
			c.Script(t.Context(), "ConfirmEvents:*=InternalError"),
			c.FailResults(t.Context(), "*=InternalError"),
		} {
			if err != nil {
				t.Error(err)
			}
		}

		events := pull(t, e)
		if len(events) != 5 {
			t.Fatalf("%d events are queued: %+v", len(events), events)
		}
		for i, want := range [][]string{
			{`"NewFileUpload"`, file.FileID, `"lighthouse"`},
			{`"ProcedureStateChanged"`, task.TaskID, file.FileID, `"order 42"`},
			{`"PullComplete"`, pulledFile.FileID, pulledFile.TaskID, `"order 43"`},
			{`{"EventType":"Odd","Big":12345678901234567890}`[1:]},
			{`"RestoreMediaComplete"`},
		} {
			for _, text := range want {
				if text == "" || !strings.Contains(string(events[i].Raw), text) {
					t.Errorf("event %d lacks %q: %s", i, text, events[i].Raw)
				}
			}
		}
		if gone.Note != "DeleteMediaCompleteEventSwitch is OFF: there is no event" {
			t.Errorf("delete made %+v", gone)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[0].Handle}), "InternalError")
		if err := c.Script(t.Context(), ""); err != nil {
			t.Error(err)
		}
		wantCode(t, e.Confirm(t.Context(), appID, []string{events[0].Handle}), "")

		var state shownState
		if err := json.Unmarshal(must[json.RawMessage](t)(c.State(t.Context())), &state); err != nil {
			t.Error(err)
		}
		if state.Failures != "*=InternalError" {
			t.Errorf("failures are %q", state.Failures)
		}
		if state.SubAppID != appID || state.Stats.Confirmed != 1 || len(state.InFlight) != 4 {
			t.Errorf("the state is %+v", state)
		}
		if err := c.Reset(t.Context()); err != nil || len(e.Queued(appID)) != 0 {
			t.Errorf("after the reset, with the error %v, %d events are queued", err, len(e.Queued(appID)))
		}
	})
}

func TestAClientTellsARefusalFromAnAnswerOfSomethingElse(t *testing.T) {
	answers := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	e := vodtest.New(vodtest.Config{})
	const stranger = "what answers at http://localhost:9266/, with the status "
	for _, test := range []struct {
		name   string
		serves http.Handler
		status int
		want   string // all of the error's text
		own    bool   // the emulator's words
	}{
		{"an emulator", Handler(e, Options{}), 400, "the FileId is missing: what an upload has answered", true},
		{"an emulator without a control API", e, 200, stranger + "200, is no emulator of this version", false},
		{"a web server", answers(404, "<html>"), 404, stranger + "404, is no emulator of this version", false},
		{"another API", answers(403, `{"Message":"no"}`), 403, stranger + "403, is no emulator of this version", false},
		{"another API that takes all", answers(200, `[]`), 200, stranger + "200, is no emulator of this version", false},
		{"nothing in particular", answers(200, ``), 200, stranger + "200, is no emulator of this version", false},
		{"what has a state for later", answers(202, `{"SubAppId":1500000001,"Waiting":[],"InFlight":[],"Past":[],"Calls":[]}`),
			202, stranger + "202, is no emulator of this version", false},
		{"what makes a task later", answers(202, `{"TaskId":"1"}`), 202, stranger + "202, is no emulator of this version", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			called(t, "http://localhost:9266/", test.serves, func(t *testing.T, c *Client) {
				if _, err := c.State(t.Context()); !test.own && (err == nil || err.Error() != test.want) {
					t.Errorf("error of State is %v, want %s", err, test.want)
				}
				made, err := c.Process(t.Context(), "", "")
				answer, ok := errors.AsType[*Error](err)
				if !ok || err.Error() != test.want || answer.Status != test.status || (answer.Message != "") != test.own {
					t.Errorf("error is %#v: %v, want %s", err, err, test.want)
				}
				if made != (Made{}) {
					t.Errorf("made is %+v", made)
				}
			})
		})
	}
}

func TestAClientHandsOnWhyAnythingIsRefused(t *testing.T) {
	refuses := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"Error":"not today"}`)
	})
	called(t, "http://localhost:9266", refuses, func(t *testing.T, c *Client) {
		made := func(_ Made, err error) error { return err }
		_, stateErr := c.State(t.Context())
		_, issueErr := c.Issue(t.Context(), time.Hour)
		for name, err := range map[string]error{
			"Upload":      made(c.Upload(t.Context(), "x.mp4")),
			"Process":     made(c.Process(t.Context(), "1", "")),
			"Delete":      made(c.Delete(t.Context(), "1")),
			"PullUpload":  made(c.PullUpload(t.Context(), "http://example.com/x.mp4", "")),
			"Send":        c.Send(t.Context(), json.RawMessage(`{}`)),
			"Emit":        c.Emit(t.Context(), "PullComplete"),
			"Script":      c.Script(t.Context(), ""),
			"FailResults": c.FailResults(t.Context(), ""),
			"Reset":       c.Reset(t.Context()),
			"Health":      c.Health(t.Context()),
			"Issue":       issueErr,
			"State":       stateErr,
		} {
			if err == nil || err.Error() != "not today" {
				t.Errorf("%s returns %v", name, err)
			}
		}
	})
}

// broken is a network that reaches nobody.
type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestAClientTakesOnlyAStateOfItsApplicationForOne(t *testing.T) {
	const good = `{"SubAppId":1500000001,"Waiting":[],"InFlight":[],"Past":[],"Calls":[],"New":1}`
	for _, test := range []struct {
		body string
		ok   bool
	}{
		{good, true},
		{`{}`, false},
		{strings.Replace(good, "1500000001", "7", 1), false},
		{strings.Replace(good, `"SubAppId":1500000001,`, "", 1), false},
		{strings.Replace(good, `"Waiting":[],`, "", 1), false},
		{strings.Replace(good, `"InFlight":[],`, "", 1), false},
		{strings.Replace(good, `"Past":[],`, "", 1), false},
		{strings.Replace(good, `"Calls":[],`, "", 1), false},
		{strings.Replace(good, `"Past":[]`, `"Past":0`, 1), false},
	} {
		answers := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.body) })
		called(t, "http://localhost:9266", answers, func(t *testing.T, c *Client) {
			state, err := c.State(t.Context())
			if _, refused := errors.AsType[*Error](err); refused == test.ok || test.ok && string(state) != test.body {
				t.Errorf("%s is answered %s, %v", test.body, state, err)
			}
		})
	}
}

func TestAClientToWhomNobodyAnswersSaysWhichURL(t *testing.T) {
	refused := errors.New("connection refused")
	c, err := NewClient("http://localhost:9266", 0)
	if err != nil {
		t.Fatal(err)
	}
	c.http = &http.Client{Transport: broken{refused}}
	_, err = c.Upload(t.Context(), "x.mp4")
	failed, ok := errors.AsType[*url.Error](err)
	if !ok || failed.URL != "http://localhost:9266/emulator/upload" || !errors.Is(err, refused) {
		t.Errorf("error is %#v", err)
	}
}

func TestAClientWaitsTenSecondsForAnAnswer(t *testing.T) {
	silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	called(t, "http://localhost:9266", silent, func(t *testing.T, c *Client) {
		start := time.Now()
		_, err := c.State(t.Context())
		if _, ok := errors.AsType[*url.Error](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %#v", err)
		}
		if got := time.Since(start); got != 10*time.Second {
			t.Errorf("it waited for %v", got)
		}
	})
}

func TestNewClientRefusesWhatIsNoHTTPURL(t *testing.T) {
	for _, endpoint := range []string{"", "127.0.0.1", "127.0.0.1:9266", "localhost:9266", "ftp://localhost", "http://",
		"http://%zz"} {
		c, err := NewClient(endpoint, 0)
		if err == nil || c != nil || !strings.Contains(err.Error(), "it must be an http URL, such as http://127.0.0.1:9266") {
			t.Errorf("%q is answered %v, %v", endpoint, c, err)
		}
	}
}
