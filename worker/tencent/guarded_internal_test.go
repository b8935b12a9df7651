package tencent

import (
	"context"
	"errors"
	"strings"
	"testing"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker"
)

func TestAPanicOfTheSDKIsATransientErrorWithoutWhatItHolds(t *testing.T) {
	source, err := New(Options{Credentials: &Credentials{SecretID: "AKID", SecretKey: "key"}})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var nothing *vod.PullEventsResponse
	for name, fail := range map[string]func(){
		"nil pointer dereference": func() { _ = nothing.Response.RequestId },
		"index out of range":      func() { _ = make([]int, 0)[len(t.Name())] },
		"a string":                func() { panic("hunter2") },
		"a *errors.errorString":   func() { panic(errors.New("hunter2")) },
		"a map[string]string":     func() { panic(map[string]string{"token": "hunter2"}) },
	} {
		got := source.call(t.Context(), &exchange{action: actionConfirm}, func(context.Context, *vod.Client) error {
			fail()
			return nil
		})
		if got == nil || got.Reason != ReasonUnreachable || strings.Contains(got.Error(), "hunter2") || !strings.Contains(got.Error(), name) {
			t.Errorf("%s: %v", name, got)
		}
		for _, kind := range []error{worker.ErrFatal, worker.ErrRefused, worker.ErrThrottled} {
			if errors.Is(got, kind) {
				t.Errorf("%s: %v", kind, got)
			}
		}
	}
}
