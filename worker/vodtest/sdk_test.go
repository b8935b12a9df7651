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
)

func sdkCode(err error) string {
	if api, ok := errors.AsType[*sdkerrors.TencentCloudSDKError](err); ok {
		return api.Code
	}
	return ""
}

func TestTheOfficialSDKPullsAndConfirms(t *testing.T) {
	for _, method := range []string{"POST", "GET"} {
		t.Run(method, func(t *testing.T) {
			server := NewServer(t, Config{Hold: -1})
			client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), method)

			fileID := server.Upload(appID, "lighthouse.mp4")
			taskID := server.Process(appID, fileID, "order 42")

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
}

func TestTheOfficialSDKSetsUpEvents(t *testing.T) {
	server := NewServer(t, Config{})
	client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), "POST")
	modify := vod.NewModifyEventConfigRequest()
	modify.Mode = common.StringPtr("PUSH")
	modify.NotificationUrl = common.StringPtr("http://127.0.0.1:8080/")
	if _, err := client.ModifyEventConfig(modify); err != nil {
		t.Fatal(err)
	}
	answer, err := client.DescribeEventConfig(vod.NewDescribeEventConfigRequest())
	if err != nil {
		t.Fatal(err)
	}
	if r := answer.Response; *r.Mode != "PUSH" || *r.NotificationUrl != "http://127.0.0.1:8080/" || *r.UploadMediaCompleteEventSwitch != "ON" {
		t.Errorf("answer is %s", answer.ToJsonString())
	}
	modify.Mode = common.StringPtr("BOTH")
	if _, err := client.ModifyEventConfig(modify); sdkCode(err) != "InvalidParameter" {
		t.Errorf("a mode that does not exist returns %v", err)
	}
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
		client.WithHttpTransport(wire(t, e))
		start := time.Now()
		if _, err := client.PullEvents(vod.NewPullEventsRequest()); sdkCode(err) != "ResourceNotFound" {
			t.Errorf("an empty queue returns %v", err)
		}
		wantElapsed(t, start, 5020*time.Millisecond)
	})
}
