// Package post posts normal callbacks: what their bodies look like, and one try to deliver one.
package post

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
)

// maxAnswer is how much of an answer to a callback is read, though it means nothing: a receiver that has written all of
// it is not cut off.
const maxAnswer = 64 << 10

// ErrTimeout is the cause with which the context of [Poster.Post] ends when a try was given all of its time.
var ErrTimeout = errors.New("no answer in time")

// A Poster says how callbacks are posted. None of its fields may be zero.
type Poster struct {
	Transport   http.RoundTripper
	ContentType string
}

// Post makes one try, until ctx ends: its cause is the error then. Any answer is a success. An error shows nothing of the address
// that may be secret.
func (p Poster) Post(ctx context.Context, address string, body []byte) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the NotificationUrl cannot be called") // it was checked, and the error would show it
	}
	r.Header.Set("Content-Type", p.ContentType)
	response, err := p.Transport.RoundTrip(r) // follows no redirect: that is an answer too
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return response.StatusCode, nil
}

// IsTimeout tells the errors of Post that mean that there was no answer in time from others.
func IsTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, ErrTimeout) || ok && timeout.Timeout()
}
