package tencent

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"
)

// PullAnswer calls PullEvents once, for a person to look at. It returns the Response of the answer as VOD sent it, byte
// for byte: an object with EventSet and RequestId. Of an EventSet with more than [worker.MaxBatch] elements only these are
// returned. An empty queue is an error here, with [ReasonEmpty], or an EventSet without events.
func (s *Source) PullAnswer(ctx context.Context) (json.RawMessage, error) {
	x, err := s.pull(ctx)
	if err != nil {
		return nil, err
	}
	return x.response, nil
}

// ConfirmAnswer calls ConfirmEvents once, and returns the Response of the answer: an object with RequestId. Its errors are
// those of Pull, and [worker.ErrRefused] if a handle is not accepted.
func (s *Source) ConfirmAnswer(ctx context.Context, handles []string) (json.RawMessage, error) {
	x, err := s.confirm(ctx, handles)
	if err != nil {
		return nil, err
	}
	return json.Marshal(vod.ConfirmEventsResponseParams{RequestId: &x.requestID})
}

// ClockAhead returns how far the API's clock is ahead of this machine's, by its last answer, to about a second: VOD refuses
// signatures that are more than 5 minutes off. It fails if nothing has answered yet.
func (s *Source) ClockAhead() (time.Duration, error) {
	last := s.transport.last.Load()
	if last == nil {
		return 0, errors.New("no call was answered")
	}
	return last.ahead()
}
