package tencent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// Each code is classified once: what a program acts on, and what the worker does, follow from one reason.
func TestEachErrorHasAReasonAndAHint(t *testing.T) {
	fatal, throttled, refused := worker.ErrFatal, worker.ErrThrottled, worker.ErrRefused
	tests := []struct {
		action, code string
		reason       tencent.Reason
		kind         error // nil: transient
		hint         string
	}{
		{"PullEvents", "AuthFailure.SecretIdNotFound", tencent.ReasonKey, fatal, "there is no such key, or it was deleted or disabled: look at MY_ID"},
		{"PullEvents", "AuthFailure.SignatureFailure", tencent.ReasonKey, fatal, "look at MY_KEY"},
		{"PullEvents", "AuthFailure.InvalidSecretId", tencent.ReasonKey, fatal, "this is not an API key: look at MY_ID"},
		{"PullEvents", "AuthFailure.TokenFailure", tencent.ReasonKey, fatal, "this temporary key has ended, or has another token; a permanent key has none: look at MY_TOKEN"},
		{"PullEvents", "AuthFailure.MFAFailure", tencent.ReasonKey, fatal, "use one in MY_ID that does not"},
		{"PullEvents", "AuthFailure.NeverHeardOf", tencent.ReasonKey, fatal, "look at MY_ID and MY_KEY"},
		{"PullEvents", "AuthFailure.SignatureExpire", tencent.ReasonClock, nil, "clock"},
		{"PullEvents", "AuthFailure.UnauthorizedOperation", tencent.ReasonPermission, fatal, "allow vod:PullEvents for the key in MY_ID"},
		{"ConfirmEvents", "UnauthorizedOperation.NoPermission", tencent.ReasonPermission, fatal, "allow vod:ConfirmEvents"},
		{"PullEvents", "FailedOperation.InvalidVodUser", tencent.ReasonAccount, fatal, "not activated"},
		{"PullEvents", "FailedOperation.InvalidAccount", tencent.ReasonAccount, fatal, "look at the account of the key in MY_ID"},
		{"PullEvents", "IpNotInWhitelist", tencent.ReasonAccount, fatal, "address"},
		{"PullEvents", "IpInBlacklist", tencent.ReasonAccount, fatal, "address"},
		{"PullEvents", "InvalidParameter", tencent.ReasonSetting, fatal, "look at THE_APP and Options.Region"},
		{"PullEvents", "UnknownParameter", tencent.ReasonSetting, fatal, "look at THE_ENDPOINT"},
		{"PullEvents", "NoSuchVersion", tencent.ReasonSetting, fatal, "look at THE_ENDPOINT"},
		{"PullEvents", "NoSuchProduct", tencent.ReasonSetting, fatal, "look at THE_ENDPOINT"},
		{"PullEvents", "UnsupportedProtocol", tencent.ReasonSetting, fatal, "look at THE_ENDPOINT"},
		{"PullEvents", "ActionOffline", tencent.ReasonSetting, fatal, ""},
		{"PullEvents", "UnsupportedOperation", tencent.ReasonSetting, fatal, ""},
		{"PullEvents", "InvalidParameterValue.SubAppId", tencent.ReasonSetting, fatal, "look at THE_APP"},
		{"PullEvents", "MissingParameter", tencent.ReasonSetting, fatal, "must give THE_APP"},
		{"PullEvents", "ResourceNotFound.UserNotExist", tencent.ReasonSetting, fatal, "THE_APP"},
		{"PullEvents", "UnsupportedRegion", tencent.ReasonSetting, fatal, "look at Options.Region"},
		{"PullEvents", "InvalidAction", tencent.ReasonSetting, fatal, "look at THE_ENDPOINT"},
		{"PullEvents", "RequestLimitExceeded", tencent.ReasonQuota, throttled, ""},
		{"ConfirmEvents", "RequestLimitExceeded.UinLimitExceeded", tencent.ReasonQuota, throttled, ""},
		{"ConfirmEvents", "InvalidParameterValue", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "InvalidParameterValue.EventHandles", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "InvalidParameter", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "InvalidParameter.Expired", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "ResourceNotFound", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "ResourceNotFound.EventHandle", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "FailedOperation", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "FailedOperation.EventHandleExpired", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "LimitExceeded", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "ResourceUnavailable", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "NeverHeardOf", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "InternalErrorOfSorts", tencent.ReasonHandle, refused, ""},
		{"ConfirmEvents", "MissingParameter", tencent.ReasonSetting, refused, "must give THE_APP"},
		{"ConfirmEvents", "FailedOperation.InvalidVodUser", tencent.ReasonAccount, refused, "not activated"},
		{"ConfirmEvents", "AuthFailure.SecretIdNotFound", tencent.ReasonKey, nil, "look at MY_ID"},
		{"ConfirmEvents", "AuthFailure.SignatureExpire", tencent.ReasonClock, nil, "clock"},
		{"ConfirmEvents", "AuthFailure.UnauthorizedOperation", tencent.ReasonPermission, fatal, "allow vod:ConfirmEvents"},
		{"ConfirmEvents", "InternalError", tencent.ReasonAPI, nil, ""},
		{"ConfirmEvents", "InternalError.Whatever", tencent.ReasonAPI, nil, ""},
		{"PullEvents", "InternalError.Whatever", tencent.ReasonAPI, nil, ""},
		{"PullEvents", "FailedOperation.Whatever", tencent.ReasonAPI, nil, ""},
		{"PullEvents", "LimitExceeded", tencent.ReasonAPI, nil, ""},
		{"PullEvents", "ResourceUnavailable", tencent.ReasonAPI, nil, ""},
		{"PullEvents", "NeverHeardOf", tencent.ReasonAPI, nil, ""},
	}
	tried := map[tencent.Reason]bool{ // in tests of their own
		tencent.ReasonEmpty: true, tencent.ReasonUnreachable: true, tencent.ReasonCancelled: true,
	}
	for _, test := range tests {
		tried[test.reason] = true
		source := newSource(t, tencent.Options{
			Endpoint: answering(t, body(fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"no"},"RequestId":"r"}}`, test.code))),
			Credentials: &tencent.Credentials{
				SecretID: "AKID", IDFrom: "MY_ID", SecretKey: "secret", KeyFrom: "MY_KEY", Token: "token", TokenFrom: "MY_TOKEN",
			},
			From: tencent.Origins{SubAppID: "THE_APP", Endpoint: "THE_ENDPOINT"},
		})
		err := source.Confirm(t.Context(), []string{"1"})
		if test.action == "PullEvents" {
			_, err = source.Pull(t.Context())
		}
		api, ok := errors.AsType[*tencent.Error](err)
		if !ok || api.Reason != test.reason || !strings.Contains(api.Hint, test.hint) || (api.Hint == "") != (test.hint == "") {
			t.Errorf("%s of %s: %+v", test.code, test.action, api)
		}
		for _, kind := range []error{fatal, throttled, refused} {
			if is := errors.Is(err, kind); is != errors.Is(test.kind, kind) {
				t.Errorf("%s of %s is %v: %v", test.code, test.action, kind, is)
			}
		}
		if strings.Contains(err.Error(), "{") {
			t.Errorf("%s of %s: a place is not filled in: %v", test.code, test.action, err)
		}
	}
	for _, reason := range tencent.Reasons() {
		if !tried[reason] {
			t.Errorf("no code has the reason %s", reason)
		}
	}
}

// A stop is no outage.
func TestACallThatWasEndedIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	source := newSource(t, tencent.Options{Endpoint: answering(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})})
	_, err := source.Pull(ctx)
	if api, ok := errors.AsType[*tencent.Error](err); !ok || api.Reason != tencent.ReasonCancelled {
		t.Errorf("%+v", err)
	}
}

func TestWhatDoesNotAnswerIsUnreachable(t *testing.T) {
	for name, endpoint := range map[string]string{
		"nobody there": "http://127.0.0.1:1", "a page": answering(t, body("<html>")), "half an answer": answering(t, body(`{"Response":{`)),
	} {
		_, err := newSource(t, tencent.Options{Endpoint: endpoint}).Pull(t.Context())
		if api, ok := errors.AsType[*tencent.Error](err); !ok || api.Reason != tencent.ReasonUnreachable {
			t.Errorf("%s: %+v", name, err)
		}
	}
}
