package tencent_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestOnlyTheSettingsThatAreGivenAreSent(t *testing.T) {
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		fmt.Fprint(w, `{"Response":{"RequestId":"1"}}`)
	}))
	t.Cleanup(server.Close)
	text := func(s string) *string { return &s }
	set := func(b bool) *bool { return &b }
	for want, change := range map[string]tencent.SettingsChange{
		`{}`:                      {},
		`{"NotificationUrl":""}`:  {NotificationURL: text("")},
		`{"Mode":"PULL"}`:         {Mode: text(tencent.ModePull)},
		`{"SignKey":"abcDEF123"}`: {SignKey: text("abcDEF123")},
		`{"NotificationUrl":"u"}`: {NotificationURL: text("u")},
		`{"Mode":"PUSH","UploadMediaCompleteEventSwitch":"ON","DeleteMediaCompleteEventSwitch":"OFF"}`: {
			Mode: text(tencent.ModePush), Upload: set(true), Deletion: set(false),
		},
		`{"PersistenceCompleteEventSwitch":"OFF"}`: {Persistence: set(false)},
	} {
		if err := newSource(t, tencent.Options{Endpoint: server.URL}).ChangeSettings(t.Context(), change); err != nil {
			t.Error(err)
		}
		if sent != want {
			t.Errorf("sent %s, want %s", sent, want)
		}
	}
	if err := newSource(t, tencent.Options{Endpoint: server.URL, SubAppID: 1500000001}).ChangeSettings(t.Context(), tencent.SettingsChange{}); err != nil {
		t.Error(err)
	}
	if want := `{"SubAppId":1500000001}`; sent != want {
		t.Errorf("sent %s, want %s", sent, want)
	}
}

func TestSettingsAreReadBackAsTheyWereChanged(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	source := newSource(t, tencent.Options{Endpoint: server.URL, SubAppID: 7})
	got, err := source.Settings(t.Context())
	if want := (tencent.Settings{Mode: tencent.ModePull, Upload: true}); err != nil || got != want {
		t.Errorf("at first: %+v, %v, want %+v", got, err, want)
	}
	want := tencent.Settings{Mode: tencent.ModePush, NotificationURL: "https://example.com/?a=1&b=2", Deletion: true, Persistence: true}
	key := "abcDEF123"
	err = source.ChangeSettings(t.Context(), tencent.SettingsChange{
		Mode: &want.Mode, NotificationURL: &want.NotificationURL, SignKey: &key,
		Upload: &want.Upload, Deletion: &want.Deletion, Persistence: &want.Persistence,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err = source.Settings(t.Context()); err != nil || got != want {
		t.Errorf("changed: %+v, %v, want %+v", got, err, want)
	}
	if got, err := newSource(t, tencent.Options{Endpoint: server.URL}).Settings(t.Context()); err != nil || got.Mode != tencent.ModePull {
		t.Errorf("another application: %+v, %v", got, err)
	}
}

func TestTheBacklogIsWhatVODCounts(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	server.Upload(7, "a.mp4")
	for id, want := range map[uint64]uint64{0: 0, 7: 1} {
		if n, err := newSource(t, tencent.Options{Endpoint: server.URL, SubAppID: id}).Backlog(t.Context()); err != nil || n != want {
			t.Errorf("application %d: %d, %v", id, n, err)
		}
	}
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(`{"Response":{"CountOfEventsToPull":9007199254740993,"RequestId":"1"}}`))})
	if n, err := source.Backlog(t.Context()); err != nil || n != 9007199254740993 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestErrorsOfAllActionsAreClassifiedAlike(t *testing.T) {
	for action, call := range actions {
		for answer, want := range map[string]error{
			`{"Response":{"Error":{"Code":"UnauthorizedOperation","Message":"no"},"RequestId":"r"}}`:    worker.ErrFatal,
			`{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"slow"},"RequestId":"r"}}`:   worker.ErrThrottled,
			`{"Response":{"Error":{"Code":"InternalError","Message":"later"},"RequestId":"r"}}`:         nil,
			`{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":""},"RequestId":""}}`: nil,
			`{}`:                nil,
			`{"Response":null}`: nil,
			`<html>`:            nil,
		} {
			err := call(t.Context(), newSource(t, tencent.Options{Endpoint: answering(t, body(answer))}))
			var api *tencent.Error
			if !errors.As(err, &api) || api.Action != action || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s answered %s: %v", action, answer, err)
			}
			for _, kind := range []error{worker.ErrFatal, worker.ErrThrottled, worker.ErrRefused} {
				if errors.Is(err, kind) != (kind == want) {
					t.Errorf("%s answered %s: %v is %v: %v", action, answer, err, kind, errors.Is(err, kind))
				}
			}
		}
	}
}
