package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

const (
	// An answer is read this far, so that its connection can be used again. One that is longer, or slower, costs its
	// connection.
	maxAnswer     = 64 << 10 // bytes
	maxAnswerTime = time.Second

	maxSnippet = 200 // bytes of a failure's body that its error shows

	maxRetryAfter = 24 * time.Hour
)

// judge turns an answer that is none of the 2xx into Handle's result.
func (w *Webhook) judge(ctx context.Context, a answer, with *keys) error {
	status := a.StatusCode
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		w.keys.refuse(ctx, with)
	}
	text := fmt.Sprintf("post to %s: answered %d %s", w.name, status, http.StatusText(status))
	if status/100 == 3 {
		if location, err := a.Location(); err == nil {
			text += ", to " + with.public(publicURL(location))
		}
		text += ": redirects are not followed, configure the final URL"
	} else if snippet := with.public(string(a.body)); snippet != "" {
		text += ": " + snippet
	}
	err := errors.New(text)
	if status == http.StatusBadRequest && isOfTLS(a.body) {
		return worker.Unreachable(err)
	}
	if refused(status) {
		return worker.Permanent(err)
	}
	err = afterPause(a, err)
	if unmoved(status) {
		err = worker.Unreachable(err)
	}
	return err
}

// afterPause adds the pause that an answer asks for.
func afterPause(a answer, err error) error {
	if pause := retryAfter(a.Header.Get("Retry-After")); pause > 0 {
		return worker.RetryAfter(pause, err)
	}
	return err
}

// refused reports whether the receiver has said of this very event that it will never take it. The other 4xx may speak of
// a key that is being replaced, or of a route that is not there yet.
func refused(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// isOfTLS reports whether a 400 is that of nginx or Go for a connection without TLS, or without the right client certificate.
func isOfTLS(body []byte) bool {
	return slices.ContainsFunc([]string{
		"No required SSL certificate was sent", "The SSL certificate error",
		"plain HTTP request was sent to HTTPS port", "sent an HTTP request to an HTTPS server",
	}, func(text string) bool { return bytes.Contains(body, []byte(text)) })
}

// unmoved reports whether the answer would have been the same for any event: nobody has looked at this one.
func unmoved(status int) bool {
	return status/100 == 3 || status == http.StatusProxyAuthRequired || status == http.StatusTooManyRequests
}

// retryAfter reads a Retry-After header: seconds, or a date. It is 0 if the header is neither, or in the past.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.ParseUint(header, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(0, time.Until(date)), maxRetryAfter)
}

// watch returns a context that keeps connected up to date: whether a post has a connection, through a proxy and with TLS if
// need be. net/http takes another one if nothing of the post could be written to the first.
func watch(ctx context.Context, connected *bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { *connected = false },
		GotConn: func(httptrace.GotConnInfo) { *connected = true },
	})
}

// noAnswer describes why there is none. net/http's own error is taken apart, and not wrapped: it shows the whole URL.
func (w *Webhook) noAnswer(ctx context.Context, connected bool, err error, with *keys) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	refused := refusesCertificate(err)
	if ctx.Err() != nil {
		err = fmt.Errorf("post to %s: no answer: %w", w.name, say.Ended(ctx))
	} else {
		err = fmt.Errorf("post to %s: no answer: %s", w.name, with.public(err.Error())+w.opts.advice(err))
	}
	if !connected || refused {
		return worker.Unreachable(err)
	}
	return err
}
