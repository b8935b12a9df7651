package vodtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func sdkCode(err error) string {
	if api, ok := errors.AsType[*sdkerrors.TencentCloudSDKError](err); ok {
		return api.Code
	}
	return ""
}

// The signatures that the official SDKs know, each by both methods.
func eachSignature(t *testing.T, f func(t *testing.T, signature, method string)) {
	for _, signature := range []string{"TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1"} {
		for _, method := range []string{"POST", "GET"} {
			t.Run(signature+" "+method, func(t *testing.T) { f(t, signature, method) })
		}
	}
}

func TestTheOfficialSDKPullsAndConfirms(t *testing.T) {
	eachSignature(t, func(t *testing.T, signature, method string) {
		server := NewServer(t, Config{Hold: -1})
		client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), method)
		client.WithSignatureMethod(signature)

		fileID := server.Upload(appID, "lighthouse.mp4")
		taskID := server.Process(appID, fileID, "order 42")

		state := vod.NewDescribeEventsStateRequest()
		state.SubAppId = common.Uint64Ptr(appID)
		if answer, err := client.DescribeEventsState(state); err != nil || *answer.Response.CountOfEventsToPull != 2 {
			t.Fatalf("DescribeEventsState returns %v, %v", answer.Response, err)
		}

		pull := vod.NewPullEventsRequest()
		pull.SubAppId = common.Uint64Ptr(appID)
		answer, err := client.PullEvents(pull)
		if err != nil {
			t.Fatal(err)
		}
		set := answer.Response.EventSet
		if len(set) != 2 || *set[0].FileUploadEvent.FileId != fileID || *set[1].ProcedureStateChangeEvent.TaskId != taskID {
			t.Fatalf("answer is %s", answer.ToJsonString())
		}
		if answer, err := client.DescribeEventsState(state); err != nil || *answer.Response.CountOfEventsToPull != 0 {
			t.Fatalf("DescribeEventsState returns %v, %v", answer.Response, err)
		}

		confirm := vod.NewConfirmEventsRequest()
		confirm.SubAppId = common.Uint64Ptr(appID)
		confirm.EventHandles = []*string{set[0].EventHandle, set[1].EventHandle}
		if _, err := client.ConfirmEvents(confirm); err != nil {
			t.Fatal(err)
		}
		if items := server.Queued(appID); len(items) != 0 {
			t.Errorf("queued are %+v", items)
		}
		if _, err := client.ConfirmEvents(confirm); sdkCode(err) != "InvalidParameterValue" {
			t.Errorf("a second confirm returns %v", err)
		}
		if _, err := client.PullEvents(pull); sdkCode(err) != "ResourceNotFound" {
			t.Errorf("an empty queue returns %v", err)
		}
	})
}

func TestTheOfficialSDKSetsUpEvents(t *testing.T) {
	eachSignature(t, func(t *testing.T, signature, method string) {
		server := NewServer(t, Config{})
		client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), method)
		client.WithSignatureMethod(signature)
		const url = "http://127.0.0.1:8080/a b?c=1&d=%2B+\u00e4&Signature="
		modify := vod.NewModifyEventConfigRequest()
		modify.Mode = common.StringPtr("PUSH")
		modify.NotificationUrl = common.StringPtr(url)
		if _, err := client.ModifyEventConfig(modify); err != nil {
			t.Fatal(err)
		}
		answer, err := client.DescribeEventConfig(vod.NewDescribeEventConfigRequest())
		if err != nil {
			t.Fatal(err)
		}
		if r := answer.Response; *r.Mode != "PUSH" || *r.NotificationUrl != url || *r.UploadMediaCompleteEventSwitch != "ON" {
			t.Errorf("answer is %s", answer.ToJsonString())
		}
		modify.Mode = common.StringPtr("BOTH")
		if _, err := client.ModifyEventConfig(modify); sdkCode(err) != "InvalidParameter" {
			t.Errorf("a mode that does not exist returns %v", err)
		}
	})
}

func TestTheOfficialSDKsRequestsAreRefusedForWhatIsWrongWithThem(t *testing.T) {
	eachSignature(t, func(t *testing.T, signature, method string) {
		server := NewServer(t, Config{})
		endpoint := strings.TrimPrefix(server.URL, "http://")
		key, ended := server.Issue(time.Hour), server.Issue(-time.Hour)
		for _, test := range []struct {
			name           string
			id, key, token string
			skew           time.Duration
			want           string
		}{
			{name: "nothing", id: DefaultSecretID, key: DefaultSecretKey},
			{name: "key", id: DefaultSecretID, key: "other", want: "AuthFailure.SignatureFailure"},
			{name: "id", id: "AKIDother", key: DefaultSecretKey, want: "AuthFailure.SecretIdNotFound"},
			{name: "temporary key", id: key.SecretID, key: key.SecretKey, token: key.Token},
			{name: "no token", id: key.SecretID, key: key.SecretKey, want: "AuthFailure.TokenFailure"},
			{name: "other token", id: key.SecretID, key: key.SecretKey, token: ended.Token, want: "AuthFailure.TokenFailure"},
			{name: "ended", id: ended.SecretID, key: ended.SecretKey, token: ended.Token, want: "AuthFailure.TokenFailure"},
			{name: "clock", id: DefaultSecretID, key: DefaultSecretKey, skew: 6 * time.Minute, want: "AuthFailure.SignatureExpire"},
			{name: "clock before", id: DefaultSecretID, key: DefaultSecretKey, skew: -6 * time.Minute,
				want: "AuthFailure.SignatureExpire"},
		} {
			client := sdkClient(t, "", "", endpoint, method)
			client.WithSignatureMethod(signature).WithCredential(common.NewTokenCredential(test.id, test.key, test.token))
			server.SetSkew(test.skew)
			_, err := client.DescribeEventConfig(vod.NewDescribeEventConfigRequest())
			if got := sdkCode(err); got != test.want || test.want == "" && err != nil {
				t.Errorf("%s: %v, want %q", test.name, err, test.want)
			}
		}
	})
}

func TestTheOfficialSDKIsRefusedWithWrongCredentials(t *testing.T) {
	server := NewServer(t, Config{SecretID: "AKIDmine", SecretKey: "mine"})
	for _, test := range []struct{ id, key, want string }{
		{"AKIDmine", "mine", ""},
		{"AKIDmine", "yours", "AuthFailure.SignatureFailure"},
		{DefaultSecretID, "mine", "AuthFailure.SecretIdNotFound"},
	} {
		client := sdkClient(t, test.id, test.key, strings.TrimPrefix(server.URL, "http://"), "POST")
		_, err := client.DescribeEventConfig(vod.NewDescribeEventConfigRequest())
		if got := sdkCode(err); got != test.want || test.want == "" && err != nil {
			t.Errorf("with %s and %s: %v, want %q", test.id, test.key, err, test.want)
		}
	}
}

func TestTheOfficialSDKNeedNotSignItsBody(t *testing.T) {
	server := NewServer(t, Config{})
	client := sdkClient(t, DefaultSecretID, DefaultSecretKey, "", "POST")
	unsigned := profile.NewClientProfile()
	unsigned.UnsignedPayload = true
	unsigned.HttpProfile.Endpoint = strings.TrimPrefix(server.URL, "http://")
	unsigned.HttpProfile.Scheme = "HTTP"
	client.WithProfile(unsigned)
	if _, err := client.DescribeEventConfig(vod.NewDescribeEventConfigRequest()); err != nil {
		t.Error(err)
	}
}

func TestTheOfficialSDKIsHeldInABubble(t *testing.T) {
	bubble(t, Config{RoundTrip: 20 * time.Millisecond}, func(t *testing.T, e *Emulator) {
		client := sdkClient(t, DefaultSecretID, DefaultSecretKey, "vod.example.com", "POST")
		client.WithHttpTransport(pipe.Serve(t, e))
		start := time.Now()
		if _, err := client.PullEvents(vod.NewPullEventsRequest()); sdkCode(err) != "ResourceNotFound" {
			t.Errorf("an empty queue returns %v", err)
		}
		wantElapsed(t, start, 5020*time.Millisecond)
	})
}
