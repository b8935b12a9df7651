package tencent

import (
	"context"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// The modes of an application: it has one of them, never both.
const (
	ModePull = "PULL" // reliable callbacks: events are queued, and pulled
	ModePush = "PUSH" // normal callbacks: events are posted to NotificationURL
)

// Settings are an application's event settings, as DescribeEventConfig tells them. The sign key of normal callbacks can
// be set, but not be read.
type Settings struct {
	Mode            string // ModePull, ModePush
	NotificationURL string // where ModePush posts; empty: nowhere
	Upload          bool   // NewFileUpload is sent; VOD's default is false
	Deletion        bool   // FileDeleted is sent; VOD's default is false
	Persistence     bool   // PersistenceComplete is sent; VOD's default is false
}

// A SettingsChange is what ModifyEventConfig is to change. Nil leaves a setting as it is.
type SettingsChange struct {
	Mode            *string // ModePull, ModePush
	NotificationURL *string // an empty one removes the URL
	Upload          *bool
	Deletion        *bool
	Persistence     *bool
	SignKey         *string // up to 32 letters and digits
}

// Settings calls DescribeEventConfig once. Its errors are those of Pull.
func (s *Source) Settings(ctx context.Context) (Settings, error) {
	request := vod.NewDescribeEventConfigRequest()
	request.SubAppId = s.application()
	var settings Settings
	err := s.call(ctx, &exchange{action: "DescribeEventConfig"}, func(ctx context.Context, client *vod.Client) error {
		response, err := client.DescribeEventConfigWithContext(ctx, request)
		if err != nil {
			return err
		}
		r := response.Response
		if r == nil || r.Mode == nil {
			return bad("the answer has no Mode")
		}
		settings = Settings{
			Mode:            clean(*r.Mode),
			NotificationURL: say.OneLine(valueOf(r.NotificationUrl), maxURL),
			Upload:          valueOf(r.UploadMediaCompleteEventSwitch) == on,
			Deletion:        valueOf(r.DeleteMediaCompleteEventSwitch) == on,
			Persistence:     valueOf(r.PersistenceCompleteEventSwitch) == on,
		}
		return nil
	})
	if err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// ChangeSettings calls ModifyEventConfig once. Its errors are those of Pull; after a transient one the change may have
// been made all the same.
func (s *Source) ChangeSettings(ctx context.Context, change SettingsChange) error {
	request := vod.NewModifyEventConfigRequest()
	request.SubAppId = s.application()
	request.Mode = change.Mode
	request.NotificationUrl = change.NotificationURL
	request.UploadMediaCompleteEventSwitch = switchOf(change.Upload)
	request.DeleteMediaCompleteEventSwitch = switchOf(change.Deletion)
	request.PersistenceCompleteEventSwitch = switchOf(change.Persistence)
	request.SignKey = change.SignKey
	x := &exchange{action: "ModifyEventConfig", hide: valueOf(change.SignKey)}
	err := s.call(ctx, x, func(ctx context.Context, client *vod.Client) error {
		_, err := client.ModifyEventConfigWithContext(ctx, request)
		return err
	})
	if err != nil {
		return err
	}
	return nil
}

// Backlog calls DescribeEventsState once: about how many events wait to be pulled. VOD's count is some minutes old, so
// 0 does not mean that the queue is empty. Its errors are those of Pull.
func (s *Source) Backlog(ctx context.Context) (uint64, error) {
	request := vod.NewDescribeEventsStateRequest()
	request.SubAppId = s.application()
	var events uint64
	err := s.call(ctx, &exchange{action: "DescribeEventsState"}, func(ctx context.Context, client *vod.Client) error {
		response, err := client.DescribeEventsStateWithContext(ctx, request)
		if err != nil {
			return err
		}
		if response.Response == nil || response.Response.CountOfEventsToPull == nil {
			return bad("the answer has no CountOfEventsToPull")
		}
		events = *response.Response.CountOfEventsToPull
		return nil
	})
	if err != nil {
		return 0, err
	}
	return events, nil
}

const on, off = "ON", "OFF"

const maxURL = 2048 // bytes of a callback URL that are shown

func switchOf(set *bool) *string {
	switch {
	case set == nil:
		return nil
	case *set:
		return common.StringPtr(on)
	}
	return common.StringPtr(off)
}

func valueOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
